//! `Accept`: which of the offered media types a client wants most (RFC 9110, 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// The first of the offers that no other is preferred to; nothing when none is acceptable. An offer goes by several
/// names when it has aliases.
pub(crate) fn choose(headers: &HeaderMap, offers: &[&[&str]]) -> Option<usize> {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<Range<'_>> = values.flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
    // Absent or empty: anything will do.
    if headers.get_all(ACCEPT).iter().all(|value| value.as_bytes().trim_ascii().is_empty()) {
        return (!offers.is_empty()).then_some(0);
    }
    let mut best = None;
    for (index, names) in offers.iter().enumerate() {
        let quality = quality(&ranges, names);
        if quality > best.map_or(0, |(_, known)| known) {
            best = Some((index, quality));
        }
    }
    best.map(|(index, _)| index)
}

/// Whether a client takes the media type that goes by these names.
#[must_use]
pub fn accepts(headers: &HeaderMap, names: &[&str]) -> bool {
    choose(headers, &[names]).is_some()
}

/// One media range and its quality in thousandths.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()))
        });
        Some(Self { kind, subtype, quality: quality.unwrap_or(Some(1000))? })
    }

    /// How closely it names a type: 2 exactly, 1 by its kind, 0 as anything.
    fn specificity(&self, name: &str) -> Option<u8> {
        let (kind, subtype) = name.split_once('/')?;
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(kind) => Some(1),
            (own, sub) if own.eq_ignore_ascii_case(kind) && sub.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

/// The range that names the offer, by any of its names, most closely decides.
fn quality(ranges: &[Range<'_>], names: &[&str]) -> u16 {
    let pairs = names.iter().flat_map(|name| ranges.iter().map(move |range| (range, name)));
    let fitting = pairs.filter_map(|(range, name)| Some((range.specificity(name)?, range.quality)));
    fitting.max().map_or(0, |(_, quality)| quality)
}

/// `0.8` as 800; at most three digits after the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit()) && fraction.len() <= 3;
    match (whole, digits) {
        ("1", true) => Some(1000),
        ("0", true) => format!("{fraction:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn chosen(accept: &[&'static str]) -> Option<usize> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, HeaderValue::from_static(value));
        }
        choose(
            &headers,
            &[&["application/x-ndjson", "application/jsonl"], &["application/json"], &["text/event-stream"]],
        )
    }

    #[test]
    fn the_most_wanted_is_chosen() {
        let cases: [(&[&'static str], Option<usize>); 15] = [
            (&[], Some(0)),
            (&["*/*"], Some(0)),
            (&["application/json"], Some(1)),
            (&["Text/Event-Stream"], Some(2)),
            (&["application/jsonl"], Some(0)),
            (&["application/json;q=0.5, text/event-stream"], Some(2)),
            (&["application/json;q=0.5", "text/event-stream;q=0.4"], Some(1)),
            (&["text/*;q=0.9, */*;q=0.1"], Some(2)),
            (&["*/*, application/x-ndjson;q=0"], Some(1)),
            (&["application/*;q=0.2, application/json;q=0.1"], Some(0)),
            (&["text/html"], None),
            (&["application/json;q=0"], None),
            (&["application/json;q=2"], None),
            (&["text/html, application/json;charset=utf-8;q=0.001"], Some(1)),
            (&[""], Some(0)),
        ];
        for (accept, want) in cases {
            assert_eq!(chosen(accept), want, "{accept:?}");
        }
    }
}
