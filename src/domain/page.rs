//! Pages of lists: how many rows, where they begin, and how much of each is shown.

/// Rows on a page when nobody says.
const DEFAULT_SIZE: u64 = 50;

/// Rows on a page at most.
const MAX_SIZE: u64 = 100;

/// Which page a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many rows, as the client said: 0 for the default.
    pub size: i32,
    /// The token of the page; empty for the first.
    pub token: String,
    /// Which way the list runs.
    pub sort: Sort,
    /// How much of each row is shown.
    pub view: View,
    /// What the token is bound to beside the scope: the method, its filters and its order, normalized and encoded.
    pub binding: Vec<u8>,
}

impl PageRequest {
    /// How many rows the page has.
    #[must_use]
    pub fn limit(&self) -> u64 {
        match u64::try_from(self.size) {
            Ok(0) | Err(_) => DEFAULT_SIZE,
            Ok(size) => size.min(MAX_SIZE),
        }
    }
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// By creation, oldest first.
    OldestFirst,
    /// By creation, newest first.
    NewestFirst,
}

/// How much of each thing is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What lists need.
    Basic,
    /// Everything.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_clamped() {
        for (size, limit) in [(0, 50), (1, 1), (100, 100), (101, 100), (i32::MAX, 100)] {
            let request = PageRequest {
                size,
                token: String::new(),
                sort: Sort::NewestFirst,
                view: View::Basic,
                binding: Vec::new(),
            };
            assert_eq!(request.limit(), limit);
        }
    }
}
