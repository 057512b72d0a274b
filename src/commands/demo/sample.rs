//! The sample: invoices of a real shop (`data/README.md` has the attribution), as requests of the contract.

use crate::commands::retail::Books;
use crate::server::Fault;

const CSV: &str = include_str!("../../../data/online-retail-sample.csv");

pub(super) fn read() -> Result<Books, Fault> {
    Books::read(CSV.as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::commands::retail::Cause;

    #[test]
    fn the_sample_is_what_its_readme_says() {
        let sample = super::read().expect("readable");
        assert_eq!((sample.orders.len(), sample.customers.len(), sample.products.len()), (300, 223, 1269));
        assert_eq!((sample.lines, sample.credited, sample.returns.len()), (3879 + 184, 172, 119));
        let causes = [Cause::WalkInCredit, Cause::NeverBought, Cause::OtherPrice, Cause::TooFew];
        assert_eq!(sample.left_out, causes.into_iter().map(|cause| (cause, 3)).collect());
        let total: i64 = sample
            .orders
            .iter()
            .flat_map(|order| &order.items)
            .map(|item| i64::from(item.quantity) * item.unit_price.as_ref().map_or(0, |price| price.minor_units))
            .sum();
        assert_eq!(total, 10_656_132);
    }
}
