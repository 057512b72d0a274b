//! Reports, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub job_id: Uuid,
    pub kind: String,
    pub format: String,
    pub status: String,
    pub create_time_after: Option<i64>,
    pub create_time_before: Option<i64>,
    pub reference: Option<String>,
    pub metadata: Json,
    pub row_count: i64,
    pub size_bytes: i64,
    pub file_token: Option<Uuid>,
    pub file_parts: i32,
    pub file_object: Option<String>,
    pub expire_time: Option<i64>,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
