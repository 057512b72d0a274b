//! Lines of orders, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "order_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub order_id: Uuid,
    /// Whose order it is, and when that was created; absent on lines that a program of the release before wrote.
    pub tenant_id: Option<Uuid>,
    pub order_time: Option<i64>,
    pub position: i32,
    pub product_id: Uuid,
    pub sku: String,
    pub name: String,
    pub quantity: i32,
    pub unit_price: i64,
    pub price_is_own: bool,
    pub discount_amount: Option<i64>,
    pub discount_bps: Option<i32>,
    pub tax_rate_bps: i32,
    pub discount: i64,
    pub tax: i64,
    pub total: i64,
    pub quantity_canceled: i32,
    pub quantity_shipped: i32,
    pub quantity_returned: i32,
    pub location_id: Option<Uuid>,
    pub quantity_reserved: i32,
    pub quantity_in_returns: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::orders::Entity", from = "Column::OrderId", to = "super::orders::Column::Id")]
    Order,
}

impl ActiveModelBehavior for ActiveModel {}
