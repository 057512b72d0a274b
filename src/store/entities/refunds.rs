//! Refunds, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub order_id: Uuid,
    pub customer_id: Uuid,
    pub payment_id: Option<Uuid>,
    pub currency_code: String,
    pub amount: i64,
    pub status: String,
    pub reason: String,
    pub failure_reason: String,
    pub reference: Option<String>,
    pub metadata: Json,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
    pub succeed_time: Option<i64>,
    pub fail_time: Option<i64>,
    pub cancel_time: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
