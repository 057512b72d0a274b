//! Secrets that all replicas on one database share.

use sea_orm::EntityTrait;

use super::entities::server_secrets::Entity;
use super::{Error, Source};

/// The key that authenticates page tokens; `None` when the schema is not there.
pub async fn page_token_key(from: &impl Source) -> Result<Option<Vec<u8>>, Error> {
    named(from, "page_token").await
}

/// The key that seals secrets where none was set; `None` when the schema is not there.
pub async fn sealing_key(from: &impl Source) -> Result<Option<Vec<u8>>, Error> {
    named(from, "sealing_key").await
}

async fn named(from: &impl Source, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let mut rows = Entity::find_by_id(name).all(&from.executor()).await?;
    Ok(rows.pop().map(|row| row.value))
}
