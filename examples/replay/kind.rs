//! Objects of one kind, those of the file against those of the service; and the table of their sums.

use std::collections::HashMap;

use crate::books::Compared;
use crate::progress::grouped;

/// Differences that are told one by one; the sums tell of all.
const SHOWN: usize = 10;

/// Objects of one kind: those of the file, and how many of the service met them.
pub(crate) struct Kind<'a, W> {
    name: &'static str,
    /// By SKU or reference, and whether it was met.
    wanted: HashMap<&'a str, (&'a W, bool)>,
    pub(crate) found: i64,
    others: i64,
    differences: Vec<String>,
}

impl<'a, W> Kind<'a, W> {
    pub(crate) fn new(name: &'static str, wanted: &'a [W], named: impl Fn(&'a W) -> &'a String) -> Self {
        let wanted = wanted.iter().map(|wanted| (named(wanted).as_str(), (wanted, false))).collect();
        Self { name, wanted, found: 0, others: 0, differences: Vec::new() }
    }

    /// Counts an object of the service, and compares it; whether it is of the file.
    pub(crate) fn meet(&mut self, reference: &str, compare: impl FnOnce(&'a W) -> Compared) -> bool {
        let Some((wanted, met)) = self.wanted.get_mut(reference) else {
            self.others += 1;
            return false;
        };
        self.found += 1;
        if std::mem::replace(met, true) {
            self.differences.push(format!("{} {reference:?} is there twice", self.name));
        }
        if let Err(difference) = compare(wanted) {
            self.differences.push(format!("{} {reference:?}: {difference}", self.name));
        }
        true
    }

    /// The differences, in a fixed order. What is not of the file is one only when the `whole` file was sent.
    pub(crate) fn told(mut self, whole: bool) -> Vec<String> {
        let missing = self.wanted.iter().filter(|(_, (_, met))| !met);
        self.differences.extend(missing.map(|(reference, _)| format!("{} {reference:?} is missing", self.name)));
        self.differences.sort_unstable();
        if self.others > 0 {
            let others = format!("{} of kind {} that the file does not have", grouped(self.others), self.name);
            if whole {
                self.differences.push(others);
            } else {
                println!("  besides: {others}");
            }
        }
        self.differences
    }
}

/// Rows of a table: what the file says, and what the service says.
#[derive(Default)]
pub(crate) struct Table(Vec<(&'static str, i64, i64)>);

impl Table {
    pub(crate) fn row(&mut self, name: &'static str, file: i64, service: i64) {
        self.0.push((name, file, service));
    }

    /// Prints the table; whether all rows are equal.
    pub(crate) fn told(&self) -> bool {
        println!("\n  {:<28}{:>15}{:>15}", "", "file", "service");
        for (name, file, service) in &self.0 {
            let verdict = if file == service { "ok".to_owned() } else { format!("off by {}", grouped(service - file)) };
            println!("  {name:<28}{:>15}{:>15}   {verdict}", grouped(*file), grouped(*service));
        }
        println!();
        self.0.iter().all(|(_, file, service)| file == service)
    }
}

/// Prints the first differences; whether there are none.
pub(crate) fn tell(differences: &[String]) -> bool {
    for difference in differences.iter().take(SHOWN) {
        println!("  DIFFERENCE: {difference}");
    }
    if differences.len() > SHOWN {
        println!("  … and {} more", grouped(differences.len() - SHOWN));
    }
    if differences.is_empty() {
        println!("  Everything is as the file says, line by line.");
    }
    differences.is_empty()
}

/// A number of things, as the table has it.
pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradepost::contract::pb;

    #[test]
    fn what_is_missing_doubled_changed_or_foreign_is_told() {
        let wanted = ["a", "b", "c"].map(|sku| pb::CreateProductRequest { sku: sku.to_owned(), ..Default::default() });
        let told = |found: &[(&str, bool)], whole| {
            let mut kind = Kind::new("product", &wanted, |product| &product.sku);
            for (sku, same) in found {
                kind.meet(sku, |_| if *same { Ok(()) } else { Err("name is another".to_owned()) });
            }
            kind.told(whole).len()
        };
        let all = [("a", true), ("b", true), ("c", true)];
        assert_eq!(told(&all, true), 0);
        assert_eq!(told(&all[1..], true), 1, "missing");
        assert_eq!(told(&[all[0], all[0], all[1], all[2]], true), 1, "doubled");
        assert_eq!(told(&[("a", false), all[1], all[2]], true), 1, "changed");
        let foreign = [all[0], all[1], all[2], ("d", true)];
        assert_eq!((told(&foreign, true), told(&foreign, false)), (1, 0), "foreign");
    }
}
