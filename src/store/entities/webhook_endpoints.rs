//! Webhook endpoints, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub url: String,
    pub event_types: Json,
    pub description: String,
    pub status: String,
    pub disable_reason: Option<String>,
    pub secret: String,
    pub previous_secret: Option<String>,
    pub previous_secret_expire_time: Option<i64>,
    pub failing_since: Option<i64>,
    pub reference: Option<String>,
    pub metadata: Json,
    pub cursor: i64,
    pub lease_holder: Option<Uuid>,
    pub lease_token: i64,
    pub lease_until: i64,
    pub is_deleted: bool,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
