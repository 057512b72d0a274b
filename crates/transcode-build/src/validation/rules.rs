//! The rules of one field, or over several, as plain data. Reading them is in `read`, whether they fit in `fit`.

use std::ops::Bound;

/// `buf.validate.FieldRules`.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(crate) required: bool,
    pub(crate) ignore: Ignore,
    pub(crate) typed: Option<Typed>,
}

/// `buf.validate.Ignore`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignore {
    #[default]
    Unspecified,
    IfZero,
    Always,
}

/// `buf.validate.MessageOneofRule`.
#[derive(Debug, Default)]
pub(crate) struct Oneof {
    pub(crate) fields: Vec<String>,
    pub(crate) required: bool,
}

/// The rules that belong to one type of field.
#[derive(Debug)]
pub(crate) enum Typed {
    Int32(Ints),
    Int64(Ints),
    String(Strings),
    Enum(Enums),
    Repeated(Box<List>),
    Map(Box<Pairs>),
}

impl Typed {
    /// Its name in the contract.
    pub(crate) fn name(&self) -> &'static str {
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
pub(crate) struct Ints {
    pub(crate) lower: Bound<i64>,
    pub(crate) upper: Bound<i64>,
    pub(crate) among: Vec<i64>,
    pub(crate) except: Vec<i64>,
}

impl Default for Ints {
    fn default() -> Self {
        Self { lower: Bound::Unbounded, upper: Bound::Unbounded, among: Vec::new(), except: Vec::new() }
    }
}

/// `StringRules`.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    pub(crate) min_len: Option<u64>,
    pub(crate) max_len: Option<u64>,
    pub(crate) pattern: Option<String>,
    pub(crate) among: Vec<String>,
    pub(crate) except: Vec<String>,
    pub(crate) email: bool,
}

/// `EnumRules`.
#[derive(Debug, Default)]
pub(crate) struct Enums {
    pub(crate) defined_only: bool,
    pub(crate) among: Vec<i32>,
    pub(crate) except: Vec<i32>,
}

/// `RepeatedRules`.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
    pub(crate) unique: bool,
    pub(crate) items: Rules,
}

/// `MapRules`.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
    pub(crate) keys: Rules,
    pub(crate) values: Rules,
}
