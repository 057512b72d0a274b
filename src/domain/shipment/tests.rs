//! Shipments by table and by example; random ones are in the tests of returns, which share the same lines.

use uuid::Uuid;

use super::*;
use crate::domain::ids::TypedId;
use crate::domain::money::{Currency, Money, RoundingMode, TaxMode};
use crate::domain::order::{OrderContent, Settings};

pub(in crate::domain) const NOW: Time = Time::from_micros(1_700_000_000_000_000);

pub(in crate::domain) fn line_id(number: u128) -> OrderItemId {
    OrderItemId::from_uuid(Uuid::from_u128(number))
}

pub(in crate::domain) fn place(number: u128) -> LocationId {
    LocationId::from_uuid(Uuid::from_u128(number))
}

/// A line of the order: units, where they are, and how many of them hold stock. Products are numbered like lines.
pub(in crate::domain) fn line(number: u128, quantity: i32, location: Option<u128>, reserved: i32) -> OrderItem {
    let zero = Money::zero(Currency::parse("GBP").expect("a currency"));
    OrderItem {
        id: line_id(number),
        product: ProductId::from_uuid(Uuid::from_u128(number)),
        sku: format!("S-{number}"),
        name: String::new(),
        quantity,
        unit_price: zero,
        price_is_own: false,
        own_discount: None,
        tax_rate_bps: 0,
        discount: zero,
        tax: zero,
        total: zero,
        quantity_canceled: 0,
        quantity_shipped: 0,
        quantity_returned: 0,
        location: location.map(place),
        quantity_reserved: reserved,
        quantity_in_returns: 0,
    }
}

/// A confirmed order with these lines.
pub(in crate::domain) fn confirmed(items: Vec<OrderItem>) -> Order {
    let content = OrderContent {
        customer: CustomerId::from_uuid(Uuid::nil()),
        currency: Currency::parse("GBP").expect("a currency"),
        lines: Vec::new(),
        discount: None,
        shipping_address: None,
        billing_address: None,
        note: String::new(),
        reference: None,
        metadata: Metadata::new(),
    };
    let settings = Settings { tax_mode: TaxMode::Exclusive, rounding_mode: RoundingMode::HalfUp };
    let (mut order, _) = Order::draft(OrderId::from_uuid(Uuid::nil()), content, settings, NOW);
    order.head.status = OrderStatus::Confirmed;
    order.items = items;
    order
}

pub(in crate::domain) fn units(units: &[(u128, i32)]) -> Vec<LineUnits> {
    units.iter().map(|(item, quantity)| LineUnits { item: line_id(*item), quantity: *quantity }).collect()
}

/// A shipment from a location, or from that of its lines; what it does to the order is done, and what it does to stock told.
pub(in crate::domain) fn ship(
    order: &mut Order,
    wanted: &[(u128, i32)],
    location: Option<u128>,
    is_tracked: bool,
) -> Result<(Shipment, Vec<StockChange>), UnitsError> {
    let new = NewShipment {
        order: order.head.id,
        units: units(wanted),
        location: location.map(place),
        carrier: String::new(),
        tracking_number: None,
        tracking_url: String::new(),
        reference: None,
        metadata: Metadata::new(),
    };
    let units = check_units(order, &new.units)?;
    let mut shipment = Shipment::new(ShipmentId::from_uuid(Uuid::nil()), order, new, &units, |_| is_tracked, NOW);
    if shipment.head.location.is_none() {
        shipment.head.location = shipment.location_of_lines(order).expect("one location");
    }
    let changes = shipment.leave(order, &units);
    Ok((shipment, changes))
}

/// Product, location, on hand, reserved.
fn shown(changes: &[StockChange]) -> Vec<(u128, u128, i64, i64)> {
    let shown = changes.iter().map(|change| {
        let (product, location) = (change.product.uuid().as_u128(), change.location.uuid().as_u128());
        (product, location, change.on_hand, change.reserved)
    });
    shown.collect()
}

/// Shipped, reserved, location of the first line.
fn first(order: &Order) -> (i32, i32, Option<LocationId>) {
    let line = &order.items[0];
    (line.quantity_shipped, line.quantity_reserved, line.location)
}

#[test]
fn every_action_in_every_state() {
    use ShipmentAction::{Cancel, MarkDelivered};
    use ShipmentStatus::{Canceled, Delivered, Shipped};
    for (status, action, expected) in [
        (Shipped, MarkDelivered, Some(true)),
        (Shipped, Cancel, Some(true)),
        (Delivered, MarkDelivered, Some(false)),
        (Delivered, Cancel, None),
        (Canceled, MarkDelivered, None),
        (Canceled, Cancel, Some(false)),
    ] {
        assert_eq!(status.asks(action), expected, "{status:?} {action:?}");
    }
    assert_eq!((ShipmentStatus::ALL.len(), ShipmentAction::ALL.len()), (3, 2), "the table has all of them");
}

#[test]
fn units_leave_from_where_the_order_has_them() {
    let mut order = confirmed(vec![line(1, 5, Some(7), 5), line(2, 1, None, 0)]);
    let (shipment, changes) = ship(&mut order, &[(1, 2), (2, 1), (1, 1)], None, false).expect("open units");
    assert_eq!(shipment.head.location, Some(place(7)));
    assert_eq!(shown(&changes), [(1, 7, -3, -3)], "nothing is counted of the other line");
    assert_eq!(changes[0].field.as_deref(), Some("items[0].quantity"));
    assert_eq!(changes[0].movement, MovementType::Shipped);
    assert_eq!(first(&order), (3, 2, Some(place(7))));
    assert_eq!(order.items[1].quantity_shipped, 1);
    assert_eq!(shipment.items.iter().map(|item| item.quantity).collect::<Vec<_>>(), [3, 1]);
    let back = shipment.come_back(&mut order);
    assert_eq!((shown(&back), back[0].movement), (vec![(1, 7, 3, 3)], MovementType::ShipmentCanceled));
    assert_eq!(order, confirmed(vec![line(1, 5, Some(7), 5), line(2, 1, None, 0)]));
}

#[test]
fn the_reservation_moves_along() {
    let mut order = confirmed(vec![line(1, 5, Some(7), 5)]);
    let (shipment, changes) = ship(&mut order, &[(1, 2)], Some(8), true).expect("open units");
    assert_eq!(shown(&changes), [(1, 8, -2, 0), (1, 7, 0, -2)]);
    assert_eq!(first(&order), (2, 3, Some(place(7))));
    let mut partly = order.clone();
    assert_eq!(shown(&shipment.come_back(&mut partly)), [(1, 8, 2, 0), (1, 7, 0, 2)], "the other units are at 7");
    assert_eq!(first(&partly), (0, 5, Some(place(7))));
    let (rest, _) = ship(&mut order, &[(1, 3)], None, true).expect("open units");
    assert_eq!(rest.head.location, Some(place(7)));
    assert_eq!(shown(&shipment.come_back(&mut order)), [(1, 8, 2, 2)], "no other unit is anywhere");
    assert_eq!(first(&order), (3, 2, Some(place(8))));
}

#[test]
fn a_product_that_is_counted_since_it_was_ordered_is_taken_from_stock() {
    let mut order = confirmed(vec![line(1, 5, None, 0)]);
    let (shipment, changes) = ship(&mut order, &[(1, 2)], Some(8), true).expect("open units");
    assert_eq!(shown(&changes), [(1, 8, -2, 0)]);
    assert_eq!(first(&order), (2, 0, None));
    assert_eq!(shown(&shipment.come_back(&mut order)), [(1, 8, 2, 2)], "the order claims them from now on");
    assert_eq!(first(&order), (0, 2, Some(place(8))));
}

#[test]
fn lines_at_several_locations_need_one_to_be_chosen() {
    let order = confirmed(vec![line(1, 5, Some(7), 5), line(2, 5, Some(8), 5), line(3, 1, None, 0)]);
    for (wanted, expected) in [
        (vec![(1, 1), (3, 1)], Ok(Some(place(7)))),
        (vec![(2, 1)], Ok(Some(place(8)))),
        (vec![(3, 1)], Ok(None)),
        (vec![(1, 1), (2, 1)], Err(SeveralLocations)),
    ] {
        let mut copy = order.clone();
        let (shipment, _) = ship(&mut copy, &wanted, Some(9), false).expect("open units");
        assert_eq!(shipment.location_of_lines(&order), expected, "{wanted:?}");
    }
}

#[test]
fn a_shipment_comes_back_only_while_nothing_of_it_is_in_a_return() {
    let mut order = confirmed(vec![line(1, 5, None, 0), line(2, 1, None, 0)]);
    let (shipment, _) = ship(&mut order, &[(1, 2)], None, false).expect("open units");
    ship(&mut order, &[(1, 1), (2, 1)], None, false).expect("open units");
    assert!(shipment.can_come_back(&order));
    order.items[1].quantity_in_returns = 1;
    order.items[0].quantity_in_returns = 1;
    assert!(shipment.can_come_back(&order), "the third unit is in the return");
    order.items[0].quantity_in_returns = 2;
    assert!(!shipment.can_come_back(&order));
    order.items[0].quantity_in_returns = 0;
    for status in OrderStatus::ALL {
        order.head.status = *status;
        assert_eq!(shipment.can_come_back(&order), *status == OrderStatus::Confirmed, "{status:?}");
    }
}
