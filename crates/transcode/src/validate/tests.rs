//! Rule functions by table and against simple references on generated values; paths.

use std::collections::BTreeSet;

use super::rules::{self, Pattern};
use super::{Path, Violations};

/// What a rule says: code and message, or nothing.
fn said(rule: impl FnOnce(&Path<'_>, &mut Violations)) -> Option<(&'static str, String)> {
    let mut out = Violations::default();
    rule(&Path::root().field("f"), &mut out);
    let mut list = out.into_vec();
    assert!(list.len() <= 1, "a rule adds one violation at most");
    list.pop().map(|violation| {
        assert_eq!(violation.field, "f");
        (violation.code, violation.message)
    })
}

fn refused(rule: impl FnOnce(&Path<'_>, &mut Violations), code: &'static str, message: &str) {
    assert_eq!(said(rule), Some((code, message.to_owned())));
}

fn accepted(rule: impl FnOnce(&Path<'_>, &mut Violations)) {
    assert_eq!(said(rule), None);
}

#[test]
fn lengths_are_in_code_points() {
    accepted(|at, out| rules::min_len("éé", 2, at, out));
    refused(|at, out| rules::min_len("é", 2, at, out), "too_short", "must be at least 2 characters long");
    refused(|at, out| rules::min_len("", 1, at, out), "too_short", "must be at least 1 character long");
    accepted(|at, out| rules::max_len("日本", 2, at, out));
    refused(|at, out| rules::max_len("日本語", 2, at, out), "too_long", "must be at most 2 characters long");
    refused(|at, out| rules::max_len("ab", 1, at, out), "too_long", "must be at most 1 character long");
    refused(|at, out| rules::max_len("a", 0, at, out), "too_long", "must be at most 0 characters long");
}

#[test]
fn required_answers_and_reports() {
    accepted(|at, out| assert!(rules::required(true, at, out)));
    refused(|at, out| assert!(!rules::required(false, at, out)), "required", "must be set");
}

#[test]
fn a_oneof_counts_what_is_set() {
    let both = "a, b";
    accepted(|at, out| rules::oneof(&[false, false], false, both, at, out));
    for required in [false, true] {
        accepted(|at, out| rules::oneof(&[true, false], required, both, at, out));
        accepted(|at, out| rules::oneof(&[false, true], required, both, at, out));
        let several = "must have only one of: a, b";
        refused(|at, out| rules::oneof(&[true, true], required, both, at, out), "only_one", several);
    }
    refused(|at, out| rules::oneof(&[false, false], true, both, at, out), "required", "must have one of: a, b");
    refused(|at, out| rules::oneof(&[false], true, "a", at, out), "required", "must have a");
}

#[test]
fn patterns_match_as_written() {
    static CODE: Pattern = Pattern::new("^[A-Z]{3}$");
    static LOOSE: Pattern = Pattern::new("b");
    static BROKEN: Pattern = Pattern::new("[");
    accepted(|at, out| rules::pattern("GBP", &CODE, at, out));
    accepted(|at, out| rules::pattern("abc", &LOOSE, at, out));
    for value in ["", "gbp", "GBPX", "GBP\n", " GBP", "ＧＢＰ"] {
        refused(|at, out| rules::pattern(value, &CODE, at, out), "pattern_mismatch", "must match ^[A-Z]{3}$");
    }
    refused(|at, out| rules::pattern("x", &BROKEN, at, out), "pattern_mismatch", "must match [");
}

#[test]
fn type_ids_match() {
    static ID: Pattern = Pattern::new("^cus_[0-7][0-9a-hjkmnp-tv-z]{25}$");
    accepted(|at, out| rules::pattern("cus_01h455vb4pex5vsknk084sn02q", &ID, at, out));
    for value in [
        "ord_01h455vb4pex5vsknk084sn02q",
        "cus_81h455vb4pex5vsknk084sn02q",
        "cus_01h455vb4pex5vsknk084sn02",
        "cus_01h455vb4pex5vsknk084sn02qq",
        "cus_01h455vb4pex5vsknk084sn02u",
        "cus_01H455VB4PEX5VSKNK084SN02Q",
    ] {
        assert_eq!(said(|at, out| rules::pattern(value, &ID, at, out)).map(|(code, _)| code), Some("pattern_mismatch"));
    }
}

#[test]
fn ranges_name_their_limits() {
    use std::ops::Bound::{Excluded, Included, Unbounded};

    accepted(|at, out| rules::range(i64::MIN, ..=i64::MIN, at, out));
    accepted(|at, out| rules::range(5, 5..=5, at, out));
    let code = "out_of_range";
    refused(|at, out| rules::range(4, 5..=6, at, out), code, "must be at least 5 and at most 6");
    refused(|at, out| rules::range(7, 5..7, at, out), code, "must be at least 5 and less than 7");
    refused(|at, out| rules::range(-1, 0.., at, out), code, "must be at least 0");
    refused(|at, out| rules::range(10, ..10, at, out), code, "must be less than 10");
    refused(|at, out| rules::range(11, ..=10, at, out), code, "must be at most 10");
    refused(|at, out| rules::range(0, (Excluded(0), Unbounded), at, out), code, "must be greater than 0");
    let both = (Excluded(0), Included(3));
    refused(|at, out| rules::range(4, both, at, out), code, "must be greater than 0 and at most 3");
}

#[test]
fn choices_list_their_values() {
    accepted(|at, out| rules::one_of("a", &["a", "b"], "\"a\", \"b\"", at, out));
    refused(
        |at, out| rules::one_of("c", &["a", "b"], "\"a\", \"b\"", at, out),
        "not_in",
        "must be one of: \"a\", \"b\"",
    );
    refused(|at, out| rules::one_of(2, &[1], "1", at, out), "not_in", "must be 1");
    accepted(|at, out| rules::none_of(1, &[0], "UNSPECIFIED", at, out));
    refused(|at, out| rules::none_of(0, &[0], "UNSPECIFIED", at, out), "not_in", "must not be UNSPECIFIED");
    refused(|at, out| rules::none_of(0, &[0, 1], "A, B", at, out), "not_in", "must not be one of: A, B");
    accepted(|at, out| rules::defined_only(-2, &[-2, 0, 5], at, out));
    refused(
        |at, out| rules::defined_only(1, &[-2, 0, 5], at, out),
        "undefined_value",
        "must be a defined value, not 1",
    );
}

#[test]
fn sizes_name_what_they_count() {
    accepted(|at, out| rules::min_items(1, 1, at, out));
    accepted(|at, out| rules::max_pairs(1, 1, at, out));
    refused(|at, out| rules::min_items(0, 1, at, out), "too_few", "must have at least 1 item");
    refused(|at, out| rules::max_items(3, 2, at, out), "too_many", "must have at most 2 items");
    refused(|at, out| rules::min_pairs(0, 1, at, out), "too_few", "must have at least 1 entry");
    refused(|at, out| rules::max_pairs(3, 2, at, out), "too_many", "must have at most 2 entries");
    refused(|at, out| rules::unique(&["a", "a"], at, out), "not_unique", "must not hold the same value twice");
}

#[test]
fn emails_follow_the_html_standard() {
    let label = "a".repeat(63);
    let long = format!("a@{label}.example");
    for value in ["a@b", "a.b+c@d.example", "!#$%&'*+/=?^_`{|}~-@x-y.z", "..@b", &long] {
        accepted(|at, out| rules::email(value, at, out));
    }
    let longer = format!("a@{label}a.example");
    for value in [
        "", "a", "@b", "a@", "a@b@c", "a b@c", "a@-b", "a@b-", "a@b..c", "a@b.", "é@b", "a@é", "a@b_c", " a@b",
        "a@b\n", "\"a\"@b", "a@[::1]", &longer,
    ] {
        refused(|at, out| rules::email(value, at, out), "invalid_email", "must be a valid email address");
    }
}

/// Numbers that look random and are the same in every run.
fn numbers() -> impl Iterator<Item = usize> {
    let mut state = 0x9e37_79b9_u32;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize
    })
}

#[test]
fn rules_agree_with_their_definitions() {
    // The expression that the HTML standard gives.
    let email = regex::Regex::new(
        "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
    )
    .unwrap();
    let alphabet: Vec<char> = "aab@@..-_é \n".chars().collect();
    let mut random = numbers();
    let mut next = |below: usize| random.next().unwrap_or_default() % below;
    for _ in 0..20_000 {
        let length = next(9);
        let value: String = (0..length).map(|_| alphabet[next(alphabet.len())]).collect();
        assert_eq!(said(|at, out| rules::email(&value, at, out)).is_none(), email.is_match(&value), "{value:?}");

        let limit = next(9);
        assert_eq!(said(|at, out| rules::min_len(&value, limit, at, out)).is_none(), length >= limit);
        assert_eq!(said(|at, out| rules::max_len(&value, limit, at, out)).is_none(), length <= limit);

        let list: Vec<usize> = (0..next(40)).map(|_| next(400)).collect();
        let distinct = list.iter().collect::<BTreeSet<_>>().len() == list.len();
        assert_eq!(said(|at, out| rules::unique(&list, at, out)).is_none(), distinct, "{list:?}");
    }
}

#[test]
fn paths_read_like_the_contract() {
    let root = Path::root();
    let items = root.field("items");
    let third = items.index(2);
    assert_eq!(root.to_string(), "");
    assert_eq!(third.field("quantity").to_string(), "items[2].quantity");
    assert_eq!(items.key("a").field("b").to_string(), "items[\"a\"].b");
    assert_eq!(items.key("q\"\\\n").to_string(), "items[\"q\\\"\\\\\\n\"]");
    assert_eq!(items.key(&-1_i32).to_string(), "items[-1]");
    assert_eq!(items.key(&1_u64).to_string(), "items[1]");
    assert_eq!(items.map_key(&true).to_string(), "items[true]");
    let long = items.key("é".repeat(61).as_str()).to_string();
    assert_eq!(long, format!("items[\"{}…\"]", "é".repeat(60)));
    let exact = items.key("é".repeat(60).as_str()).to_string();
    assert_eq!(exact, format!("items[\"{}\"]", "é".repeat(60)));
}
