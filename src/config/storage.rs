//! Where files of reports are kept, and how long they and history are.

use std::str::FromStr;
use std::time::Duration;

use super::{Switch, read as value};
use crate::objects::S3;

/// What stands for the database as the storage of files.
const DATABASE: &str = "database";

/// What the settings say; what cannot be read is `None`, and noted.
pub(super) struct Storage {
    pub(super) s3: Option<S3>,
    pub(super) report_retention: Option<Duration>,
    /// Nothing: for ever.
    pub(super) history_retention: Option<Duration>,
}

pub(super) fn read(errors: &mut Vec<String>, text: impl Fn(&str) -> String) -> Storage {
    let spans = "must be a time such as 7d, 12h, 30m or 90s";
    let kept: Option<Span> = value(errors, "report_retention", &text("report_retention"), spans);
    if kept == Some(Span(Duration::ZERO)) {
        errors.push("report_retention: must be longer than nothing".to_owned());
    }
    let history: Option<Span> = value(errors, "history_retention", &text("history_retention"), spans);
    let allow_http = value(errors, "s3_allow_http", &text("s3_allow_http"), "must be on or off");
    let place = "must be database, or s3://bucket/prefix";
    let place: Option<Place> = value(errors, "report_storage", &text("report_storage"), place);
    let (id, secret) = (text("s3_access_key_id"), text("s3_secret_access_key"));
    if id.is_empty() != secret.is_empty() {
        errors.push("s3_secret_access_key: goes with s3_access_key_id".to_owned());
    }
    let s3 = place.and_then(|Place(bucket)| bucket).map(|(bucket, prefix)| S3 {
        bucket,
        prefix,
        endpoint: text("s3_endpoint"),
        region: text("s3_region"),
        access_key_id: id,
        secret_access_key: secret,
        allow_http: allow_http.is_some_and(|Switch(on)| on),
    });
    Storage { s3, report_retention: kept.map(|Span(span)| span), history_retention: history.map(|Span(span)| span) }
}

/// `None`: the database. Else a bucket and a prefix.
struct Place(Option<(String, String)>);

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == DATABASE {
            return Ok(Self(None));
        }
        let (bucket, prefix) =
            text.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, ""))).ok_or(())?;
        if bucket.is_empty() { Err(()) } else { Ok(Self(Some((bucket.to_owned(), prefix.to_owned())))) }
    }
}

/// `7d`, `12h`, `30m`, `90s`, or `0`.
#[derive(Debug, PartialEq, Eq)]
struct Span(Duration);

impl FromStr for Span {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "0" {
            return Ok(Self(Duration::ZERO));
        }
        let seconds = match text.chars().last() {
            Some('d') => 24 * 60 * 60,
            Some('h') => 60 * 60,
            Some('m') => 60,
            Some('s') => 1,
            _ => return Err(()),
        };
        let digits = &text[..text.len() - 1];
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(());
        }
        let count: u32 = digits.parse().map_err(|_| ())?;
        Ok(Self(Duration::from_secs(u64::from(count) * seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit() {
        let hours = |hours| Ok(Span(Duration::from_hours(hours)));
        for (text, span) in
            [("7d", hours(168)), ("12h", hours(12)), ("60m", hours(1)), ("3600s", hours(1)), ("0", hours(0))]
        {
            assert_eq!(text.parse::<Span>(), span, "{text}");
        }
        for wrong in ["", "d", "7", "-1d", "+1d", "1.5h", "7 d", "7w", "99999999999d", "7\u{e9}"] {
            assert_eq!(wrong.parse::<Span>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn files_are_in_the_database_or_in_a_bucket() {
        let place = |text: &str| text.parse::<Place>().map(|Place(bucket)| bucket);
        let bucket = |bucket: &str, prefix: &str| Ok(Some((bucket.to_owned(), prefix.to_owned())));
        assert_eq!(place("database"), Ok(None));
        assert_eq!(place("s3://files"), bucket("files", ""));
        assert_eq!(place("s3://files/trade/post"), bucket("files", "trade/post"));
        for wrong in ["", "s3", "s3://", "s3:///x", "gs://files", "Database"] {
            assert_eq!(place(wrong), Err(()), "{wrong}");
        }
    }
}
