//! Messages that come as binary, to JSON and back: boundary values of every kind, alone, repeated and in maps.

use prost::Message as _;
use transcode::json::{self, Style};

use crate::pb::{AllTypes, all_types::NestedMessage, all_types::OneofField};
use crate::{CANONICAL, same};

fn goes_round(message: &AllTypes) {
    let message = AllTypes::decode(message.encode_to_vec().as_slice()).expect("our own bytes");
    for style in [CANONICAL, Style::default()] {
        let written = json::write_as(&message, style).expect("has JSON");
        let again: AllTypes = json::read(&written, 100).expect("our own JSON");
        assert!(same(&again, &message), "{}", String::from_utf8_lossy(&written));
    }
}

macro_rules! kinds {
    ($($one:ident $many:ident $values:expr;)*) => {$(
        for value in &$values {
            goes_round(&AllTypes { $one: value.clone(), ..AllTypes::default() });
        }
        goes_round(&AllTypes { $many: $values.to_vec(), ..AllTypes::default() });
    )*};
}

#[test]
fn scalars() {
    let texts = ["", "Hello world!", "'\"?\\\u{7}\u{8}\u{c}\n\r\t\u{b}", "谷歌", "\u{1f601}"].map(str::to_owned);
    let blobs = [&b""[..], b"Hello world!", b"\x01\x02", b"\xfb"].map(<[u8]>::to_vec);
    kinds! {
        optional_double repeated_double [0.0, 0.1, 1.797_693_134_862_315_7e308, 2.225_073_858_507_201_4e-308, -0.0];
        optional_float repeated_float [0.0, 0.1, 1.000_000_75e-36, 3.402_823e38, 1.175_494_35e-38];
        optional_int64 repeated_int64 [0, 12345, i64::MAX, i64::MIN];
        optional_uint64 repeated_uint64 [0, 12345, u64::MAX];
        optional_int32 repeated_int32 [0, 12345, i32::MAX, i32::MIN, -1];
        optional_uint32 repeated_uint32 [0, 12345, u32::MAX];
        optional_fixed64 repeated_fixed64 [0, 12345, u64::MAX];
        optional_fixed32 repeated_fixed32 [0, 12345, u32::MAX];
        optional_sfixed64 repeated_sfixed64 [0, 12345, i64::MAX, i64::MIN];
        optional_sfixed32 repeated_sfixed32 [0, 12345, i32::MAX, i32::MIN];
        optional_sint32 repeated_sint32 [0, 12345, i32::MAX, i32::MIN];
        optional_sint64 repeated_sint64 [0, 12345, i64::MAX, i64::MIN];
        optional_bool repeated_bool [false, true];
        optional_string repeated_string texts;
        optional_bytes repeated_bytes blobs;
        optional_nested_enum repeated_nested_enum [0, 1, 2, -1, 77];
    }
}

#[test]
fn numbers_that_are_none() {
    for bits in [0x7fa1_2345, 0xffb5_4321] {
        goes_round_as_nan(&AllTypes { optional_float: f32::from_bits(bits), ..AllTypes::default() });
    }
    for bits in [0x7ffa_1234_5678_9abc, 0xfffb_cba9_8765_4321] {
        goes_round_as_nan(&AllTypes { optional_double: f64::from_bits(bits), ..AllTypes::default() });
    }
}

fn goes_round_as_nan(message: &AllTypes) {
    let again: AllTypes = json::read(&json::write(message).expect("has JSON"), 100).expect("our own JSON");
    assert!(again.optional_float.is_nan() || again.optional_double.is_nan());
}

#[test]
fn maps_and_messages() {
    let nested = |a| NestedMessage { a, corecursive: None };
    goes_round(&AllTypes { map_int32_int32: [(i32::MIN, 1), (0, 0)].into(), ..AllTypes::default() });
    goes_round(&AllTypes { map_uint64_uint64: [(u64::MAX, u64::MAX)].into(), ..AllTypes::default() });
    goes_round(&AllTypes { map_int32_float: [(1, f32::INFINITY)].into(), ..AllTypes::default() });
    goes_round(&AllTypes { map_bool_bool: [(true, false), (false, true)].into(), ..AllTypes::default() });
    goes_round(&AllTypes { map_string_bytes: [("k\"".to_owned(), vec![255])].into(), ..AllTypes::default() });
    goes_round(&AllTypes { map_string_nested_enum: [(String::new(), -1)].into(), ..AllTypes::default() });
    goes_round(&AllTypes { map_string_nested_message: [("m".to_owned(), nested(1))].into(), ..AllTypes::default() });
    let inner = AllTypes { optional_nested_message: Some(Box::new(nested(1234))), ..AllTypes::default() };
    goes_round(&AllTypes { recursive_message: Some(Box::new(inner)), ..AllTypes::default() });
    let members = [
        OneofField::OneofUint32(0),
        OneofField::OneofNestedMessage(Box::new(nested(0))),
        OneofField::OneofString(String::new()),
        OneofField::OneofBytes(Vec::new()),
        OneofField::OneofBool(false),
        OneofField::OneofUint64(0),
        OneofField::OneofFloat(0.0),
        OneofField::OneofDouble(0.0),
        OneofField::OneofEnum(0),
        OneofField::OneofNullValue(0),
    ];
    for member in members {
        goes_round(&AllTypes { oneof_field: Some(member), ..AllTypes::default() });
    }
}
