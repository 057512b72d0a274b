//! Something in a request that does not fit.

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Violation {
    /// Where: `items[2].unit_price`.
    pub field: String,
    /// What, for programs: `out_of_range`.
    pub code: &'static str,
    /// What, for people.
    pub message: String,
}

impl Violation {
    /// What is wrong with a field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}
