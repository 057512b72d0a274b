//! Random messages, written and read by us and by prost-reflect: each must understand the other.
//! Only values on which both follow the specification are made up; where it is known to be lax is left to the tables.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

use std::collections::HashMap;

use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, SerializeOptions,
    Value,
};
use transcode::json::{self, Style};

mod library {
    include!("../../../transcode-build/tests/golden/library/pb.rs");

    mod rest {
        include!("../../../transcode-build/tests/golden/library/rest.rs");
    }
}

use library::Kinds;

const TEXTS: [&str; 8] = ["", "a", "é\u{1f600}", "\"\\/\n\t\u{1}\u{7f}\u{2028}", "null", "0", "a.b", " "];
const INTEGERS: [i64; 9] = [0, 1, -1, 127, i32::MAX as i64, i32::MIN as i64, i64::MAX, i64::MIN, 9_007_199_254_740_993];
const FLOATS: [f64; 10] =
    [0.0, -2.0, 1.0, 0.1, 1e15, 1e-5, 1.797_693_134_862_315_7e308, 5e-324, f64::NEG_INFINITY, 123_456.789];

fn message(numbers: &mut Numbers, descriptor: &MessageDescriptor, depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    let known = WellKnown::of(descriptor);
    if known == Some(WellKnown::Any) {
        return any(numbers, descriptor, depth);
    }
    for field in descriptor.fields() {
        let set = match known {
            // A `Value` is one of its members, and a struct ends somewhere.
            Some(WellKnown::Value) => {
                field.number() == [1, 2, 3, 4, 5, 6][numbers.below(if depth > 3 { 4 } else { 6 })]
            }
            Some(_) => true,
            None => depth < 3 && numbers.below(3) == 0 && !is_null(&field),
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

/// `null` in a field without presence is not written by us, and no member of a oneof is told from its absence by them.
fn is_null(field: &FieldDescriptor) -> bool {
    let value = |descriptor: &MessageDescriptor| descriptor.full_name() == "google.protobuf.Value";
    field.kind().as_enum().is_some_and(|found| found.full_name() == "google.protobuf.NullValue")
        || field.containing_oneof().is_some() && field.kind().as_message().is_some_and(value)
}

/// An `Any` that holds a message of the contract.
fn any(numbers: &mut Numbers, descriptor: &MessageDescriptor, depth: usize) -> DynamicMessage {
    let inner = descriptor.parent_pool().get_message_by_name("library.v1.Kinds.Part").expect("there");
    let inner = message(numbers, &inner, depth);
    let mut any = DynamicMessage::new(descriptor.clone());
    any.set_field_by_number(1, Value::String("type.googleapis.com/library.v1.Kinds.Part".to_owned()));
    any.set_field_by_number(2, Value::Bytes(inner.encode_to_vec().into()));
    any
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

/// The types with a JSON form of their own.
#[derive(Clone, Copy, PartialEq)]
enum WellKnown {
    Timestamp,
    Duration,
    FieldMask,
    Value,
    Any,
    Other,
}

impl WellKnown {
    fn of(descriptor: &MessageDescriptor) -> Option<Self> {
        Some(match descriptor.full_name().strip_prefix("google.protobuf.")? {
            "Timestamp" => Self::Timestamp,
            "Duration" => Self::Duration,
            "FieldMask" => Self::FieldMask,
            "Value" => Self::Value,
            "Any" => Self::Any,
            _ => Self::Other,
        })
    }
}

/// Endless numbers, the same in every run (Steele and Vigna's `SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default() % limit
    }
}

fn kinds() -> MessageDescriptor {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let includes = [root.join("../transcode-build/tests"), root.join("../../proto")];
    let mut compiler = protox::Compiler::new(includes).expect("the folders are there");
    compiler.include_imports(true).open_file("library.proto").expect("the proto compiles");
    let pool = DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).expect("a descriptor set");
    pool.get_message_by_name("library.v1.Kinds").expect("the message is there")
}

fn ours(message: &DynamicMessage, style: Style) -> String {
    let message = Kinds::decode(message.encode_to_vec().as_slice()).expect("the same message");
    String::from_utf8(json::write_as(&message, style).expect("has JSON")).expect("UTF-8")
}

fn ours_back(text: &str) -> Kinds {
    json::read(text.as_bytes(), 100).unwrap_or_else(|failure| panic!("{text}: {failure:?}"))
}

fn theirs(message: &DynamicMessage, proto_names: bool, skip_zeros: bool) -> String {
    let mut out = Vec::new();
    let mut json = serde_json::Serializer::new(&mut out);
    let options = SerializeOptions::new().use_proto_field_name(proto_names).skip_default_fields(skip_zeros);
    message.serialize_with_options(&mut json, &options).expect("has JSON");
    String::from_utf8(out).expect("UTF-8")
}

fn theirs_back(kinds: &MessageDescriptor, text: &str) -> Kinds {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = DynamicMessage::deserialize(kinds.clone(), &mut json).unwrap_or_else(|error| panic!("{text}: {error}"));
    Kinds::decode(read.encode_to_vec().as_slice()).expect("the same message")
}

#[test]
fn both_understand_each_other() {
    let descriptor = kinds();
    let mut numbers = Numbers(3);
    for _ in 0..1_000 {
        let message = message(&mut numbers, &descriptor, 0);
        let want = Kinds::decode(message.encode_to_vec().as_slice()).expect("the same message");
        for (json_names, omit_zeros) in [(false, false), (true, false), (false, true), (true, true)] {
            let text = ours(&message, Style { json_names, omit_zeros });
            assert_eq!(theirs_back(&descriptor, &text), want, "{text}");
            assert_eq!(ours_back(&text), want, "{text}");
            let text = theirs(&message, !json_names, omit_zeros);
            assert_eq!(ours_back(&text), want, "{text}");
        }
    }
}
