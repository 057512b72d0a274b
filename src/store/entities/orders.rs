//! Orders, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub customer_id: Uuid,
    pub currency_code: String,
    pub status: String,
    pub payment_status: String,
    pub fulfillment_status: String,
    pub subtotal: i64,
    pub discount_total: i64,
    pub tax_total: i64,
    pub total: i64,
    pub canceled_total: i64,
    pub paid_total: i64,
    pub refunded_total: i64,
    pub amount_due: i64,
    pub tax_mode: String,
    pub rounding_mode: String,
    pub discount_amount: Option<i64>,
    pub discount_bps: Option<i32>,
    pub shipping_address: Option<Json>,
    pub billing_address: Option<Json>,
    pub note: String,
    pub reference: Option<String>,
    pub metadata: Json,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
    pub place_time: Option<i64>,
    pub confirm_time: Option<i64>,
    pub complete_time: Option<i64>,
    pub cancel_time: Option<i64>,
    pub cancel_reason: String,
    pub holds: Json,
    pub is_held: bool,
    pub quote_id: Option<Uuid>,
    pub refund_claims: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
