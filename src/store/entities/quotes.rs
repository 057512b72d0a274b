//! Quotes, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "quotes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub customer_id: Uuid,
    pub currency_code: String,
    pub status: String,
    pub revision: i32,
    pub revises_quote_id: Option<Uuid>,
    pub order_id: Option<Uuid>,
    pub subtotal: i64,
    pub discount_total: i64,
    pub tax_total: i64,
    pub total: i64,
    pub tax_mode: String,
    pub rounding_mode: String,
    pub discount_amount: Option<i64>,
    pub discount_bps: Option<i32>,
    pub item_count: i32,
    pub valid_until: i64,
    /// `valid_until` while the quote runs out then; absent in every other state.
    pub due_time: Option<i64>,
    pub note: String,
    pub reference: Option<String>,
    pub metadata: Json,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
    pub submit_time: Option<i64>,
    pub approve_time: Option<i64>,
    pub send_time: Option<i64>,
    pub accept_time: Option<i64>,
    pub decline_time: Option<i64>,
    pub expire_time: Option<i64>,
    pub withdraw_time: Option<i64>,
    pub revise_time: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
