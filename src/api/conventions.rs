//! What every request may carry beside its own fields: the etag it counts on, and the mask of an update. Both are
//! brought into one spelling here, so that it does not matter on which wire and in which form they came.

use std::collections::BTreeSet;

use http::{HeaderMap, header};
use prost_types::FieldMask;
use tonic::Request;
use transcode::PresentFields;

use crate::contract::conventions::{RequestMessage, Update};
use crate::domain::etag::Precondition;
use crate::domain::violation::Violation;

/// The mask that names everything (AIP-134).
const EVERYTHING: &str = "*";

/// Brings the request into its one spelling; answers the etags that the caller counts on, and everything that is wrong.
pub(super) fn normalize<M: RequestMessage>(request: &mut Request<M>) -> (Option<Precondition>, Vec<Violation>) {
    let header = if_match(request.metadata().as_ref());
    let present = request.extensions_mut().remove::<PresentFields>();
    let message = request.get_mut();
    let mut violations = message.update().map(|update| normalize_mask(update, present)).unwrap_or_default();
    let condition = message.etag().map(|field| precondition(field, header)).transpose();
    let condition = condition.map_err(|violation| violations.push(violation)).ok().flatten().flatten();
    (condition, violations)
}

/// Several header lines are one list (RFC 9110, section 5.3). Bytes that are no text match nothing.
fn if_match(headers: &HeaderMap) -> Option<String> {
    let lines: Vec<_> = headers.get_all(header::IF_MATCH).iter().map(|line| line.to_str().unwrap_or("?")).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// What the header asks for and what the field does must both be true; the field keeps it.
fn precondition(field: &mut String, header: Option<String>) -> Result<Option<Precondition>, Violation> {
    let from_field = if field.is_empty() { None } else { Some(Precondition::parse(field)?) };
    let from_header = header.map(|header| Precondition::parse(&header)).transpose()?;
    let condition = match (from_field, from_header) {
        (Some(Some(field)), Some(Some(header))) => Some(field.and(header)),
        (Some(one), Some(None) | None) | (Some(None) | None, Some(one)) => one,
        (None, None) => None,
    };
    *field = condition.as_ref().map(Precondition::canonical).unwrap_or_default();
    Ok(condition)
}

/// Derives the mask where none was given, and holds the update to it where one was. Over REST the transcoder has derived it
/// already, from the JSON.
fn normalize_mask(update: Update<'_>, sent: Option<PresentFields>) -> Vec<Violation> {
    let present = sent.map_or(update.present, |PresentFields(paths)| paths);
    let given = update.mask.take().unwrap_or_default().paths;
    let mut violations = Vec::new();
    // Some messages are one value, such as an amount of money: who gives a part of it gives all of it.
    let whole = |path: String| whole(path, update.known);
    let present: Vec<_> = present.into_iter().map(whole).collect();
    let given: Vec<_> =
        given.into_iter().map(|path| if present.contains(&whole(path.clone())) { whole(path) } else { path }).collect();
    let mut paths: BTreeSet<String> = if given.is_empty() {
        present.into_iter().collect()
    } else {
        let named = expand(given, update.known, &mut violations);
        let unnamed = present.into_iter().filter(|path| !named.iter().any(|name| covers(name, path)));
        violations.extend(unnamed.map(|path| {
            let message = "is present, and update_mask does not name it";
            Violation::new(format!("{}.{path}", update.field), "not_in_mask", message)
        }));
        named
    };
    let all = paths.clone();
    paths.retain(|path| !all.iter().any(|other| other != path && covers(other, path)));
    *update.mask = Some(FieldMask { paths: paths.into_iter().collect() });
    violations
}

/// The path, or the first one above it that can be changed by itself.
fn whole(path: String, known: &[&str]) -> String {
    let mut above = path.as_str();
    while !known.contains(&above) {
        let Some((parent, _)) = above.rsplit_once('.') else { return path };
        above = parent;
    }
    above.to_owned()
}

fn expand(given: Vec<String>, known: &[&str], violations: &mut Vec<Violation>) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for path in given {
        if path == EVERYTHING {
            named.extend(known.iter().filter(|path| !path.contains('.')).map(|path| (*path).to_owned()));
        } else if known.contains(&path.as_str()) {
            named.insert(path);
        } else {
            violations.push(Violation::new("update_mask", "unknown_field", format!("{path:?} cannot be changed")));
        }
    }
    named
}

/// Whether a path is another one, or above it.
fn covers(above: &str, path: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["note", "place", "place.city", "place.street", "price", "tags"];

    fn normalized(mask: &[&str], present: &[&str]) -> Result<Vec<String>, Vec<String>> {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut field = (!mask.is_empty()).then(|| FieldMask { paths: texts(mask) });
        let update = Update { field: "thing", mask: &mut field, present: texts(present), known: KNOWN };
        let violations = normalize_mask(update, None);
        let found: Vec<_> = violations.into_iter().map(|violation| violation.field).collect();
        if found.is_empty() { Ok(field.unwrap_or_default().paths) } else { Err(found) }
    }

    #[test]
    fn a_mask_has_one_spelling() {
        for (mask, present, expected) in [
            (&[][..], &["tags", "note"][..], &["note", "tags"][..]),
            (&[], &[], &[]),
            (&["tags", "note", "tags"], &["note"], &["note", "tags"]),
            (&["place.city", "place"], &["place.street"], &["place"]),
            (&["*"], &["place.city"], &["note", "place", "price", "tags"]),
            (&[], &["price.amount.units", "price.percent"], &["price"]),
            (&["price.amount"], &["price.amount"], &["price"]),
            (&["price.amount"], &["price"], &["price"]),
            (&["place.city"], &["place.city"], &["place.city"]),
        ] {
            let expected: Vec<_> = expected.iter().map(|path| (*path).to_owned()).collect();
            assert_eq!(normalized(mask, present), Ok(expected), "{mask:?} {present:?}");
        }
    }

    #[test]
    fn a_mask_is_exact() {
        for (mask, present, field) in [
            (&["note"][..], &["tags"][..], "thing.tags"),
            (&["place.city"], &["place.street"], "thing.place.street"),
            (&["place.city"], &["place"], "thing.place"),
            (&["not"], &[], "update_mask"),
            (&["place."], &[], "update_mask"),
            (&["id"], &[], "update_mask"),
            (&["price.amount"], &[], "update_mask"),
        ] {
            assert_eq!(normalized(mask, present), Err(vec![field.to_owned()]), "{mask:?} {present:?}");
        }
    }

    #[test]
    fn header_and_field_must_both_be_true() {
        for (field, header, expected) in [
            ("", None, Ok("")),
            ("\"v7\"", None, Ok("v7")),
            ("", Some("\"v7\", \"v8\""), Ok("v7,v8")),
            ("v7", Some("\"v7\""), Ok("v7")),
            ("*", None, Ok("")),
            ("", Some("*"), Ok("")),
            ("v7", Some("*"), Ok("v7")),
            ("v7", Some("\"v8\""), Ok("v7 v8")),
            ("", Some(""), Err("malformed_etag")),
        ] {
            let mut text = field.to_owned();
            let outcome = precondition(&mut text, header.map(str::to_owned));
            let outcome = outcome.map(|_| text.as_str()).map_err(|violation| violation.code);
            assert_eq!(outcome, expected, "{field} {header:?}");
        }
    }
}
