//! Payments, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub order_id: Uuid,
    pub customer_id: Uuid,
    pub currency_code: String,
    pub amount: i64,
    pub provider: String,
    pub provider_reference: String,
    pub status: String,
    /// What refunds hold of it that name it.
    pub refund_claims: i64,
    pub reference: Option<String>,
    pub metadata: Json,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
    pub void_time: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
