//! The rules of one field, as plain data. Reading them is in `read`, whether they fit their field in `fit`.

use std::ops::Bound;

/// `buf.validate.FieldRules`.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) required: bool,
    pub(super) ignore: Ignore,
    pub(super) typed: Option<Typed>,
}

/// `buf.validate.Ignore`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ignore {
    #[default]
    Unspecified,
    IfZero,
    Always,
}

/// The rules that belong to one type of field.
#[derive(Debug)]
pub(super) enum Typed {
    Int32(Ints),
    Int64(Ints),
    String(Strings),
    Enum(Enums),
    Repeated(Box<List>),
    Map(Box<Pairs>),
}

impl Typed {
    /// Its name in the contract.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Typed::Int32(_) => "int32",
            Typed::Int64(_) => "int64",
            Typed::String(_) => "string",
            Typed::Enum(_) => "enum",
            Typed::Repeated(_) => "repeated",
            Typed::Map(_) => "map",
        }
    }
}

/// `Int32Rules` and `Int64Rules`.
#[derive(Debug)]
pub(super) struct Ints {
    pub(super) lower: Bound<i64>,
    pub(super) upper: Bound<i64>,
    pub(super) among: Vec<i64>,
    pub(super) except: Vec<i64>,
}

impl Default for Ints {
    fn default() -> Self {
        Self { lower: Bound::Unbounded, upper: Bound::Unbounded, among: Vec::new(), except: Vec::new() }
    }
}

/// `StringRules`.
#[derive(Debug, Default)]
pub(super) struct Strings {
    pub(super) min_len: Option<u64>,
    pub(super) max_len: Option<u64>,
    pub(super) pattern: Option<String>,
    pub(super) among: Vec<String>,
    pub(super) except: Vec<String>,
    pub(super) email: bool,
}

/// `EnumRules`.
#[derive(Debug, Default)]
pub(super) struct Enums {
    pub(super) defined_only: bool,
    pub(super) among: Vec<i32>,
    pub(super) except: Vec<i32>,
}

/// `RepeatedRules`.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) min: Option<u64>,
    pub(super) max: Option<u64>,
    pub(super) unique: bool,
    pub(super) items: Rules,
}

/// `MapRules`.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) min: Option<u64>,
    pub(super) max: Option<u64>,
    pub(super) keys: Rules,
    pub(super) values: Rules,
}
