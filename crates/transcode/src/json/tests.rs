//! Reading and writing whole messages, by table, on a message with a field of every kind.

use prost::Message as _;

use super::{Fields, ProtoJson};
use crate::failure::{Failure, MAX_VIOLATIONS};
use crate::testing::Numbers;
use crate::testing::library::{Book, Kinds};

fn read_into<M: ProtoJson + Fields>(text: &str) -> Result<M, Failure> {
    super::read(text.as_bytes(), 32)
}

fn read(text: &str) -> Result<Kinds, Failure> {
    read_into(text)
}

fn write<M: ProtoJson>(message: &M) -> String {
    String::from_utf8(super::write(message).expect("has JSON")).expect("UTF-8")
}

/// What was read, without the zero values that are always written.
fn read_back(text: &str) -> String {
    let message = read(text).unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
    let written: serde_json::Value = serde_json::from_str(&write(&message)).expect("JSON");
    let zero: serde_json::Value = serde_json::from_str(&write(&Kinds::default())).expect("JSON");
    let mut set = written.as_object().expect("an object").clone();
    set.retain(|name, value| zero.get(name) != Some(value));
    serde_json::Value::Object(set).to_string()
}

/// `field code` of every violation.
fn violations(text: &str) -> Vec<String> {
    match read(text) {
        Err(Failure::Invalid(violations)) => {
            violations.iter().map(|one| format!("{} {}", one.field, one.code)).collect()
        }
        Ok(_) => panic!("{text} was read"),
        Err(other) => panic!("{text}: {other:?}"),
    }
}

#[test]
fn values_come_back() {
    let cases = [
        (r"{}", r"{}"),
        (
            r#"{"aBool":true,"an_int32":-5,"anInt64":"-9007199254740993"}"#,
            r#"{"a_bool":true,"an_int32":-5,"an_int64":"-9007199254740993"}"#,
        ),
        (
            r#"{"an_int64":9007199254740993,"a_uint64":18446744073709551615}"#,
            r#"{"a_uint64":"18446744073709551615","an_int64":"9007199254740993"}"#,
        ),
        (r#"{"an_int32":1.0,"a_uint32":"1e3"}"#, r#"{"a_uint32":1000,"an_int32":1}"#),
        (r#"{"a_float":0.1,"a_double":123456789012345.678}"#, r#"{"a_double":123456789012345.67,"a_float":0.1}"#),
        (r#"{"a_float":"NaN","a_double":"-Infinity"}"#, r#"{"a_double":"-Infinity","a_float":"NaN"}"#),
        (
            r#"{"a_string":"é\u0001\"\\\/\n","some_bytes":"-_8"}"#,
            r#"{"a_string":"é\u0001\"\\/\n","some_bytes":"+/8="}"#,
        ),
        (r#"{"alias":"SECOND"}"#, r#"{"alias":"FIRST"}"#),
        (r#"{"alias":"ALIAS_ZERO"}"#, r"{}"),
        (r#"{"alias":-1}"#, r#"{"alias":"NEGATIVE"}"#),
        (r#"{"alias":77}"#, r#"{"alias":77}"#),
        (r#"{"maybe":0}"#, r#"{"maybe":0}"#),
        (r#"{"maybe":null,"part":null,"parts":null,"alias":null,"time":null,"object":null,"a_bool":null}"#, r"{}"),
        (r#"{"part":{"name":"n","dims":{}}}"#, r#"{"part":{"dims":{"width":0},"name":"n"}}"#),
        (
            r#"{"parts":[{},{"name":"b"}],"numbers":[1,"2",3.0]}"#,
            r#"{"numbers":[1,2,3],"parts":[{"name":""},{"name":"b"}]}"#,
        ),
        (r#"{"part_by_name":{"b":{},"a":{"name":"x"}}}"#, r#"{"part_by_name":{"a":{"name":"x"},"b":{"name":""}}}"#),
        (r#"{"alias_by_number":{"-5":"FIRST","10":0}}"#, r#"{"alias_by_number":{"-5":"FIRST","10":"ALIAS_ZERO"}}"#),
        (r#"{"double_by_flag":{"true":1,"false":0.5}}"#, r#"{"double_by_flag":{"false":0.5,"true":1}}"#),
        (
            r#"{"time":"2024-01-31T12:00:00.5+01:00","duration":"-1.5s"}"#,
            r#"{"duration":"-1.500s","time":"2024-01-31T11:00:00.500Z"}"#,
        ),
        (r#"{"mask":"a_b,cD.e"}"#, r#"{"mask":"aB,cD.e"}"#),
        (r#"{"mask":""}"#, r#"{"mask":""}"#),
        (r#"{"object":{"a":[1,"x",null,true,{"b":{}}]}}"#, r#"{"object":{"a":[1,"x",null,true,{"b":{}}]}}"#),
        (r#"{"anything":null}"#, r#"{"anything":null}"#),
        (r#"{"anything":[[]],"list":[],"values":[null,1.5]}"#, r#"{"anything":[[]],"list":[],"values":[null,1.5]}"#),
        (
            r#"{"wrapped_int64":"0","wrapped_string":"","wrapped_bytes":""}"#,
            r#"{"wrapped_bytes":"","wrapped_int64":"0","wrapped_string":""}"#,
        ),
        (r#"{"wrapped_int64":null,"empty":{},"null":null}"#, r#"{"empty":{}}"#),
        (r#"{"times":["1970-01-01T00:00:00Z"]}"#, r#"{"times":["1970-01-01T00:00:00Z"]}"#),
        (r#"{"@other":"x"}"#, r#"{"renamed":"x"}"#),
        (r#"{"renamed":"x"}"#, r#"{"renamed":"x"}"#),
        (r#"{"text":"","number":null}"#, r#"{"text":""}"#),
        (r#"{"number":0}"#, r#"{"number":0}"#),
    ];
    for (text, want) in cases {
        assert_eq!(read_back(text), want, "{text}");
    }
}

#[test]
fn members_of_oneofs_and_any_come_back() {
    let cases = [
        (r#"{"choice_null":null}"#, r#"{"choice_null":null}"#),
        (r#"{"choice_value":null}"#, r#"{"choice_value":null}"#),
        (r#"{"text":null,"choiceTime":"1970-01-01T00:00:00Z"}"#, r#"{"choice_time":"1970-01-01T00:00:00Z"}"#),
        (r#"{"any":{}}"#, r#"{"any":{}}"#),
        (r#"{"any":null,"type":"t","self":{"crate":"c"}}"#, r#"{"self":{"crate":"c"},"type":"t"}"#),
        (
            r#"{"any":{"name":"n","@type":"type.googleapis.com/library.v1.Kinds.Part"}}"#,
            r#"{"any":{"@type":"type.googleapis.com/library.v1.Kinds.Part","name":"n"}}"#,
        ),
        (
            r#"{"any":{"@type":"x.y/z/google.protobuf.Duration","value":"1.5s"}}"#,
            r#"{"any":{"@type":"x.y/z/google.protobuf.Duration","value":"1.500s"}}"#,
        ),
        (
            r#"{"any":{"value":{"@type":"a/google.protobuf.Empty"},"@type":"a/google.protobuf.Any"}}"#,
            r#"{"any":{"@type":"a/google.protobuf.Any","value":{"@type":"a/google.protobuf.Empty"}}}"#,
        ),
        (
            r#"{"any":{"@type":"a/google.protobuf.Value","value":null}}"#,
            r#"{"any":{"@type":"a/google.protobuf.Value","value":null}}"#,
        ),
        (
            r#"{"any":{"@type":"a/google.protobuf.Int64Value","value":5}}"#,
            r#"{"any":{"@type":"a/google.protobuf.Int64Value","value":"5"}}"#,
        ),
        (r#"{"wrapped_numbers":[1,"2"],"maybe_bytes":""}"#, r#"{"maybe_bytes":"","wrapped_numbers":["1","2"]}"#),
        (
            r#"{"value_by_name":{"b":null,"a":1},"bytes_by_number":{"7":"AA"}}"#,
            r#"{"bytes_by_number":{"7":"AA=="},"value_by_name":{"a":1,"b":null}}"#,
        ),
    ];
    for (text, want) in cases {
        assert_eq!(read_back(text), want, "{text}");
    }
}

#[test]
fn violations_name_their_field() {
    let cases: [(&str, &[&str]); 35] = [
        (r#"{"nope":{"a":[1]}}"#, &["nope unknown_field"]),
        (r#"{"part":{"dims":{"Width":1}}}"#, &["part.dims.Width unknown_field"]),
        (r#"{"parts":[{},{"x":1},{"name":2}]}"#, &["parts[1].x unknown_field", "parts[2].name wrong_type"]),
        (r#"{"partByName":{"a.b":{"name":1}}}"#, &[r#"part_by_name["a.b"].name wrong_type"#]),
        (
            r#"{"alias_by_number":{"1":"NOPE","x":0,"01":0}}"#,
            &[
                "alias_by_number[1] unknown_enum_value",
                "alias_by_number[x] invalid_value",
                "alias_by_number[01] invalid_value",
            ],
        ),
        (r#"{"double_by_flag":{"1":1}}"#, &["double_by_flag[1] invalid_value"]),
        (r#"{"aBool":true,"a_bool":true}"#, &["a_bool conflicting_values"]),
        (r#"{"aBool":null,"a_bool":true}"#, &["a_bool conflicting_values"]),
        (r#"{"text":"a","number":1}"#, &["number conflicting_values"]),
        (r#"{"number":1,"text":""}"#, &["text conflicting_values"]),
        (r#"{"a_bool":"true"}"#, &["a_bool wrong_type"]),
        (r#"{"a_bool":1}"#, &["a_bool wrong_type"]),
        (r#"{"an_int32":0.5}"#, &["an_int32 wrong_type"]),
        (r#"{"an_int32":"x"}"#, &["an_int32 invalid_value"]),
        (r#"{"an_int32":2147483648}"#, &["an_int32 out_of_range"]),
        (r#"{"an_int32":true,"a_string":5}"#, &["an_int32 wrong_type", "a_string wrong_type"]),
        (r#"{"an_int32":[1]}"#, &["an_int32 wrong_type"]),
        (r#"{"a_double":1e999}"#, &["a_double out_of_range"]),
        (r#"{"a_double":"inf"}"#, &["a_double invalid_value"]),
        (r#"{"some_bytes":"$"}"#, &["some_bytes invalid_value"]),
        (r#"{"alias":"first"}"#, &["alias unknown_enum_value"]),
        (r#"{"alias":""}"#, &["alias unknown_enum_value"]),
        (r#"{"alias":1.5}"#, &["alias wrong_type"]),
        (r#"{"numbers":[1,null]}"#, &["numbers[1] wrong_type"]),
        (r#"{"parts":[null]}"#, &["parts[0] wrong_type"]),
        (r#"{"part_by_name":{"a":null}}"#, &[r#"part_by_name["a"] wrong_type"#]),
        (r#"{"parts":{},"part_by_name":[]}"#, &["parts wrong_type", "part_by_name wrong_type"]),
        (r#"{"part":[],"empty":1}"#, &["part wrong_type", "empty wrong_type"]),
        (r#"{"empty":{"a":1}}"#, &["empty.a unknown_field"]),
        (r#"{"time":"yesterday","duration":"1h"}"#, &["time invalid_value", "duration invalid_value"]),
        (r#"{"time":1,"times":[null]}"#, &["time wrong_type", "times[0] wrong_type"]),
        (r#"{"time":"2023-02-29T00:00:00Z"}"#, &["time out_of_range"]),
        (r#"{"mask":"a b"}"#, &["mask invalid_value"]),
        (r#"{"object":[],"list":{}}"#, &["object wrong_type", "list wrong_type"]),
        (
            r#"{"wrapped_int64":{"value":1},"wrapped_string":1}"#,
            &["wrapped_int64 wrong_type", "wrapped_string wrong_type"],
        ),
    ];
    for (text, want) in cases {
        assert_eq!(violations(text), want, "{text}");
    }
    for text in ["null", "[]", "1", "\"{}\"", "true"] {
        assert_eq!(violations(text), [" wrong_type"], "{text}");
    }
}

#[test]
fn violations_in_any_and_oneofs_name_their_field() {
    let cases: [(&str, &[&str]); 9] = [
        (r#"{"text":"a","choice_null":null}"#, &["choice_null conflicting_values"]),
        (
            r#"{"any":{"@type":"a/library.v1.Kinds.Part","name":1,"x":1}}"#,
            &["any.name wrong_type", "any.x unknown_field"],
        ),
        (
            r#"{"any":{"@type":"a/no.Such"},"anys":[{"@type":"library.v1.Book"}]}"#,
            &["any.@type invalid_value", "anys[0].@type invalid_value"],
        ),
        (r#"{"any":{"name":"n"}}"#, &["any.@type invalid_value"]),
        (r#"{"any":{"@type":5}}"#, &["any.@type invalid_value"]),
        (r#"{"any":[],"anys":[null]}"#, &["any wrong_type", "anys[0] wrong_type"]),
        (
            r#"{"any":{"@type":"a/google.protobuf.Duration","value":"1h","x":1}}"#,
            &["any.value invalid_value", "any.x unknown_field"],
        ),
        (r#"{"any":{"@type":"a/google.protobuf.Duration"}}"#, &["any.value invalid_value"]),
        (r#"{"wrapped_numbers":[null]}"#, &["wrapped_numbers[0] wrong_type"]),
    ];
    for (text, want) in cases {
        assert_eq!(violations(text), want, "{text}");
    }
}

#[test]
fn bad_syntax_is_not_a_violation() {
    let cases = [
        ("", "The body is not JSON: expected a value, found the end of the text at line 1 column 1."),
        ("{\n \"nope\": 1,\n}", "The body is not JSON: expected a key, found '}' at line 3 column 1."),
        ("{\"nope\":{\"a\":1,\"a\":1}}", "The body is not JSON: duplicate key \"a\" at line 1 column 16."),
        ("{\"a_bool\":true,\"a_bool\":true}", "The body is not JSON: duplicate key \"a_bool\" at line 1 column 16."),
        ("{\"a_double\":NaN}", "The body is not JSON: unexpected \"NaN\" at line 1 column 13."),
        ("{}x", "The body is not JSON: unexpected \"x\" at line 1 column 3."),
        ("{\"a_string\":\"\\ud800\"}", "The body is not JSON: lone surrogate in a string at line 1 column 14."),
        (
            "{\"any\":{\"@type\":\"a/x.Y\",\"@type\":\"a/x.Y\"}}",
            "The body is not JSON: duplicate key \"@type\" at line 1 column 25.",
        ),
        ("{\"again\":[}", "The body is not JSON: expected a value, found '}' at line 1 column 11."),
    ];
    for (text, want) in cases {
        match read(text) {
            Err(Failure::Malformed { message }) => assert_eq!(message, want, "{text}"),
            Ok(_) => panic!("{text} was read"),
            Err(other) => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn depth_is_bounded_everywhere() {
    let nested = |open: &str, close: &str, levels: usize| format!("{}{}", open.repeat(levels), close.repeat(levels));
    let again = |levels| format!("{}{{}}{}", "{\"again\":".repeat(levels), "}".repeat(levels));
    assert!(read(&again(31)).is_ok());
    assert!(matches!(read(&again(32)), Err(Failure::Malformed { .. })));
    let anything = |levels| format!("{{\"anything\":{}}}", nested("[", "]", levels));
    let deepest = read(&anything(31)).expect("fits");
    assert!(Kinds::decode(deepest.encode_to_vec().as_slice()).is_ok());
    for open in ["[", "{\"again\":", "{\"anything\":[", "{\"x\":", "{\"object\":{\"a\":["] {
        assert!(matches!(read(&open.repeat(100_000)), Err(Failure::Malformed { .. })), "{open}");
    }
}

#[test]
fn violations_are_capped_but_syntax_is_not() {
    let many = vec!["{\"x\":1}"; 1_000].join(",");
    assert_eq!(violations(&format!("{{\"parts\":[{many}]}}")).len(), MAX_VIOLATIONS);
    assert!(matches!(read(&format!("{{\"parts\":[{many},]}}")), Err(Failure::Malformed { .. })));
}

#[test]
fn zero_values_are_written_and_unset_ones_are_not() {
    let book = read_into::<Book>(r#"{"id":"b","labels":{"z":"1","a":"2"}}"#).expect("fits");
    let want =
        r#"{"id":"b","title":"","state":"STATE_UNSPECIFIED","copies":"0","authors":[],"labels":{"a":"2","z":"1"}}"#;
    assert_eq!(write(&book), want);
}

#[test]
fn numbers_are_written_short() {
    let cases = [
        ("1", "1"),
        ("-0", "-0"),
        ("0.1", "0.1"),
        ("1e20", "1e20"),
        ("1e-7", "1e-7"),
        ("1e15", "1000000000000000"),
        ("1e16", "1e16"),
        ("1.7976931348623157e308", "1.7976931348623157e308"),
        ("5e-324", "5e-324"),
    ];
    for (text, want) in cases {
        let written = write(&read(&format!("{{\"a_double\":{text}}}")).expect("fits"));
        assert!(written.contains(&format!("\"a_double\":{want},")), "{text}: {written}");
    }
}

#[test]
fn what_has_no_json_is_an_error() {
    let time = prost_types::Timestamp { seconds: i64::MAX, nanos: 0 };
    let duration = prost_types::Duration { seconds: i64::MAX, nanos: 0 };
    let nan = prost_types::Value { kind: Some(prost_types::value::Kind::NumberValue(f64::NAN)) };
    let any = prost_types::Any { type_url: "x/no.such.Type".to_owned(), value: Vec::new() };
    let broken = prost_types::Any { type_url: "x/library.v1.Book".to_owned(), value: vec![0xff] };
    let messages = [
        Kinds { time: Some(time), ..Kinds::default() },
        Kinds { duration: Some(duration), ..Kinds::default() },
        Kinds { anything: Some(nan), ..Kinds::default() },
        Kinds { any: Some(any), ..Kinds::default() },
        Kinds { any: Some(broken), ..Kinds::default() },
    ];
    for message in messages {
        assert!(super::write(&message).is_err(), "{message:?}");
    }
}

/// No text makes the reader panic, and what it accepts, it can write and read again.
#[test]
fn damaged_json_never_panics() {
    const PIECES: [&str; 20] = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "null",
        "true",
        "1e9",
        "-",
        "\\u",
        "\\ud83d",
        "é",
        "0",
        "\"again\":{",
        "\"text\":",
        "\"values\":[",
        "\"1970-01-01T00:00:00Z\"",
        " ",
    ];
    let seed = r#"{"part":{"name":"n"},"numbers":[1,2],"part_by_name":{"a":{}},"time":"2024-01-31T12:00:00Z","object":{"a":[1]},"alias":"FIRST","a_float":1.5,"text":"x"}"#;
    let mut numbers = Numbers(7);
    for _ in 0..20_000 {
        let mut text: Vec<char> = seed.chars().collect();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(text.len());
            let until = (at + numbers.below(6)).min(text.len());
            let piece = PIECES[numbers.below(PIECES.len())].chars();
            text.splice(at..until, piece);
        }
        let text: String = text.into_iter().collect();
        if let Ok(message) = read(&text) {
            let written = write(&message);
            let again = read(&written).unwrap_or_else(|failure| panic!("{written}: {failure}"));
            assert_eq!(write(&again), written, "{text}");
        }
    }
}
