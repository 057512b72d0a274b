//! The kinds of value a field can have: how each is written, read from JSON and read from plain text.
//! Generated code names them; none is ever made.

use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::lexer::Token;
use super::message::ProtoJson;
use super::reader::{Reader, Syntax};
use super::scalar::{self, EnumTable, EnumType, Refusal};
use super::writer::{Unprintable, Writer};
use crate::validate::{Key, Path};

/// A kind of value.
pub trait Kind {
    /// How prost holds it.
    type Value;
    /// Whether `null` is one of its values.
    const NULL: bool = false;

    /// Appends its JSON.
    fn write(value: &Self::Value, out: &mut Writer<'_>) -> Result<(), Unprintable>;

    /// Reads the value that comes next; nothing when it was refused.
    fn read(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Option<Self::Value>, Syntax>;

    /// Reads it from plain text, as paths and queries carry it.
    fn text(text: &str) -> Result<Self::Value, Refusal>;

    /// Whether it is the value that protobuf does not store.
    fn is_zero(value: &Self::Value) -> bool {
        let _ = value;
        false
    }
}

/// A kind that can be the key of a map.
pub trait MapKey: Kind {
    /// Reads a key.
    fn key(text: &str) -> Result<Self::Value, Refusal>;

    /// Appends a key, quoted.
    fn write_key(key: &Self::Value, out: &mut Writer<'_>);

    /// How a key that was sent is shown in paths.
    #[must_use]
    fn shown(text: &str) -> Key<'_> {
        Key::Unread(text)
    }
}

macro_rules! integers {
    ($($(#[$doc:meta])* $kind:ident $type:ty, $write:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $kind;

        impl Kind for $kind {
            type Value = $type;

            fn write(value: &$type, out: &mut Writer<'_>) -> Result<(), Unprintable> {
                out.$write(*value);
                Ok(())
            }

            fn read(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Option<$type>, Syntax> {
                json.scalar(at, scalar::WHOLE_NUMBER, |found| scalar::integer(&found))
            }

            fn text(text: &str) -> Result<$type, Refusal> {
                scalar::integer_from_text(text)
            }

            fn is_zero(value: &$type) -> bool {
                *value == 0
            }
        }

        impl MapKey for $kind {
            fn key(text: &str) -> Result<$type, Refusal> {
                scalar::integer_key(text)
            }

            fn write_key(key: &$type, out: &mut Writer<'_>) {
                out.quoted_integer(*key);
            }
        }
    )*};
}

// 64 bits are strings: most JSON readers keep only 53 (the `ProtoJSON` specification).
integers! {
    /// `int32`, `sint32`, `sfixed32`.
    Int32 i32, integer;
    /// `int64`, `sint64`, `sfixed64`.
    Int64 i64, quoted_integer;
    /// `uint32`, `fixed32`.
    Uint32 u32, integer;
    /// `uint64`, `fixed64`.
    Uint64 u64, quoted_integer;
}

macro_rules! scalars {
    ($($(#[$doc:meta])* $kind:ident $type:ty, $wanted:literal, $read:expr, $text:expr, $write:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $kind;

        impl Kind for $kind {
            type Value = $type;

            fn write(value: &$type, out: &mut Writer<'_>) -> Result<(), Unprintable> {
                $write(out, value);
                Ok(())
            }

            fn read(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Option<$type>, Syntax> {
                json.scalar(at, $wanted, $read)
            }

            fn text(text: &str) -> Result<$type, Refusal> {
                $text(text)
            }

            #[allow(clippy::float_cmp, reason = "only zero itself is not stored")]
            fn is_zero(value: &$type) -> bool {
                *value == <$type>::default()
            }
        }
    )*};
}

scalars! {
    /// `bool`.
    Bool bool, "true or false", |found| scalar::boolean(&found), scalar::boolean_from_text,
        |out: &mut Writer<'_>, value: &bool| out.boolean(*value);
    /// `float`.
    Float f32, "a number", |found| scalar::float(&found), scalar::float_from_text,
        |out: &mut Writer<'_>, value: &f32| out.float(f64::from(*value), value);
    /// `double`.
    Double f64, "a number", |found| scalar::float(&found), scalar::float_from_text,
        |out: &mut Writer<'_>, value: &f64| out.float(*value, value);
    /// `string`.
    Text String, "a string", |found| scalar::string(found, "a string").map(std::borrow::Cow::into_owned),
        |text: &str| Ok(text.to_owned()), |out: &mut Writer<'_>, value: &String| out.string(value);
}

impl MapKey for Bool {
    fn key(text: &str) -> Result<bool, Refusal> {
        scalar::boolean_from_text(text).map_err(|_| Refusal::invalid("the key must be true or false"))
    }

    fn write_key(key: &bool, out: &mut Writer<'_>) {
        out.verbatim(if *key { "\"true\"" } else { "\"false\"" });
    }
}

impl MapKey for Text {
    fn key(text: &str) -> Result<String, Refusal> {
        Ok(text.to_owned())
    }

    fn write_key(key: &String, out: &mut Writer<'_>) {
        out.string(key);
    }

    fn shown(text: &str) -> Key<'_> {
        Key::Text(text)
    }
}

/// `bytes`, whichever type holds them.
#[derive(Debug)]
pub struct Blob<B>(PhantomData<B>);

impl<B: From<Vec<u8>> + AsRef<[u8]>> Kind for Blob<B> {
    type Value = B;

    fn write(value: &B, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        out.string(&STANDARD.encode(value));
        Ok(())
    }

    fn read(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Option<B>, Syntax> {
        let wanted = "a base64 string";
        json.scalar(at, wanted, |found| scalar::bytes(&scalar::string(found, wanted)?).map(B::from))
    }

    fn text(text: &str) -> Result<B, Refusal> {
        scalar::bytes(text).map(B::from)
    }

    fn is_zero(value: &B) -> bool {
        value.as_ref().is_empty()
    }
}

/// An enum: its name, or its number where it has none.
#[derive(Debug)]
pub struct Enum<E>(PhantomData<E>);

impl<E: EnumType> Kind for Enum<E> {
    type Value = i32;

    fn write(value: &i32, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        match E::table().values.iter().find(|(_, number)| number == value) {
            Some((name, _)) => out.string(name),
            None => out.integer(*value),
        }
        Ok(())
    }

    fn read(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Option<i32>, Syntax> {
        json.scalar(at, "the name of a value", |found| scalar::enum_value(E::table(), &found))
    }

    fn text(text: &str) -> Result<i32, Refusal> {
        scalar::enum_from_text(E::table(), text)
    }

    fn is_zero(value: &i32) -> bool {
        *value == 0
    }
}

/// `google.protobuf.NullValue`: `null`.
#[derive(Debug)]
pub struct Null;

static NULL_VALUES: EnumTable = EnumTable { values: &[("NULL_VALUE", 0)], closed: false };

impl Kind for Null {
    type Value = i32;
    const NULL: bool = true;

    fn write(_: &i32, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        out.verbatim("null");
        Ok(())
    }

    fn read(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Option<i32>, Syntax> {
        if json.peek()? == Token::Null {
            return json.skip().map(|()| Some(0));
        }
        json.scalar(at, "null", |found| scalar::enum_value(&NULL_VALUES, &found))
    }

    fn text(text: &str) -> Result<i32, Refusal> {
        scalar::enum_from_text(&NULL_VALUES, text)
    }
}

/// A message.
#[derive(Debug)]
pub struct Message<M>(PhantomData<M>);

impl<M: ProtoJson> Kind for Message<M> {
    type Value = M;
    const NULL: bool = M::NULL;

    fn write(value: &M, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        value.write_json(out)
    }

    fn read(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Option<M>, Syntax> {
        let mut message = M::default();
        message.merge_json(json, at)?;
        Ok(Some(message))
    }

    fn text(text: &str) -> Result<M, Refusal> {
        M::from_text(text)
    }
}
