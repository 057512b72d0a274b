//! Shipments, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "shipments")]
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
    pub location_id: Option<Uuid>,
    pub carrier: String,
    pub tracking_number: Option<String>,
    pub tracking_url: String,
    pub deliver_time: Option<i64>,
    pub cancel_time: Option<i64>,
    pub cancel_reason: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
