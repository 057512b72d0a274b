//! Jobs, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub r#type: String,
    pub status: String,
    pub progress: i32,
    pub attempt: i32,
    pub max_attempts: i32,
    pub run_time: i64,
    pub lease_token: Option<Uuid>,
    pub lease_until: Option<i64>,
    pub error_code: Option<String>,
    pub error_message: String,
    pub resource_type: String,
    pub resource_id: Uuid,
    pub start_time: Option<i64>,
    pub end_time: Option<i64>,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
