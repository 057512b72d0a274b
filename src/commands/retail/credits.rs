//! Which lines of credit notes give back what, of the Online Retail data set.
//!
//! The file does not say which invoice a credit note belongs to. A line of one is taken to give back units that the same
//! customer bought earlier in the file, of the same stock code at the same price: the latest purchase that has enough units
//! left, or else the latest ones together. Walk-in customers are many people, so nothing is matched for them.

use std::collections::{BTreeMap, HashMap};

use super::{Cause, WALK_IN};
use crate::contract::pb;

/// What one credit note gives back of one order.
#[derive(Debug, PartialEq, Eq)]
pub struct Giveback {
    /// Number of the credit note and reference of the order: unique.
    pub reference: String,
    /// Reference of the order.
    pub order: String,
    /// Lines of the order, counted from 0, each once, and units of each.
    pub pieces: Vec<(usize, i32)>,
}

/// A line of an order, and where in the file it stands.
#[derive(Debug)]
pub(super) struct Sold {
    pub(super) at: usize,
    pub(super) order: usize,
    pub(super) line: usize,
}

/// A line of a credit note, and where in the file it stands.
#[derive(Debug)]
pub(super) struct Credit {
    pub(super) at: usize,
    pub(super) note: String,
    pub(super) customer: String,
    pub(super) sku: String,
    pub(super) units: i32,
    pub(super) pence: i64,
}

/// What became of all lines of credit notes.
#[derive(Debug, Default)]
pub(super) struct Matched {
    pub(super) returns: Vec<Giveback>,
    pub(super) lines: usize,
    pub(super) left_out: BTreeMap<Cause, usize>,
}

/// Units of a line of an order that nobody gave back so far.
struct Open {
    order: usize,
    line: usize,
    pence: i64,
    left: i32,
}

/// Matches credit lines with lines of orders. Both stand as in the file.
pub(super) fn matched(orders: &[pb::CreateOrderRequest], sold: &[Sold], credits: &[Credit]) -> Matched {
    let mut outcome = Matched::default();
    let mut open: HashMap<(&str, &str), Vec<Open>> = HashMap::new();
    let mut places = HashMap::new();
    let mut sold = sold.iter().peekable();
    for credit in credits {
        while let Some(sold) = sold.next_if(|sold| sold.at < credit.at) {
            let order = &orders[sold.order];
            let item = &order.items[sold.line];
            let pence = item.unit_price.as_ref().map_or(0, |price| price.minor_units);
            open.entry((&order.customer_id, &item.sku)).or_default().push(Open {
                order: sold.order,
                line: sold.line,
                pence,
                left: item.quantity,
            });
        }
        let bought = open.get_mut(&(credit.customer.as_str(), credit.sku.as_str())).map(Vec::as_mut_slice);
        match pieces(credit, bought.unwrap_or_default()) {
            Err(cause) => *outcome.left_out.entry(cause).or_default() += 1,
            Ok(pieces) => {
                outcome.lines += 1;
                for (order, line, units) in pieces {
                    let place = *places.entry((credit.note.as_str(), order)).or_insert(outcome.returns.len());
                    if place == outcome.returns.len() {
                        outcome.returns.push(giveback(credit, &orders[order]));
                    }
                    add(&mut outcome.returns[place].pieces, line, units);
                }
            }
        }
    }
    outcome
}

/// Takes the units of a credit line from what was bought: as (order, line, units).
fn pieces(credit: &Credit, bought: &mut [Open]) -> Result<Vec<(usize, usize, i32)>, Cause> {
    if credit.customer == WALK_IN.0 {
        return Err(Cause::WalkInCredit);
    }
    if bought.is_empty() {
        return Err(Cause::NeverBought);
    }
    let mut fit: Vec<&mut Open> = bought.iter_mut().rev().filter(|open| open.pence == credit.pence).collect();
    if fit.is_empty() {
        return Err(Cause::OtherPrice);
    }
    if fit.iter().map(|open| i64::from(open.left)).sum::<i64>() < i64::from(credit.units) {
        return Err(Cause::TooFew);
    }
    if let Some(one) = fit.iter().position(|open| open.left >= credit.units) {
        fit = vec![fit.swap_remove(one)];
    }
    let (mut pieces, mut missing) = (Vec::new(), credit.units);
    for open in fit {
        let units = open.left.min(missing);
        if units > 0 {
            open.left -= units;
            missing -= units;
            pieces.push((open.order, open.line, units));
        }
    }
    Ok(pieces)
}

fn giveback(credit: &Credit, order: &pb::CreateOrderRequest) -> Giveback {
    Giveback {
        reference: format!("{}-{}", credit.note, order.reference),
        order: order.reference.clone(),
        pieces: Vec::new(),
    }
}

fn add(pieces: &mut Vec<(usize, i32)>, line: usize, units: i32) {
    match pieces.iter_mut().find(|piece| piece.0 == line) {
        Some(piece) => piece.1 += units,
        None => pieces.push((line, units)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::books;
    use super::*;

    fn returns(lines: &str) -> Vec<(String, Vec<(usize, i32)>)> {
        let books = books(lines);
        let credited = lines.lines().filter(|line| line.starts_with('C')).count();
        assert_eq!(books.credited + books.left_out.values().sum::<usize>(), credited, "each line is counted once");
        books.returns.into_iter().map(|giveback| (giveback.reference, giveback.pieces)).collect()
    }

    #[test]
    fn the_latest_purchase_with_enough_units_gives_back() {
        let file = "1,A,a,9,d,1.00,7.0,UK\n2,B,b,1,d,1.00,7.0,UK\n2,A,a,5,d,1.00,7.0,UK\n3,A,a,9,d,2.00,7.0,UK\n\
                    4,A,a,9,d,1.00,8.0,UK\nC5,A,a,-4,d,1.00,7.0,UK\nC6,A,a,-4,d,1.00,7.0,UK\n5,A,a,9,d,1.00,7.0,UK\n";
        let expected = [("C5-2".to_owned(), vec![(1, 4)]), ("C6-1".to_owned(), vec![(0, 4)])];
        assert_eq!(returns(file), expected, "neither another price or customer, nor a later invoice");
    }

    #[test]
    fn one_credit_line_may_take_several_purchases() {
        let file = "1,A,a,3,d,1.00,7.0,UK\n1,A,a,2,d,1.00,7.0,UK\n2,A,a,2,d,1.00,7.0,UK\n\
                    C3,A,a,-6,d,1.00,7.0,UK\nC3,A,a,-1,d,1.00,7.0,UK\n";
        let expected = [("C3-2".to_owned(), vec![(0, 2)]), ("C3-1".to_owned(), vec![(1, 2), (0, 3)])];
        assert_eq!(returns(file), expected);
    }

    #[test]
    fn what_cannot_be_matched_is_counted_by_its_cause() {
        let file = "C0,A,a,-1,d,1.00,7.0,UK\n1,A,a,2,d,1.00,7.0,UK\n2,A,a,9,d,1.00,,UK\nC1,A,a,-1,d,1.00,,UK\n\
                    C2,B,a,-1,d,1.00,7.0,UK\nC3,A,a,-1,d,1.01,7.0,UK\nC4,A,a,-3,d,1.00,7.0,UK\n\
                    C5,A,a,3,d,1.00,7.0,UK\nC6,A,a,-3,d,0,7.0,UK\n";
        let books = books(file);
        let causes = [
            (Cause::WalkInCredit, 1),
            (Cause::NeverBought, 2),
            (Cause::OtherPrice, 1),
            (Cause::TooFew, 1),
            (Cause::Quantity, 1),
            (Cause::Price, 1),
        ];
        assert_eq!((books.left_out, books.credited, books.returns), (BTreeMap::from(causes), 0, Vec::new()));
    }
}
