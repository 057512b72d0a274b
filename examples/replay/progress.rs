//! What people see while they wait: a bar on a terminal, and a line at the end of each part everywhere.

use std::time::Instant;

use futures_util::TryStreamExt as _;
use futures_util::stream;
use indicatif::{ProgressBar, ProgressStyle};

use crate::Fault;

/// Does something with every item, several at a time. The first fault ends it.
pub(crate) async fn each<T, F>(
    name: &'static str,
    items: impl IntoIterator<Item = T>,
    concurrency: usize,
    work: impl Fn(T) -> F,
) -> Result<(), Fault>
where
    F: Future<Output = Result<(), Fault>>,
{
    let items: Vec<T> = items.into_iter().collect();
    if items.is_empty() {
        return Ok(());
    }
    let (count, begun) = (items.len(), Instant::now());
    let bar = ProgressBar::new(count as u64).with_message(name).with_style(style()?);
    let all = stream::iter(items.into_iter().map(Ok::<T, Fault>)).try_for_each_concurrent(concurrency, |item| {
        let done = work(item);
        let bar = &bar;
        async move {
            done.await?;
            bar.inc(1);
            Ok(())
        }
    });
    let outcome = all.await;
    bar.finish_and_clear();
    outcome?;
    println!("  {:>7} {name} in {}", grouped(count), rate(count, begun));
    Ok(())
}

/// `34.2 s (583/s)`.
pub(crate) fn rate(count: usize, begun: Instant) -> String {
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let each_second = count as f64 / seconds.max(0.001);
    format!("{seconds:.1} s ({each_second:.0}/s)")
}

/// A bar of unknown length, for what is read page by page.
pub(crate) fn counter(name: &'static str) -> Result<ProgressBar, Fault> {
    let style = ProgressStyle::with_template("{spinner} {pos} {msg} ({per_sec})")?;
    Ok(ProgressBar::no_length().with_message(name).with_style(style))
}

fn style() -> Result<ProgressStyle, Fault> {
    Ok(ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg} ({per_sec}, {eta} left)")?)
}

/// `541,909`.
pub(crate) fn grouped(number: impl TryInto<i64>) -> String {
    let text = number.try_into().unwrap_or(i64::MAX).to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let mut shown = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    #[test]
    fn digits_stand_in_threes() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (-541_909, "-541,909"), (-100, "-100")] {
            assert_eq!(super::grouped(number), shown);
        }
    }
}
