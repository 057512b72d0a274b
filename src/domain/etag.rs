//! Etags: the version of a thing as clients see it, and the condition they put on it (RFC 9110, section 13.1.1).

use super::violation::Violation;

/// Matches whatever there is.
const ANY: &str = "*";

/// The etag of a version, bare: `v7`.
#[must_use]
pub fn etag(version: i64) -> String {
    format!("v{version}")
}

/// The same as an HTTP header quotes it: `"v7"`.
#[must_use]
pub fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// Something whose every visible change moves its version.
pub trait Versioned {
    /// The version.
    fn version(&self) -> i64;
}

/// The etags that a caller accepts: one of each list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precondition(Vec<Vec<String>>);

impl Precondition {
    /// Reads a list of etags, quoted or bare. A weak one (`W/"v7"`) is kept, and never matches. `None`: any will do.
    ///
    /// # Errors
    /// When there is no etag between two commas.
    pub fn parse(text: &str) -> Result<Option<Self>, Violation> {
        let etags: Vec<_> = text.split(',').map(str::trim).collect();
        if etags.contains(&ANY) {
            return Ok(None);
        }
        let etags: Vec<_> = etags.into_iter().map(unquoted).collect();
        if etags.iter().any(|etag| etag.is_empty()) {
            return Err(Violation::new("etag", "malformed_etag", "must be an etag, or a list of them, or *"));
        }
        Ok(Some(Self(vec![etags.into_iter().map(str::to_owned).collect()])))
    }

    /// What both of two conditions accept.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self.0.dedup();
        self
    }

    /// Whether the version is one that the caller accepts.
    #[must_use]
    pub fn admits(&self, version: i64) -> bool {
        let current = etag(version);
        self.0.iter().all(|list| list.contains(&current))
    }

    /// The same in one spelling.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.iter().map(|list| list.join(",")).collect::<Vec<_>>().join(" ")
    }
}

/// An etag without its quotes.
#[must_use]
pub fn unquoted(etag: &str) -> &str {
    etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read() {
        for (text, admits_7) in [
            ("v7", true),
            ("\"v7\"", true),
            (" \"v6\" , \"v7\"", true),
            ("v6", false),
            ("\"v6\", v8", false),
            ("W/\"v7\"", false),
            ("V7", false),
            ("\"v7", false),
            ("\"*\"", false),
            ("7", false),
        ] {
            let condition = Precondition::parse(text).expect("a list").expect("not any");
            assert_eq!(condition.admits(7), admits_7, "{text}");
        }
        for any in ["*", "v7, *"] {
            assert_eq!(Precondition::parse(any), Ok(None), "{any}");
        }
        for wrong in ["", "  ", "v7,", ",v7", "\"\""] {
            assert!(Precondition::parse(wrong).is_err(), "{wrong:?}");
        }
        let [one, other] = ["v7", "v7, v8"].map(|text| Precondition::parse(text).expect("a list").expect("not any"));
        assert_eq!(one.clone().and(one.clone()), one);
        assert!(one.clone().and(other.clone()).admits(7) && !one.and(other).admits(8));
        let same = |text| Precondition::parse(text).ok().flatten().map(|condition| condition.canonical());
        assert_eq!(same("\"v7\" , v8"), same("v7,\"v8\""));
    }
}
