//! The ledger of stock: appended to, never changed.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select, Set};
use uuid::Uuid;

use super::entities::stock_movements::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, created_in, part};
use super::rows::named;
use super::{CorruptRow, Error, Scope, Source as From, Tx};
use crate::domain::ids::{
    LocationId, OrderId, ProductId, ReservationId, ReturnId, ShipmentId, StockMovementId, TypedId,
};
use crate::domain::page::Sort;
use crate::domain::stock::{MovementFilter, Source, StockChange, StockMovement};
use crate::domain::time::Time;

/// Movements written in one statement: 14 columns each, and SQLite takes 32,766 parameters.
const MOVEMENTS_PER_INSERT: usize = 1000;

/// Appends movements.
pub async fn append(tx: &Tx, scope: &Scope, movements: &[StockMovement]) -> Result<(), Error> {
    for some in movements.chunks(MOVEMENTS_PER_INSERT) {
        let rows = some.iter().map(|movement| movement_row(scope, movement));
        Entity::insert_many(rows).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

fn movement_row(scope: &Scope, movement: &StockMovement) -> ActiveModel {
    let (change, ids) = (&movement.change, Ids::from(movement.change.source));
    ActiveModel {
        id: Set(movement.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        product_id: Set(change.product.uuid()),
        sku: Set(change.sku.clone()),
        location_id: Set(change.location.uuid()),
        r#type: Set(change.movement.as_str().to_owned()),
        on_hand_change: Set(change.on_hand),
        reserved_change: Set(change.reserved),
        reason: Set(movement.reason.clone()),
        order_id: Set(ids.order),
        reservation_id: Set(ids.reservation),
        shipment_id: Set(ids.shipment),
        return_id: Set(ids.r#return),
        create_time: Set(movement.create_time.micros()),
    }
}

/// What a movement belongs to, as columns.
#[derive(Default)]
struct Ids {
    order: Option<Uuid>,
    reservation: Option<Uuid>,
    shipment: Option<Uuid>,
    r#return: Option<Uuid>,
}

impl std::convert::From<Source> for Ids {
    fn from(source: Source) -> Self {
        match source {
            Source::Stock => Self::default(),
            Source::Order(order) => Self { order: Some(order.uuid()), ..Self::default() },
            Source::Reservation(id) => Self { reservation: Some(id.uuid()), ..Self::default() },
            Source::Shipment(order, id) => {
                Self { order: Some(order.uuid()), shipment: Some(id.uuid()), ..Self::default() }
            }
            Source::Return(order, id) => {
                Self { order: Some(order.uuid()), r#return: Some(id.uuid()), ..Self::default() }
            }
        }
    }
}

impl TryFrom<Ids> for Source {
    type Error = CorruptRow;

    fn try_from(ids: Ids) -> Result<Self, CorruptRow> {
        match (ids.order.map(OrderId::from_uuid), ids.reservation, ids.shipment, ids.r#return) {
            (None, None, None, None) => Ok(Self::Stock),
            (None, Some(id), None, None) => Ok(Self::Reservation(ReservationId::from_uuid(id))),
            (Some(order), None, None, None) => Ok(Self::Order(order)),
            (Some(order), None, Some(id), None) => Ok(Self::Shipment(order, ShipmentId::from_uuid(id))),
            (Some(order), None, None, Some(id)) => Ok(Self::Return(order, ReturnId::from_uuid(id))),
            _ => Err(CorruptRow::new("a movement belongs to one thing")),
        }
    }
}

/// At most `limit` movements after a position. `product` is the one that the filter's SKU means.
pub async fn list(
    from: &impl From,
    scope: &Scope,
    filter: &MovementFilter,
    product: Option<ProductId>,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<StockMovement>, Error> {
    let mut query = created_in(scoped(scope), Column::CreateTime, filter.created);
    let wanted = [
        (Column::ProductId, product.map(TypedId::uuid)),
        (Column::LocationId, filter.location.map(TypedId::uuid)),
        (Column::OrderId, filter.order.map(TypedId::uuid)),
        (Column::ReservationId, filter.reservation.map(TypedId::uuid)),
    ];
    for (column, id) in wanted {
        if let Some(id) = id {
            query = query.filter(column.eq(id));
        }
    }
    let rows = part(query, (Column::CreateTime, Column::Id), sort, after, limit).all(&from.executor()).await?;
    Ok(rows.into_iter().map(StockMovement::try_from).collect::<Result<_, CorruptRow>>()?)
}

/// The ledger is the tenant's: whoever may read it reads all of it.
fn scoped(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()))
}

impl TryFrom<Model> for StockMovement {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let ids = Ids {
            order: row.order_id,
            reservation: row.reservation_id,
            shipment: row.shipment_id,
            r#return: row.return_id,
        };
        Ok(Self {
            id: StockMovementId::from_uuid(row.id),
            change: StockChange {
                product: ProductId::from_uuid(row.product_id),
                sku: row.sku,
                location: LocationId::from_uuid(row.location_id),
                on_hand: row.on_hand_change,
                reserved: row.reserved_change,
                movement: named(&row.r#type)?,
                source: ids.try_into()?,
                field: None,
            },
            reason: row.reason,
            create_time: Time::from_micros(row.create_time),
        })
    }
}
