//! Percent decoding (RFC 3986, 2.1), strict: a bad escape and bad UTF-8 are errors.
//! One pass only; nothing is ever decoded twice.

use std::borrow::Cow;

/// Which characters stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A variable of one segment: everything is decoded.
    Segment,
    /// A variable of several segments: `%2F` stays encoded, so that it is not taken for a separator
    /// (`google/api/http.proto`).
    Segments,
    /// A query name or value: everything is decoded and `+` is a space (`application/x-www-form-urlencoded`).
    Query,
}

/// Decodes `raw`, or says what is wrong with it.
pub(crate) fn decode(raw: &str, mode: Mode) -> Result<Cow<'_, str>, String> {
    let plus = mode == Mode::Query && raw.contains('+');
    if !plus && !raw.contains('%') {
        return Ok(Cow::Borrowed(raw));
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'%' => {
                let [high, low, after @ ..] = tail else { return Err(bad_escape(raw)) };
                let (Some(h), Some(l)) = (hex(*high), hex(*low)) else { return Err(bad_escape(raw)) };
                rest = after;
                match h << 4 | l {
                    b'/' if mode == Mode::Segments => out.extend([b'%', *high, *low]),
                    byte => out.push(byte),
                }
            }
            b'+' if plus => out.push(b' '),
            byte => out.push(*byte),
        }
    }
    String::from_utf8(out).map(Cow::Owned).map_err(|_| "percent escapes are not UTF-8".to_owned())
}

fn bad_escape(raw: &str) -> String {
    format!("bad percent escape in \"{}\"", crate::failure::shown(raw))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_by_mode() {
        let cases = [
            (Mode::Segment, "plain", "plain"),
            (Mode::Segment, "a%2Fb%2fc", "a/b/c"),
            (Mode::Segments, "a%2Fb%2fc/d", "a%2Fb%2fc/d"),
            (Mode::Segments, "a%20b/%C3%A9", "a b/é"),
            (Mode::Segment, "a+b", "a+b"),
            (Mode::Segment, "%3Aplace", ":place"),
            (Mode::Segment, "%2525", "%25"),
            (Mode::Query, "a+b%2Bc", "a b+c"),
            (Mode::Query, "é", "é"),
        ];
        for (mode, raw, want) in cases {
            assert_eq!(decode(raw, mode).as_deref(), Ok(want), "{raw}");
        }
    }

    #[test]
    fn refuses_what_is_no_text() {
        for raw in ["%", "%4", "a%zz", "%ff", "%C3", "%c0%80", "%+1", "%é1"] {
            for mode in [Mode::Segment, Mode::Segments, Mode::Query] {
                assert!(decode(raw, mode).is_err(), "{raw}");
            }
        }
    }
}
