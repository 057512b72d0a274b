//! The JSON cases of protobuf's conformance suite, as data, on generated code. No required and no recommended case
//! fails but those that a rule of ours contradicts, which are named here with their reason.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

mod pb {
    include!("pb.rs");

    mod json {
        include!("json.rs");
    }
}

mod binary;

use pb::AllTypes;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use transcode::json::{self, Style};

/// What our rules decide otherwise.
const EXCEPTIONS: &[(&str, &str)] =
    &[("FieldMaskInvalidCharacter", "masks are read in both spellings, since answers show proto names")];

/// As the specification prints without options; answers of services are another style by default.
const CANONICAL: Style = Style { json_names: true, omit_zeros: true };

fn pool() -> DescriptorPool {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut compiler = protox::Compiler::new([folder]).expect("the folder is there");
    compiler.include_imports(true).open_files(["all_types.proto", "google/protobuf/empty.proto"]).expect("compiles");
    DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).expect("a descriptor set")
}

fn message(pool: &DescriptorPool, text: &str) -> AllTypes {
    let descriptor = pool.get_message_by_name("conformance.v1.AllTypes").expect("there");
    let message = DynamicMessage::parse_text_format(descriptor, text).unwrap_or_else(|error| panic!("{text}: {error}"));
    AllTypes::decode(message.encode_to_vec().as_slice()).expect("the same message")
}

fn read(text: &str) -> Result<AllTypes, transcode::Failure> {
    json::read(text.as_bytes(), 100)
}

/// Also where they hold NaN, which equals nothing.
fn same(one: &AllTypes, other: &AllTypes) -> bool {
    one == other || one.encode_to_vec() == other.encode_to_vec()
}

/// Reads `input` to the message of the text, and back from what is written in every style.
fn accepts(pool: &DescriptorPool, input: &str, text: &str) -> Result<(), String> {
    let got = read(input).map_err(|failure| format!("refused: {failure}"))?;
    let want = message(pool, text);
    if !same(&got, &want) {
        return Err(format!("read as {got:?}"));
    }
    for style in [CANONICAL, Style::default()] {
        let written = json::write_as(&got, style).map_err(|error| format!("has no JSON: {error}"))?;
        let again: AllTypes = json::read(&written, 100).map_err(|failure| format!("refuses its own: {failure}"))?;
        if !same(&again, &want) {
            return Err(format!("comes back as {again:?}"));
        }
    }
    Ok(())
}

fn prints(input: &str, member: &str, want: &str) -> Result<(), String> {
    let got = read(input).map_err(|failure| format!("refused: {failure}"))?;
    let written = json::write_as(&got, CANONICAL).map_err(|error| format!("has no JSON: {error}"))?;
    let value: serde_json::Value = serde_json::from_slice(&written).map_err(|error| error.to_string())?;
    let found = value.get(member).map_or_else(|| "-".to_owned(), ToString::to_string);
    if found == want { Ok(()) } else { Err(format!("{member} is {found}")) }
}

fn run(pool: &DescriptorPool, expected: &str, rest: &[&str]) -> Result<(), String> {
    match (expected, rest) {
        ("ok", [input, text]) => accepts(pool, &input.replace('⏎', "\n"), text),
        ("no", [input]) => match read(&input.replace('⏎', "\n")) {
            Err(_) => Ok(()),
            Ok(got) => Err(format!("read as {got:?}")),
        },
        ("print", [input, member, want]) => prints(input, member, want),
        ("fail", [text]) => match json::write(&message(pool, text)) {
            Err(_) => Ok(()),
            Ok(written) => Err(format!("written as {}", String::from_utf8_lossy(&written))),
        },
        _ => Err("no such kind of case".to_owned()),
    }
}

#[test]
fn no_case_fails_but_the_exceptions() {
    let pool = pool();
    let (mut cases, mut failed) = (0, Vec::new());
    for line in include_str!("cases.txt").lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(" ##").map(|part| part.strip_prefix(' ').unwrap_or(part)).collect();
        let [_, name, expected, rest @ ..] = parts.as_slice() else { panic!("{line}") };
        cases += 1;
        let excepted = EXCEPTIONS.iter().any(|(exception, _)| exception == name);
        match run(&pool, expected, rest) {
            Ok(()) if excepted => failed.push(format!("{name}: is no exception")),
            Err(problem) if !excepted => failed.push(format!("{name}: {problem}")),
            _ => {}
        }
    }
    assert!(failed.is_empty(), "{} of {cases}:\n{}", failed.len(), failed.join("\n"));
    assert!(cases > 270, "{cases} cases");
}
