//! Objects: files in a storage that speaks the protocol of S3. The only place that names the client of it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ClientOptions, MultipartUpload, ObjectStore as _, ObjectStoreExt as _, RetryConfig};

/// The smallest piece that a storage takes, unless it is the last one.
const PIECE_BYTES: usize = 5 * 1024 * 1024;

/// How often a request is sent again. Whoever waits for the file tries again later.
const RETRIES: usize = 2;

/// How long it may take to reach the storage, and how long the storage may say nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a storage is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct S3 {
    /// The bucket.
    pub bucket: String,
    /// What the keys of all objects begin with; may be empty.
    pub prefix: String,
    /// Where it is; empty: at AWS.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// Who asks; empty: whoever this machine is there.
    pub access_key_id: String,
    /// The secret of who asks.
    pub secret_access_key: String,
    /// Whether it may be reached without TLS.
    pub allow_http: bool,
}

/// Secrets stay out of debug output.
impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").field("bucket", &self.bucket).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// The storage did not do it.
#[derive(Debug)]
pub struct Error(object_store::Error);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        Self(error)
    }
}

/// A storage of objects.
#[derive(Debug, Clone)]
pub struct Objects {
    store: Arc<AmazonS3>,
    prefix: String,
}

impl Objects {
    /// The storage with these settings. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When the settings do not fit together.
    pub fn new(settings: &S3) -> Result<Self, Error> {
        let client =
            ClientOptions::new().with_timeout_disabled().with_connect_timeout(PATIENCE).with_read_timeout(PATIENCE);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_allow_http(settings.allow_http)
            .with_disable_bulk_delete(true)
            .with_client_options(client.with_allow_http(settings.allow_http))
            .with_retry(RetryConfig { max_retries: RETRIES, retry_timeout: PATIENCE, ..Default::default() });
        if !settings.endpoint.is_empty() {
            builder = builder.with_endpoint(&settings.endpoint);
        }
        if !settings.access_key_id.is_empty() {
            builder =
                builder.with_access_key_id(&settings.access_key_id).with_secret_access_key(&settings.secret_access_key);
        }
        Ok(Self { store: Arc::new(builder.build()?), prefix: settings.prefix.clone() })
    }

    /// The whole key of an object.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        Path::from(format!("{}/{name}", self.prefix)).to_string()
    }

    /// Begins an object. It is not there before it is finished.
    #[must_use]
    pub fn begin(&self, key: &str) -> Upload {
        Upload { objects: self.clone(), path: Path::from(key), multipart: None, piece: Vec::new() }
    }

    /// The bytes of an object, as they come.
    ///
    /// # Errors
    /// When it is not there, or the storage is not.
    pub async fn read(&self, key: &str) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        Ok(self.store.get(&Path::from(key)).await?.into_stream().map_err(Error).boxed())
    }

    /// Removes an object. One that is not there is no error.
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        match self.store.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes every object below a key.
    pub async fn delete_below(&self, key: &str) -> Result<(), Error> {
        let found: Vec<_> = self.store.list(Some(&Path::from(key))).try_collect().await?;
        for object in found {
            self.delete(object.location.as_ref()).await?;
        }
        Ok(())
    }
}

/// An object that is being written, in pieces of a size that the storage takes.
#[derive(Debug)]
pub struct Upload {
    objects: Objects,
    path: Path,
    multipart: Option<Box<dyn MultipartUpload>>,
    piece: Vec<u8>,
}

impl Upload {
    /// The key that the object will have.
    #[must_use]
    pub fn key(&self) -> String {
        self.path.to_string()
    }

    /// Adds bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() < PIECE_BYTES {
            return Ok(());
        }
        let mut multipart = match self.multipart.take() {
            Some(multipart) => multipart,
            None => self.objects.store.put_multipart(&self.path).await?,
        };
        let put = multipart.put_part(std::mem::take(&mut self.piece).into());
        self.multipart = Some(multipart);
        Ok(put.await?)
    }

    /// The object is whole, and there.
    pub async fn finish(&mut self) -> Result<(), Error> {
        let rest = std::mem::take(&mut self.piece);
        match self.multipart.as_mut() {
            None => drop(self.objects.store.put(&self.path, rest.into()).await?),
            Some(multipart) => {
                multipart.put_part(rest.into()).await?;
                multipart.complete().await?;
            }
        }
        self.multipart = None;
        Ok(())
    }

    /// Nobody wants the object any more, unless it is whole. Pieces that cannot be removed now are for the rules of the storage to remove.
    pub async fn abort(&mut self) {
        if let Some(mut multipart) = self.multipart.take()
            && let Err(error) = multipart.abort().await
        {
            tracing::warn!(%error, key = %self.path, "pieces of an object stay behind");
        }
    }
}
