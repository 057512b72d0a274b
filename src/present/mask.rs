//! The mask of an update, in the one spelling that the wrappers bring it into: exact, sorted, no path below another one.

use prost_types::FieldMask;

use super::parse::Parser;
use crate::domain::violation::Violation;

/// Which fields an update changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Mask(Vec<String>);

impl From<Option<FieldMask>> for Mask {
    fn from(mask: Option<FieldMask>) -> Self {
        Self(mask.unwrap_or_default().paths)
    }
}

impl Mask {
    /// Whether the update changes the field, or a part of it.
    pub(super) fn names(&self, field: &str) -> bool {
        self.0.iter().any(|path| path == field) || !self.parts(field).is_empty()
    }

    /// What the field becomes, when the update changes it.
    pub(super) fn value<T>(&self, field: &str, value: T) -> Option<T> {
        self.names(field).then_some(value)
    }

    /// What a field becomes that cannot be cleared. It comes with what it is a field of: `order.note`.
    pub(super) fn required<T>(&self, parser: &mut Parser, path: &str, value: Option<T>) -> Option<T> {
        let is_named = path.split_once('.').is_some_and(|(_, field)| self.names(field));
        if is_named && value.is_none() {
            parser.violations.push(Violation::new(path, "required", "cannot be cleared"));
        }
        value.filter(|_| is_named)
    }

    /// The parts of the field that the update changes; none when it changes the field as a whole, or not at all.
    pub(super) fn parts<'m>(&'m self, field: &str) -> Vec<&'m str> {
        let below = |path: &'m String| path.strip_prefix(field)?.strip_prefix('.');
        self.0.iter().filter_map(below).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_their_parts_are_told_apart() {
        let paths = ["note", "place.city", "place.street"].map(str::to_owned).to_vec();
        let mask = Mask::from(Some(FieldMask { paths }));
        assert!(mask.names("note") && mask.names("place") && !mask.names("pla") && !mask.names("tags"));
        assert_eq!(mask.parts("place"), ["city", "street"]);
        assert!(mask.parts("note").is_empty());
        let mut parser = Parser::default();
        let becomes = ["thing.note", "thing.tags"].map(|path| mask.required(&mut parser, path, Some(1)));
        assert_eq!((becomes, parser.violations.as_slice()), ([Some(1), None], &[][..]));
        let becomes = ["thing.note", "thing.tags"].map(|path| mask.required(&mut parser, path, None::<i32>));
        let missing: Vec<_> = parser.violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!((becomes, missing), ([None, None], vec!["thing.note"]));
        assert_eq!((mask.value("note", 1), mask.value("tags", 1)), (Some(1), None));
    }
}
