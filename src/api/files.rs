//! The wrapper around handlers that answer with a file. Files are kept compressed: whoever takes gzip gets them as they are, all others
//! uncompressed as they go. Over gRPC they are never compressed: that is the channel's business.

use std::io::Write as _;

use bytes::Bytes;
use flate2::write::GzDecoder;
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, Stream, StreamExt as _, iter, try_unfold};
use http::{HeaderMap, HeaderValue, header};
use tonic::{Request, Response, Status};
use transcode::{HttpBody, Validate};

use super::edge::Target;
use super::streams::{Messages, Streamed};
use super::{Api, Wire};
use crate::app::{Error, Read};
use crate::contract::conventions::RequestMessage;
use crate::contract::policy::Method;
use crate::domain::violation::Violation;

/// Compressed bytes that are taken at a time: they become a thousand times as many at most.
const TAKEN: usize = 4 * 1024;

/// The longest message; gRPC clients take 4 MiB at most unless told otherwise.
const MESSAGE: usize = 256 * 1024;

/// A file, as a handler answers with it.
pub(super) struct File {
    /// What it is: `text/csv`.
    pub(super) media_type: &'static str,
    /// What its content type says beside that.
    pub(super) parameters: &'static str,
    /// What to call it.
    pub(super) name: String,
    /// Its bytes, compressed by gzip.
    pub(super) gzip: BoxStream<'static, Result<Bytes, Error>>,
}

/// How a client wants a file.
struct Wish {
    /// Whether it takes HTTP headers for what they are.
    is_rest: bool,
    /// Its `Accept` and `Accept-Encoding`.
    headers: HeaderMap,
}

impl Api {
    /// Answers with a file.
    pub(super) async fn file<M, I, F>(
        &self,
        method: &'static Method,
        request: Request<M>,
        run: F,
    ) -> Result<Response<Messages<HttpBody>>, Status>
    where
        M: Validate + RequestMessage,
        I: TryFrom<M, Error = Vec<Violation>> + Send + 'static,
        F: FnOnce(Read, I) -> BoxFuture<'static, Result<File, Error>> + Send + 'static,
    {
        let target = request.extensions().get::<Target>();
        let wish = Wish {
            is_rest: target.is_some_and(|target| target.wire == Wire::Rest),
            headers: request.metadata().as_ref().clone(),
        };
        let run = move |call, input| -> BoxFuture<'static, _> {
            Box::pin(async move { wish.streamed(run(call, input).await?) })
        };
        self.stream(method, request, run).await
    }
}

impl Wish {
    fn streamed(&self, file: File) -> Result<Streamed<HttpBody>, Error> {
        let mut headers = HeaderMap::new();
        let disposition = format!("attachment; filename=\"{}\"", file.name);
        if let Ok(disposition) = HeaderValue::try_from(disposition) {
            headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
        let content_type = format!("{}{}", file.media_type, file.parameters);
        if !self.is_rest {
            return Ok(Streamed { headers, messages: messages(content_type, plain(file.gzip)) });
        }
        if !transcode::accepts(&self.headers, &[file.media_type]) {
            return Err(Error::NotAcceptable { offered: file.media_type });
        }
        headers.insert(header::VARY, HeaderValue::from_static("Authorization, Accept, Accept-Encoding"));
        if !takes_gzip(&self.headers) {
            return Ok(Streamed { headers, messages: messages(content_type, plain(file.gzip)) });
        }
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        Ok(Streamed { headers, messages: messages(content_type, file.gzip) })
    }
}

/// Whether the client takes gzip (RFC 9110, section 12.5.3). Nobody has to compress: a client that says nothing gets it plain.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let codings: Vec<_> = lines.flat_map(|line| line.split(',')).map(coding).collect();
    let of =
        |names: &[&str]| codings.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, wanted)| *wanted);
    of(&["gzip", "x-gzip"]).or_else(|| of(&["*"])).unwrap_or(false)
}

/// A coding, and whether it is wanted at all.
fn coding(text: &str) -> (String, bool) {
    let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
    let quality = parameters.trim().strip_prefix("q=").or_else(|| parameters.trim().strip_prefix("Q="));
    let is_zero = quality.is_some_and(|quality| quality.trim().bytes().all(|digit| digit == b'0' || digit == b'.'));
    (name.trim().to_ascii_lowercase(), !is_zero)
}

/// Bytes as messages. The first says what they are, whether or not there are any.
fn messages(
    content_type: String,
    bytes: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
) -> BoxStream<'static, Result<HttpBody, Error>> {
    let pieces = bytes.flat_map(|piece| {
        let cut = match piece {
            Ok(piece) => cut(piece).map(Ok).collect(),
            Err(error) => vec![Err(error)],
        };
        iter(cut)
    });
    let told = try_unfold((pieces.boxed(), Some(content_type)), |(mut pieces, mut content_type)| async move {
        let data = match pieces.next().await.transpose()? {
            Some(data) => data,
            None if content_type.is_some() => Bytes::new(),
            None => return Ok(None),
        };
        let content_type = content_type.take().unwrap_or_default();
        Ok(Some((HttpBody { content_type, data, extensions: Vec::new() }, (pieces, None))))
    });
    told.boxed()
}

/// Pieces that fit into a message.
fn cut(mut bytes: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        let length = bytes.len().min(MESSAGE);
        (length > 0).then(|| bytes.split_to(length))
    })
}

/// Uncompresses as it goes: memory holds what a few compressed bytes become.
fn plain(gzip: BoxStream<'static, Result<Bytes, Error>>) -> BoxStream<'static, Result<Bytes, Error>> {
    let state = (gzip, Some(GzDecoder::new(Vec::new())), Bytes::new());
    let pieces = try_unfold(state, |(mut gzip, mut decoder, mut left)| async move {
        loop {
            let Some(open) = decoder.as_mut() else { return Ok(None) };
            if left.is_empty() {
                let Some(piece) = gzip.next().await.transpose()? else {
                    open.try_finish().map_err(|error| broken(&error))?;
                    let rest = std::mem::take(open.get_mut());
                    return Ok(Some((Bytes::from(rest), (gzip, None, left))));
                };
                left = piece;
            }
            let taken = left.split_to(left.len().min(TAKEN));
            open.write_all(&taken).map_err(|error| broken(&error))?;
            let text = std::mem::take(open.get_mut());
            if !text.is_empty() {
                return Ok(Some((Bytes::from(text), (gzip, decoder, left))));
            }
        }
    });
    pieces.boxed()
}

fn broken(error: &std::io::Error) -> Error {
    Error::Fault(format!("a stored file is broken: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn of(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn only_who_takes_gzip_gets_it() {
        for (value, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("x-gzip", true),
            ("identity", false),
            ("", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000, *", false),
            ("*;q=0", false),
            ("br", false),
        ] {
            assert_eq!(takes_gzip(&of(header::ACCEPT_ENCODING, value)), expected, "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn a_file_is_uncompressed_in_small_pieces() {
        let text = b"all the same, ".repeat(1_000_000);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&text).expect("compressed");
        let gzip = gzip.finish().expect("compressed");
        let pieces: Vec<_> = gzip.chunks(10_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let stream = messages("text/csv".to_owned(), plain(iter(pieces).boxed()));
        let found: Vec<_> = stream.collect::<Vec<_>>().await.into_iter().collect::<Result<_, _>>().expect("whole");
        assert_eq!((found[0].content_type.as_str(), found[1].content_type.as_str()), ("text/csv", ""));
        assert!(found.iter().all(|message| message.data.len() <= MESSAGE));
        assert_eq!(found.iter().flat_map(|message| message.data.iter().copied()).collect::<Vec<_>>(), text);
        let cut: Vec<_> = vec![Ok(Bytes::copy_from_slice(&gzip[..gzip.len() - 9]))];
        let broken = plain(iter(cut).boxed()).collect::<Vec<_>>().await;
        assert!(broken.last().expect("something").is_err(), "nobody takes a part for the whole");
        let nothing = messages("text/csv".to_owned(), iter(Vec::new())).collect::<Vec<_>>().await;
        assert_eq!(nothing.len(), 1, "what it would be is told all the same");
    }
}
