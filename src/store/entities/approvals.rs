//! Approvals, as rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "approvals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub customer_id: Uuid,
    pub subject: String,
    pub subject_id: Uuid,
    pub status: String,
    pub currency_code: String,
    pub amount: i64,
    pub discount_bps: i32,
    pub role: String,
    pub policy_ids: Json,
    pub requested_by: String,
    pub requester_id: Uuid,
    pub authors: Json,
    pub reason: String,
    pub decided_by: String,
    pub decider_id: Option<Uuid>,
    pub decide_time: Option<i64>,
    pub expire_time: i64,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
