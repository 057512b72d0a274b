//! The ledger of stock, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_movements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub product_id: Uuid,
    pub sku: String,
    pub location_id: Uuid,
    #[sea_orm(column_name = "type")]
    pub r#type: String,
    pub on_hand_change: i64,
    pub reserved_change: i64,
    pub reason: String,
    pub order_id: Option<Uuid>,
    pub reservation_id: Option<Uuid>,
    pub shipment_id: Option<Uuid>,
    pub return_id: Option<Uuid>,
    pub create_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
