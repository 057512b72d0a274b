//! Secrets that all replicas on one database share.

use sea_orm::EntityTrait;

use super::entities::server_secrets::Entity;
use super::{Error, Source};

/// The key that authenticates page tokens; `None` when the schema is not there.
pub async fn page_token_key(from: &impl Source) -> Result<Option<Vec<u8>>, Error> {
    let mut rows = Entity::find_by_id("page_token").all(&from.executor()).await?;
    Ok(rows.pop().map(|row| row.value))
}
