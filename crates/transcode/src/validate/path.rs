//! Where in a message a check stands: `items[2].quantity`, `metadata["a"]`.
//!
//! A path is a borrowed linked list on the stack of the check; it becomes text only when a rule is broken.

use std::fmt;

use crate::failure::shown;

/// A place in a message.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Field(&'a str),
    /// A name that the client made up.
    Name(&'a str),
    Index(usize),
    /// The value under a key, or the key itself.
    Entry {
        key: Key<'a>,
        itself: bool,
    },
}

impl<'a> Path<'a> {
    /// The message that is checked.
    #[must_use]
    pub const fn root() -> Self {
        Self { parent: None, step: Step::Root }
    }

    /// A field of the message here, by its name in the contract.
    #[must_use]
    pub const fn field(&'a self, name: &'a str) -> Path<'a> {
        self.step(Step::Field(name))
    }

    /// A member by a name that came from a client; it is cut when it is long.
    #[must_use]
    pub const fn name(&'a self, name: &'a str) -> Path<'a> {
        self.step(Step::Name(name))
    }

    /// An item of the list here.
    #[must_use]
    pub const fn index(&'a self, index: usize) -> Path<'a> {
        self.step(Step::Index(index))
    }

    /// The value under `key` in the map here.
    #[must_use]
    pub fn key(&'a self, key: impl Into<Key<'a>>) -> Path<'a> {
        self.step(Step::Entry { key: key.into(), itself: false })
    }

    /// The value under a key that came from a client.
    pub(crate) const fn entry(&'a self, key: Key<'a>) -> Path<'a> {
        self.step(Step::Entry { key, itself: false })
    }

    /// The key itself, of the map here. It reads as the value does; messages at it begin with "the key".
    #[must_use]
    pub fn map_key(&'a self, key: impl Into<Key<'a>>) -> Path<'a> {
        self.step(Step::Entry { key: key.into(), itself: true })
    }

    const fn step(&'a self, step: Step<'a>) -> Path<'a> {
        Path { parent: Some(self), step }
    }

    fn dot(&self) -> &'static str {
        if self.parent.is_none_or(|parent| matches!(parent.step, Step::Root)) { "" } else { "." }
    }

    pub(super) const fn is_map_key(&self) -> bool {
        matches!(self.step, Step::Entry { itself: true, .. })
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) => write!(f, "{}{name}", self.dot()),
            Step::Name(name) => write!(f, "{}{}", self.dot(), shown(name)),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Entry { key, .. } => write!(f, "[{key}]"),
        }
    }
}

/// A key of a Protobuf map.
#[derive(Clone, Copy)]
pub enum Key<'a> {
    /// `string`
    Text(&'a str),
    /// The signed integers.
    Signed(i64),
    /// The unsigned integers.
    Unsigned(u64),
    /// `bool`
    Bool(bool),
    /// What a client wrote where a number or a boolean belongs.
    Unread(&'a str),
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Keys come from clients and one path is repeated in many violations, so long ones are cut.
            Key::Text(text) => write!(f, "\"{}\"", shown(text)),
            Key::Signed(number) => number.fmt(f),
            Key::Unsigned(number) => number.fmt(f),
            Key::Bool(value) => value.fmt(f),
            Key::Unread(text) => f.write_str(&shown(text)),
        }
    }
}

macro_rules! key_from {
    ($($type:ty => $variant:ident),*) => {$(
        impl<'a> From<&'a $type> for Key<'a> {
            fn from(key: &'a $type) -> Self {
                Key::$variant((*key).into())
            }
        }
    )*};
}

key_from!(i32 => Signed, i64 => Signed, u32 => Unsigned, u64 => Unsigned, bool => Bool);

impl<'a> From<&'a String> for Key<'a> {
    fn from(key: &'a String) -> Self {
        Key::Text(key)
    }
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(key: &'a str) -> Self {
        Key::Text(key)
    }
}
