//! Returns, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "returns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub order_id: Uuid,
    pub customer_id: Uuid,
    pub status: String,
    pub reference: Option<String>,
    pub metadata: Json,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
    pub reason: String,
    pub reject_reason: String,
    pub authorize_time: Option<i64>,
    pub receive_time: Option<i64>,
    pub inspect_time: Option<i64>,
    pub reject_time: Option<i64>,
    pub close_time: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
