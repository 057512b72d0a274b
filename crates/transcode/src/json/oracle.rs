//! Random messages, written and read by us and by prost-reflect: each must understand the other.
//! Only values on which both follow the specification are made up; where it is known to be lax is left to the tables.

use std::collections::HashMap;

use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, SerializeOptions, Value,
};

use super::wkt::WellKnown;
use super::{reader, writer};
use crate::failure::Findings;
use crate::testing::{self, Numbers};

const TEXTS: [&str; 8] = ["", "a", "é\u{1f600}", "\"\\/\n\t\u{1}\u{7f}\u{2028}", "null", "0", "a.b", " "];
const INTEGERS: [i64; 9] = [0, 1, -1, 127, i32::MAX as i64, i32::MIN as i64, i64::MAX, i64::MIN, 9_007_199_254_740_993];
const FLOATS: [f64; 10] =
    [0.0, -2.0, 1.0, 0.1, 1e15, 1e-5, 1.797_693_134_862_315_7e308, 5e-324, f64::NEG_INFINITY, 123_456.789];

fn message(numbers: &mut Numbers, descriptor: &MessageDescriptor, depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    let known = WellKnown::of(descriptor);
    for field in descriptor.fields() {
        let set = match known {
            // A `Value` is one of its members, and a struct ends somewhere.
            Some(WellKnown::Value) => {
                field.number() == [1, 2, 3, 4, 5, 6][numbers.below(if depth > 3 { 4 } else { 6 })]
            }
            Some(_) => true,
            None => depth < 3 && numbers.below(3) == 0,
        };
        if set {
            let value = field_value(numbers, descriptor, &field, depth);
            message.try_set_field(&field, value).expect("a value of its kind");
        }
    }
    if known == Some(WellKnown::Value) && message.fields().next().is_none() {
        message.set_field_by_number(3, Value::String("x".to_owned()));
    }
    message
}

fn field_value(numbers: &mut Numbers, of: &MessageDescriptor, field: &FieldDescriptor, depth: usize) -> Value {
    match (WellKnown::of(of), field.number()) {
        (Some(WellKnown::Timestamp), 1) => {
            return Value::I64([-62_135_596_800, 0, -1, 253_402_300_799][numbers.below(4)]);
        }
        (Some(WellKnown::Duration), 1) => return Value::I64([0, 1, 315_575_999_999][numbers.below(3)]),
        (Some(WellKnown::Timestamp | WellKnown::Duration), _) => {
            return Value::I32([0, 1, 1_000, 500_000_000, 999_999_999][numbers.below(5)]);
        }
        (Some(WellKnown::FieldMask), _) => {
            return Value::List(vec![Value::String("a_b.c".to_owned()); numbers.below(3)]);
        }
        (Some(WellKnown::Value), 2) => return Value::F64(FLOATS[numbers.below(8)]),
        _ => {}
    }
    let kind = field.kind();
    if field.is_list() {
        return Value::List((0..numbers.below(4)).map(|_| value(numbers, &kind, depth + 1)).collect());
    }
    if !field.is_map() {
        return value(numbers, &kind, depth + 1);
    }
    let entry = kind.as_message().expect("an entry");
    let (key, inner) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
    let entries =
        (0..numbers.below(4)).filter_map(|_| map_key(numbers, &key).zip(Some(value(numbers, &inner, depth + 1))));
    Value::Map(entries.collect::<HashMap<MapKey, Value>>())
}

fn map_key(numbers: &mut Numbers, kind: &Kind) -> Option<MapKey> {
    value(numbers, kind, 0).into_map_key()
}

fn value(numbers: &mut Numbers, kind: &Kind, depth: usize) -> Value {
    let integer = INTEGERS[numbers.below(INTEGERS.len())];
    match kind {
        Kind::Bool => Value::Bool(numbers.below(2) == 0),
        Kind::Double => Value::F64(FLOATS[numbers.below(FLOATS.len())]),
        Kind::Float => Value::F32([0.0, 0.1, 1e30, f32::MIN_POSITIVE, f32::INFINITY][numbers.below(5)]),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(i32::try_from(integer).unwrap_or(-5)),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(integer),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(u32::try_from(integer).unwrap_or(u32::MAX)),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(integer.unsigned_abs()),
        Kind::String => Value::String(TEXTS[numbers.below(TEXTS.len())].to_owned()),
        Kind::Bytes => Value::Bytes(TEXTS[numbers.below(TEXTS.len())].into()),
        Kind::Enum(descriptor) => enum_value(numbers, descriptor),
        Kind::Message(descriptor) => Value::Message(message(numbers, descriptor, depth)),
    }
}

fn enum_value(numbers: &mut Numbers, descriptor: &EnumDescriptor) -> Value {
    let open = descriptor.full_name() != "google.protobuf.NullValue" && numbers.below(4) == 0;
    let declared: Vec<i32> = descriptor.values().map(|value| value.number()).collect();
    Value::EnumNumber(if open { 77 } else { declared[numbers.below(declared.len())] })
}

fn ours(message: &DynamicMessage) -> String {
    let mut out = String::new();
    writer::write_message(&mut out, message).expect("has JSON");
    out
}

fn ours_back(text: &str) -> DynamicMessage {
    let mut message = DynamicMessage::new(testing::message("Kinds"));
    let mut findings = Findings::default();
    let read = reader::read_message(text, 100, &mut message, &mut findings).and_then(|()| findings.into_result());
    read.unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
    message
}

fn theirs(message: &DynamicMessage, proto_names: bool) -> String {
    let mut out = Vec::new();
    let mut json = serde_json::Serializer::new(&mut out);
    let options = SerializeOptions::new().use_proto_field_name(proto_names);
    message.serialize_with_options(&mut json, &options).expect("has JSON");
    String::from_utf8(out).expect("UTF-8")
}

fn theirs_back(text: &str) -> DynamicMessage {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = DynamicMessage::deserialize(testing::message("Kinds"), &mut json);
    read.unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn both_understand_each_other() {
    let mut numbers = Numbers(3);
    for _ in 0..2_000 {
        let message = message(&mut numbers, &testing::message("Kinds"), 0);
        let text = ours(&message);
        assert_eq!(ours(&theirs_back(&text)), text);
        assert_eq!(ours(&ours_back(&text)), text);
        for proto_names in [true, false] {
            assert_eq!(ours(&ours_back(&theirs(&message, proto_names))), text);
        }
    }
}
