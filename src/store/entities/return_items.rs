//! Lines of returns, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "return_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub return_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    pub position: i32,
    pub product_id: Uuid,
    pub sku: String,
    pub quantity: i32,
    pub quantity_received: i32,
    pub quantity_restocked: i32,
    pub quantity_scrapped: i32,
    pub quantity_sent_back: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::returns::Entity", from = "Column::ReturnId", to = "super::returns::Column::Id")]
    Return,
}

impl ActiveModelBehavior for ActiveModel {}
