//! Lines of reservations, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reservation_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub reservation_id: Uuid,
    pub position: i32,
    pub tenant_id: Uuid,
    pub reservation_time: i64,
    pub product_id: Uuid,
    pub sku: String,
    pub location_id: Uuid,
    pub quantity: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::reservations::Entity",
        from = "Column::ReservationId",
        to = "super::reservations::Column::Id"
    )]
    Reservation,
}

impl ActiveModelBehavior for ActiveModel {}
