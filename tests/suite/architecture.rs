//! The rules of the house, read from the sources: who may name whom, how files look, what must have a place.
//!
//! Comments may name anything; only code is read.

use std::fs;
use std::path::{Path, PathBuf};

use tradepost::contract::policy::{ERROR_CODES, METHODS};

/// Longest file.
const MAX_LINES: usize = 400;

/// What the code of a folder must not name.
const FORBIDDEN: [(&str, &[&str]); 7] = [
    ("src/api", &["sea_orm", "sqlx", "crate::store", "crate::workers"]),
    (
        "src/workers",
        &["tonic", "axum", "hyper", "prost", "sea_orm", "sqlx", "crate::api", "crate::present", "crate::store"],
    ),
    (
        "src/app",
        &["tonic", "axum", "hyper", "prost", "sea_orm", "sqlx", "crate::api", "crate::present", "crate::workers"],
    ),
    (
        "src/domain",
        &[
            "async",
            ".await",
            "sea_orm",
            "sqlx",
            "tonic",
            "axum",
            "prost",
            "tokio",
            "SystemTime",
            "Instant",
            "rand",
            "getrandom",
            "crate::app",
            "crate::api",
            "crate::store",
            "crate::contract",
            "crate::present",
        ],
    ),
    ("src/store", &["tonic", "axum", "prost", "crate::app", "crate::api", "crate::present"]),
    ("src/present", &["tonic", "axum", "sea_orm", "crate::app", "crate::api", "crate::store"]),
    ("crates", &["tradepost", "customer_id", "sku", "minor_units"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a folder, but not those of tests beside it.
fn sources(folder: &str) -> Vec<(String, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((name(&path), fs::read_to_string(&path).expect("readable")));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).expect("in the repository").display().to_string()
}

/// Whether a line of code names this, as whole words.
fn names(line: &str, wanted: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let is_word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    code.match_indices(wanted).any(|(place, _)| {
        let before = !wanted.starts_with('.') && is_word(code[..place].chars().next_back());
        !before && !is_word(code[place + wanted.len()..].chars().next())
    })
}

#[test]
fn imports_point_one_way() {
    let mut broken = Vec::new();
    for (folder, forbidden) in FORBIDDEN {
        for (file, text) in sources(folder).into_iter().filter(|(file, _)| !is_test_file(file)) {
            for (number, line) in text.lines().enumerate() {
                let found = forbidden.iter().filter(|wanted| names(line, wanted));
                broken.extend(found.map(|wanted| format!("{file}:{}: {wanted}", number + 1)));
            }
        }
    }
    assert!(broken.is_empty(), "these names do not belong there:\n{}", broken.join("\n"));
}

/// Libraries are tested and measured with examples, and those may be of any kind.
fn is_test_file(file: &str) -> bool {
    file.starts_with("crates/") && ["/tests", "/benches/"].iter().any(|folder| file.contains(folder))
}

#[test]
fn only_the_store_speaks_to_the_database() {
    let allowed = ["src/store/", "migrations/"];
    let files = sources("src").into_iter().filter(|(file, _)| !allowed.iter().any(|folder| file.starts_with(folder)));
    for (file, text) in files {
        assert!(!text.lines().any(|line| names(line, "sea_orm") || names(line, "sqlx")), "{file} names the database");
    }
}

/// Whoever could call others might be made to call our own network.
#[test]
fn only_webhooks_speak_http_to_others() {
    for (file, text) in sources("src").into_iter().filter(|(file, _)| file != "src/workers/webhooks/send.rs") {
        assert!(!text.lines().any(|line| names(line, "reqwest")), "{file} names the HTTP client");
    }
}

#[test]
fn only_one_file_speaks_to_the_storage_of_objects() {
    let files = sources("src").into_iter().filter(|(file, _)| file != "src/objects.rs");
    for (file, text) in files {
        assert!(!text.lines().any(|line| names(line, "object_store")), "{file} names the client of the storage");
    }
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    for folder in ["src", "crates", "build", "examples", "migrations", "tests/suite"] {
        for (file, text) in sources(folder).into_iter().filter(|(file, _)| !is_test_file(file)) {
            assert!(text.starts_with("//!"), "{file} does not open with what lives in it");
            let lines = text.lines().count();
            assert!(lines <= MAX_LINES, "{file} has {lines} lines");
        }
    }
}

#[test]
fn every_error_of_the_catalog_is_raised() {
    let all: String = sources("src").into_iter().map(|(_, text)| text).collect();
    for code in ERROR_CODES {
        let raised = format!("ErrorCode::{code:?}");
        assert!(all.lines().any(|line| names(line, &raised)), "nothing raises {raised}");
    }
}

#[test]
fn every_method_has_its_handler() {
    let api: String = sources("src/api").into_iter().map(|(_, text)| text).collect();
    assert!(METHODS.len() >= 9);
    for method in METHODS {
        let mut handler = String::new();
        for letter in method.name.chars() {
            if letter.is_uppercase() && !handler.is_empty() {
                handler.push('_');
            }
            handler.extend(letter.to_lowercase());
        }
        assert!(api.contains(&format!("async fn {handler}(")), "{} has no handler {handler}", method.name);
    }
}

#[test]
fn words_are_found_whole_and_outside_comments() {
    for (line, wanted, expected) in [
        ("use sea_orm::Set;", "sea_orm", true),
        ("use sea_orm_migration::prelude;", "sea_orm", false),
        ("// use sea_orm;", "sea_orm", false),
        ("let brand = 1;", "rand", false),
        ("x.await?", ".await", true),
        ("use crate::storefront;", "crate::store", false),
        ("use crate::store::orders;", "crate::store", true),
    ] {
        assert_eq!(names(line, wanted), expected, "{wanted} in {line}");
    }
}
