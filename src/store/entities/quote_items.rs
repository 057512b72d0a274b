//! The lines of a quote, as one row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "quote_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub quote_id: Uuid,
    pub items: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::quotes::Entity", from = "Column::QuoteId", to = "super::quotes::Column::Id")]
    Quote,
}

impl ActiveModelBehavior for ActiveModel {}
