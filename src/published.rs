//! What the build makes of the contract for people and tools: the OpenAPI document and the list of errors. Copies are kept
//! in `docs/`, so that a change of the contract is seen in review.

/// The OpenAPI 3.1 document.
pub const OPENAPI: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The error catalog as Markdown.
pub const ERRORS: &str = include_str!(concat!(env!("OUT_DIR"), "/errors.md"));

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Compares with the copy, or renews it when `UPDATE_GOLDEN` is set.
    fn check(file: &str, made: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, made).expect("writable");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "docs/{file} is not what the contract makes: run UPDATE_GOLDEN=1 cargo test published");
    }

    #[test]
    fn the_copies_are_those_of_this_contract() {
        check("openapi.json", OPENAPI);
        check("errors.md", ERRORS);
    }

    #[test]
    fn the_document_is_json() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).expect("JSON");
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    }
}
