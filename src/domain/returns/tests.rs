//! Returns by table and by example, and shipments and returns by chance.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::domain::ids::TypedId;
use crate::domain::order::Order;
use crate::domain::shipment::Shipment;
use crate::domain::shipment::tests::{NOW, confirmed, line, line_id, place, ship, units};
use crate::domain::stock::StockChange;

fn request(order: &mut Order, wanted: &[(u128, i32)]) -> Result<Return, UnitsError> {
    let new = NewReturn {
        order: order.head.id,
        units: units(wanted),
        reason: String::new(),
        reference: None,
        metadata: Metadata::new(),
    };
    let units = check_units(order, &new.units)?;
    Ok(Return::request(ReturnId::from_uuid(Uuid::nil()), order, new, &units, NOW))
}

fn decide(decisions: &[(u128, i32, Disposition)]) -> Vec<Decision> {
    let decisions = decisions.iter().map(|(item, quantity, disposition)| Decision {
        units: units(&[(*item, *quantity)])[0],
        disposition: *disposition,
    });
    decisions.collect()
}

/// Claimed and returned units of each line.
fn counts(order: &Order) -> Vec<(i32, i32)> {
    order.items.iter().map(|line| (line.quantity_in_returns, line.quantity_returned)).collect()
}

/// An order of which five units of the first line and two of the second were shipped.
fn shipped() -> Order {
    let mut order = confirmed(vec![line(1, 8, Some(7), 8), line(2, 2, None, 0)]);
    ship(&mut order, &[(1, 5), (2, 2)], None, false).expect("open units");
    order
}

#[test]
fn every_action_in_every_state() {
    use ReturnAction::{Authorize, Close, Inspect, Receive, Reject};
    use ReturnStatus::{Authorized, Closed, Inspected, Received, Rejected, Requested};
    let (legal, done) = (Some(true), Some(false));
    for (status, expected) in [
        (Requested, [legal, None, None, legal, None]),
        (Authorized, [done, legal, None, legal, legal]),
        (Received, [None, done, legal, None, None]),
        (Inspected, [None, None, done, None, legal]),
        (Closed, [None, None, None, None, done]),
        (Rejected, [None, None, None, done, None]),
    ] {
        let asks = [Authorize, Receive, Inspect, Reject, Close].map(|action| status.asks(action));
        assert_eq!(asks, expected, "{status:?}");
    }
    assert_eq!((ReturnStatus::ALL.len(), ReturnAction::ALL.len()), (6, 5), "the table has all of them");
}

#[test]
fn what_was_shipped_may_come_back_once() {
    let mut order = shipped();
    let asked = request(&mut order, &[(1, 2), (1, 2), (2, 2)]).expect("shipped units");
    assert_eq!(counts(&order), [(4, 0), (2, 0)]);
    let too_many = |item, maximum| UnitsError::TooMany { place: 0, item: line_id(item), maximum };
    assert_eq!(request(&mut order, &[(1, 2)]).err(), Some(too_many(1, 1)));
    assert_eq!(request(&mut order, &[(2, 1)]).err(), Some(too_many(2, 0)));
    assert_eq!(request(&mut order, &[(3, 1)]).err(), Some(UnitsError::Unknown { place: 0 }));
    let mut refused = asked.clone();
    refused.reject(&mut order, "worn".to_owned(), NOW);
    assert_eq!((refused.head.status, refused.head.reject_reason.as_str()), (ReturnStatus::Rejected, "worn"));
    assert_eq!(counts(&order), [(0, 0), (0, 0)]);
    request(&mut order, &[(1, 5)]).expect("free again");
}

#[test]
fn fewer_may_come_but_never_more() {
    let mut order = shipped();
    let mut back = request(&mut order, &[(1, 4), (2, 1)]).expect("shipped units");
    back.authorize(NOW);
    let before = (order.clone(), back.clone());
    let too_many = UnitsError::TooMany { place: 0, item: line_id(1), maximum: 4 };
    assert_eq!(back.receive(&mut order, Some(&units(&[(1, 5)])), NOW), Err(too_many));
    assert_eq!(back.receive(&mut order, Some(&units(&[(9, 1)])), NOW), Err(UnitsError::Unknown { place: 0 }));
    assert_eq!((order.clone(), back.clone()), before, "what is refused changes nothing");
    back.receive(&mut order, Some(&units(&[(1, 2), (1, 1)])), NOW).expect("fewer");
    assert_eq!(counts(&order), [(4, 3), (1, 0)], "what did not come stays claimed");
    let decisions = decide(&[(1, 1, Disposition::Restock), (1, 1, Disposition::SendBack), (1, 1, Disposition::Scrap)]);
    back.inspect(&mut order, &decisions, NOW).expect("all of them");
    assert_eq!(counts(&order), [(3, 2), (1, 0)], "what was sent back is with the customer again");
    back.close(&mut order, NOW);
    assert_eq!(counts(&order), [(2, 2), (0, 0)], "what never came, too");
    assert_eq!((back.head.status, back.head.version), (ReturnStatus::Closed, 5));
    request(&mut order, &[(1, 3), (2, 2)]).expect("all that is with the customer");
}

#[test]
fn an_inspection_tells_of_every_unit_that_came() {
    use Disposition::{Restock, Scrap, SendBack};
    let mut order = shipped();
    let mut back = request(&mut order, &[(1, 3), (2, 2)]).expect("shipped units");
    back.authorize(NOW);
    back.receive(&mut order, Some(&units(&[(1, 2)])), NOW).expect("fewer");
    let before = (order.clone(), back.clone());
    let too_many =
        |place, item, maximum| InspectionError::Units(UnitsError::TooMany { place, item: line_id(item), maximum });
    for (decisions, expected) in [
        (vec![(1, 1, Scrap), (1, 2, Restock)], too_many(1, 1, 2)),
        (vec![(1, 2, Scrap), (2, 1, SendBack)], too_many(1, 2, 0)),
        (vec![(3, 1, Scrap)], InspectionError::Units(UnitsError::Unknown { place: 0 })),
        (vec![(1, 1, Restock)], InspectionError::Left { item: line_id(1), quantity: 1 }),
        (vec![], InspectionError::Left { item: line_id(1), quantity: 2 }),
    ] {
        assert_eq!(back.inspect(&mut order, &decide(&decisions), NOW), Err(expected));
        assert_eq!((order.clone(), back.clone()), before);
    }
    back.inspect(&mut order, &decide(&[(1, 1, Restock), (1, 1, Restock)]), NOW).expect("all of them");
    assert_eq!(back.items[0].quantity_restocked, 2);
}

#[test]
fn units_are_stocked_where_somebody_says_or_where_they_were() {
    let mut order = shipped();
    let mut back = request(&mut order, &[(1, 3), (2, 1)]).expect("shipped units");
    back.authorize(NOW);
    back.receive(&mut order, None, NOW).expect("all of it");
    let all = decide(&[(1, 2, Disposition::Restock), (1, 1, Disposition::Scrap), (2, 1, Disposition::Restock)]);
    back.inspect(&mut order, &all, NOW).expect("all of them");
    let at = |asked: Option<u128>, is_tracked| {
        let changes = back.restock(&order, |_| is_tracked, asked.map(place), place(1));
        changes.iter().map(|change| (change.location, change.on_hand, change.reserved)).collect::<Vec<_>>()
    };
    assert_eq!(at(None, true), [(place(7), 2, 0), (place(1), 1, 0)]);
    assert_eq!(at(Some(9), true), [(place(9), 2, 0), (place(9), 1, 0)]);
    assert_eq!(at(Some(9), false), []);
    assert!(back.restocks(|_| true) && !back.restocks(|_| false));
}

/// What happened to one line, told by whoever stands beside it.
#[derive(Debug, Default)]
struct Beside {
    with_customer: i32,
    claimed: i32,
    in_house: i32,
    restocked: i64,
}

/// A run of random things that are done to an order.
struct Run {
    order: Order,
    beside: Vec<Beside>,
    shipments: Vec<Shipment>,
    returns: Vec<Return>,
    on_hand: BTreeMap<(u128, u128), i64>,
    reserved: BTreeMap<(u128, u128), i64>,
    state: u64,
}

impl Run {
    fn new(seed: u64) -> Self {
        let items = vec![line(1, 9, Some(7), 9), line(2, 4, Some(8), 4), line(3, 6, None, 0)];
        let reserved = [((1, 7), 9), ((2, 8), 4)].into();
        let (beside, on_hand) = ([(); 3].map(|()| Beside::default()).into(), BTreeMap::new());
        let order = confirmed(items);
        Self { order, beside, shipments: Vec::new(), returns: Vec::new(), on_hand, reserved, state: seed }
    }

    fn next(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).expect("31 bits") % end
    }

    fn some(&mut self) -> (u128, i32) {
        (1 + self.next(3) as u128, 1 + i32::try_from(self.next(4)).expect("small"))
    }

    fn moved(&mut self, changes: &[StockChange]) {
        for change in changes {
            let key = (change.product.uuid().as_u128(), change.location.uuid().as_u128());
            *self.on_hand.entry(key).or_default() += change.on_hand;
            *self.reserved.entry(key).or_default() += change.reserved;
        }
    }

    fn ship(&mut self) {
        let (number, quantity) = self.some();
        let at = 7 + self.next(3) as u128;
        let place = usize::try_from(number).expect("small") - 1;
        let open = self.order.items[place].open();
        match ship(&mut self.order, &[(number, quantity)], Some(at), number != 3) {
            Ok((shipment, changes)) => {
                self.moved(&changes);
                self.beside[place].with_customer += quantity;
                self.shipments.push(shipment);
            }
            Err(_) => assert!(quantity > open),
        }
    }

    fn take_back(&mut self) {
        if self.shipments.is_empty() {
            return;
        }
        let which = self.next(self.shipments.len());
        if self.shipments[which].can_come_back(&self.order) {
            let shipment = self.shipments.swap_remove(which);
            let changes = shipment.come_back(&mut self.order);
            self.moved(&changes);
            let item = &shipment.items[0];
            let place = self.order.items.iter().position(|line| line.id == item.item).expect("a line");
            self.beside[place].with_customer -= item.quantity;
        }
    }

    fn ask(&mut self) {
        let (number, quantity) = self.some();
        let place = usize::try_from(number).expect("small") - 1;
        let free = self.beside[place].with_customer - self.beside[place].claimed;
        match request(&mut self.order, &[(number, quantity)]) {
            Ok(asked) => {
                self.beside[place].claimed += quantity;
                self.returns.push(asked);
            }
            Err(_) => assert!(quantity > free),
        }
    }

    fn step(&mut self) {
        if self.returns.is_empty() {
            return;
        }
        let which = self.next(self.returns.len());
        let (action, came) = (ReturnAction::ALL[self.next(5)], self.some().1);
        let mut back = self.returns[which].clone();
        if back.head.status.asks(action) != Some(true) {
            return;
        }
        let item = back.items[0].clone();
        let number = item.item.uuid().as_u128();
        let beside = &mut self.beside[usize::try_from(number).expect("small") - 1];
        match action {
            ReturnAction::Authorize => back.authorize(NOW),
            ReturnAction::Reject => {
                back.reject(&mut self.order, String::new(), NOW);
                beside.claimed -= item.quantity;
            }
            ReturnAction::Close => {
                back.close(&mut self.order, NOW);
                beside.claimed -= item.quantity - item.quantity_received;
            }
            ReturnAction::Receive => match back.receive(&mut self.order, Some(&units(&[(number, came)])), NOW) {
                Ok(()) => {
                    beside.with_customer -= came;
                    beside.claimed -= came;
                    beside.in_house += came;
                    // Claimed of what is with the customer is what has not come.
                    assert!(came <= item.quantity);
                }
                Err(_) => assert!(came > item.quantity),
            },
            ReturnAction::Inspect => {
                let sent_back = came.min(item.quantity_received);
                let rest = item.quantity_received - sent_back;
                let decisions = [(number, sent_back, Disposition::SendBack), (number, rest, Disposition::Restock)];
                let decisions: Vec<_> = decide(&decisions).into_iter().filter(|one| one.units.quantity > 0).collect();
                back.inspect(&mut self.order, &decisions, NOW).expect("all of them");
                beside.in_house -= sent_back;
                beside.with_customer += sent_back;
                beside.restocked += i64::from(rest);
                let changes = back.restock(&self.order, |_| number != 3, None, place(7));
                self.moved(&changes);
            }
        }
        self.returns[which] = back;
    }

    /// What the order counts is what was seen beside it, and stock has what the order holds.
    fn check(&self) {
        let (mut held, mut taken) = (BTreeMap::new(), BTreeMap::<u128, i64>::new());
        for (line, beside) in self.order.items.iter().zip(&self.beside) {
            let number = line.id.uuid().as_u128();
            assert_eq!(line.quantity_shipped, beside.with_customer + beside.in_house, "{line:?} {beside:?}");
            assert_eq!(line.quantity_returned, beside.in_house, "{line:?} {beside:?}");
            assert_eq!(line.quantity_in_returns, beside.claimed + beside.in_house, "{line:?} {beside:?}");
            assert!((0..=line.quantity_shipped).contains(&line.quantity_in_returns) && line.open() >= 0);
            assert!((0..=line.open()).contains(&line.quantity_reserved));
            if let Some(location) = line.location.filter(|_| line.quantity_reserved > 0) {
                held.insert((number, location.uuid().as_u128()), i64::from(line.quantity_reserved));
            }
            if number != 3 {
                taken.insert(number, beside.restocked - i64::from(line.quantity_shipped));
            }
        }
        let reserved: BTreeMap<_, _> =
            self.reserved.iter().filter(|(_, units)| **units != 0).map(|(at, units)| (*at, *units)).collect();
        assert_eq!(reserved, held);
        for (number, taken) in taken {
            let moved = self.on_hand.iter().filter(|((product, _), _)| *product == number).map(|(_, units)| units);
            assert_eq!(moved.sum::<i64>(), taken, "units are somewhere");
        }
    }
}

#[test]
fn random_shipments_and_returns_are_counted_as_they_happen() {
    let mut ends = [0; 6];
    for seed in 0..300 {
        let mut run = Run::new(seed);
        for _ in 0..80 {
            match run.next(8) {
                0 | 1 => run.ship(),
                2 => run.take_back(),
                3 => run.ask(),
                _ => run.step(),
            }
            run.check();
        }
        for back in &run.returns {
            let place = ReturnStatus::ALL.iter().position(|status| *status == back.head.status).expect("a state");
            ends[place] += 1;
        }
    }
    assert!(ends.iter().all(|count| *count > 10), "every state is reached: {ends:?}");
}
