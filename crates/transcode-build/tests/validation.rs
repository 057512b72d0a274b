//! The generator of validation code, from a .proto to code or problems.
//!
//! `validation/pb.rs` is what prost makes of `validation/zoo.proto`, `validation/checks.rs` what this crate makes of
//! it. Both are compared with a fresh run; `UPDATE_GOLDEN=1` rewrites them. That they fit each other and work is tested
//! in `validation_run`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use protox::prost_reflect::DescriptorPool;
use transcode_build::Error;
use transcode_build::validation::generate;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn proto_root() -> PathBuf {
    Path::new(HERE).join("../../proto")
}

fn fixtures() -> PathBuf {
    Path::new(HERE).join("tests/validation")
}

fn compile(include: &Path, file: &str) -> Vec<u8> {
    let mut compiler = protox::Compiler::new([include.to_owned(), proto_root()]).unwrap();
    compiler.include_imports(true).include_source_info(true);
    compiler.open_file(file).unwrap();
    compiler.encode_file_descriptor_set()
}

/// Compiles a body of a file and generates code for it.
fn generate_from(name: &str, body: &str) -> Result<String, Error> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let head = "syntax = \"proto3\";\npackage case;\nimport \"buf/validate/validate.proto\";\n";
    fs::write(folder.join("case.proto"), format!("{head}{body}")).unwrap();
    generate(&compile(&folder, "case.proto"), "case", "super::pb")
}

fn golden(file: &str, fresh: &str) {
    let path = fixtures().join(file);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, fresh).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap();
    assert!(stored == fresh, "{file} is stale: run the tests with UPDATE_GOLDEN=1 and look at the difference");
}

#[test]
fn code_is_as_expected() {
    let set = compile(&fixtures(), "zoo.proto");
    golden("checks.rs", &generate(&set, "zoo.v1", "super::pb").unwrap());

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pb");
    fs::create_dir_all(&folder).unwrap();
    let pool = DescriptorPool::decode(set.as_slice()).unwrap();
    let files = prost_types::FileDescriptorSet { file: pool.file_descriptor_protos().cloned().collect() };
    prost_build::Config::new().btree_map(["."]).out_dir(&folder).compile_fds(files).unwrap();
    golden("pb.rs", &fs::read_to_string(folder.join("zoo.v1.rs")).unwrap());
}

fn problems(name: &str, body: &str) -> Vec<String> {
    let error = generate_from(name, body).expect_err("the rules are wrong");
    error.problems().to_vec()
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table of rules")]
fn wrong_rules_stop_the_build() {
    let cases: &[(&str, &str, &str)] = &[
        ("type", "int32 a = 1 [(buf.validate.field).string.min_len = 1];", "string rules do not fit int32"),
        ("width", "int64 a = 1 [(buf.validate.field).int32.lt = 1];", "int32 rules do not fit int64"),
        ("unsigned", "uint32 a = 1 [(buf.validate.field).int32.lt = 1];", "int32 rules do not fit uint32"),
        ("list", "repeated string a = 1 [(buf.validate.field).string.min_len = 1];", "string rules do not fit a list"),
        (
            "map",
            "map<string, string> a = 1 [(buf.validate.field).repeated.min_items = 1];",
            "repeated rules do not fit a map",
        ),
        ("single", "string a = 1 [(buf.validate.field).repeated.min_items = 1];", "repeated rules do not fit string"),
        ("message", "M a = 1 [(buf.validate.field).string.min_len = 1];", "string rules do not fit case.M"),
        (
            "items",
            "repeated int32 a = 1 [(buf.validate.field).repeated.items.string.min_len = 1];",
            "string rules do not fit int32",
        ),
        (
            "keys",
            "map<int32, string> a = 1 [(buf.validate.field).map.keys.string.min_len = 1];",
            "string rules do not fit int32",
        ),
        (
            "values",
            "map<string, M> a = 1 [(buf.validate.field).map.values.string.min_len = 1];",
            "string rules do not fit case.M",
        ),
        (
            "unique",
            "repeated double a = 1 [(buf.validate.field).repeated.unique = true];",
            "`unique` does not fit items of type double",
        ),
        (
            "needed",
            "repeated M a = 1 [(buf.validate.field).repeated.items.required = true];",
            "`required` has no meaning for items",
        ),
        (
            "skipped",
            "repeated M a = 1 [(buf.validate.field).repeated.items.ignore = IGNORE_ALWAYS];",
            "`ignore` of messages in items is not supported",
        ),
        (
            "zero",
            "string a = 1 [(buf.validate.field).required = true, (buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE];",
            "`required` and `ignore` contradict each other",
        ),
        (
            "lengths",
            "string a = 1 [(buf.validate.field).string = {min_len: 2, max_len: 1}];",
            "min_len is above max_len",
        ),
        (
            "range",
            "int32 a = 1 [(buf.validate.field).int32 = {gte: 5, lt: 5}];",
            "the lower limit is not below the upper one",
        ),
        (
            "digits",
            "string a = 1 [(buf.validate.field).string.pattern = \"^\\\\d$\"];",
            "the pattern `^\\d$` uses \\d, which is not the same everywhere: write a class like [0-9]",
        ),
        (
            "oneof",
            "oneof o { string a = 1 [(buf.validate.field).string.min_len = 1]; }",
            "rules inside a oneof are not supported",
        ),
    ];
    for (name, field, expected) in cases {
        let found = problems(name, &format!("message M {{\n{field}\n}}\n"));
        assert_eq!(found, [format!("case.proto:5: case.M.a: {expected}")], "{name}");
    }
}

#[test]
fn wrong_oneof_rules_stop_the_build() {
    let cases = [
        ("none", "{}", "names no fields"),
        ("needed_none", "{required: true}", "names no fields"),
        ("unknown", "{fields: [\"a\", \"x\"]}", "names `x`, which is no field of the message"),
        ("nested", "{fields: [\"a\", \"m.a\"]}", "names `m.a`, which is no field of the message"),
        ("twice", "{fields: [\"a\", \"m\", \"a\"], required: true}", "names `a` twice"),
        ("must", "{fields: [\"a\", \"must\"]}", "names `must`, which is `required`: that leaves no choice"),
    ];
    let fields = "string a = 1; M m = 2; string must = 3 [(buf.validate.field).required = true];";
    for (name, rule, expected) in cases {
        let body = format!("\nmessage M {{\noption (buf.validate.message).oneof = {rule};\n{fields}\n}}");
        assert_eq!(problems(name, &body), [format!("case.proto:5: case.M: a oneof rule {expected}")], "{name}");
    }
}

#[test]
fn an_invalid_pattern_stops_the_build() {
    let found = problems("pattern", "message M { string a = 1 [(buf.validate.field).string.pattern = \"[a\"]; }");
    assert_eq!(found, ["case.proto:4: case.M.a: the pattern `[a` is not valid: unclosed character class"]);
}

#[test]
fn all_problems_are_reported_together() {
    let body = "message M {\nint32 a = 1 [(buf.validate.field).string.min_len = 1];\nint32 b = 2 [(buf.validate.field).enum.in = 1];\n}";
    assert_eq!(
        problems("together", body),
        [
            "case.proto:5: case.M.a: string rules do not fit int32",
            "case.proto:6: case.M.b: enum rules do not fit int32"
        ]
    );
}

/// A descriptor set as it is on the wire: the files stay as they are, options included.
#[derive(Clone, PartialEq, prost::Message)]
struct RawSet {
    #[prost(bytes = "vec", repeated, tag = "1")]
    file: Vec<Vec<u8>>,
}

#[test]
fn unsupported_rules_stop_the_build() {
    let set = compile(&fixtures().join("other"), "other.proto");
    let found = generate(&set, "case", "super::pb").unwrap_err();
    let expected = [
        "other.proto:8: case.Wrong: the rule buf.validate.MessageRules.cel is not supported",
        "other.proto:8: case.Wrong: the rule buf.validate.MessageOneofRule.reason is not supported",
        "other.proto:8: case.Wrong.choice: the oneof option buf.validate.oneof is not supported",
        "other.proto:11: case.Wrong.id: the rule buf.validate.StringRules.uuid is not supported",
        "other.proto:12: case.Wrong.ids: the rule buf.validate.StringRules.uuid is not supported",
        "other.proto:13: case.Wrong.cel: the rule buf.validate.FieldRules.cel is not supported",
        "other.proto:14: case.Wrong.both: the field option buf.validate.predefined is not supported",
        "other.proto:14: case.Wrong.both: the rule buf.validate.FieldRules.cel is not supported",
    ];
    assert_eq!(found.problems(), expected);
}

#[test]
fn rules_that_the_descriptor_does_not_know_stop_the_build() {
    use prost::Message;

    let mut set = RawSet::decode(compile(&fixtures().join("other"), "other.proto").as_slice()).unwrap();
    let ours = RawSet::decode(compile(&fixtures(), "zoo.proto").as_slice()).unwrap();
    let is_rules = |file: &Vec<u8>| {
        prost_types::FileDescriptorProto::decode(file.as_slice()).unwrap().name() == "buf/validate/validate.proto"
    };
    let rules = ours.file.into_iter().find(is_rules).unwrap();
    *set.file.iter_mut().find(|file| is_rules(file)).unwrap() = rules;
    let found = generate(&set.encode_to_vec(), "case", "super::pb").unwrap_err();
    let expected = [
        "other.proto:8: case.Wrong: the rule number 3 of buf.validate.MessageOneofRule is not known",
        "other.proto:8: case.Wrong: the rule number 3 of buf.validate.MessageRules is not known",
        "other.proto:8: case.Wrong.choice: the oneof option 1159 of buf.validate is not supported",
        "other.proto:11: case.Wrong.id: the rule number 22 of buf.validate.StringRules is not known",
        "other.proto:12: case.Wrong.ids: the rule number 22 of buf.validate.StringRules is not known",
        "other.proto:13: case.Wrong.cel: the rule number 23 of buf.validate.FieldRules is not known",
        "other.proto:14: case.Wrong.both: the field option 1160 of buf.validate is not supported",
        "other.proto:14: case.Wrong.both: the rule number 23 of buf.validate.FieldRules is not known",
    ];
    assert_eq!(found.problems(), expected);
}

#[test]
fn what_is_not_there_is_refused() {
    let set = compile(&fixtures(), "zoo.proto");
    assert_eq!(generate(&set, "zoo.v2", "pb").unwrap_err().to_string(), "there are no messages in package `zoo.v2`");
    assert_eq!(generate(&set, "zoo.v1", "p b").unwrap_err().to_string(), "`p b` is not the path of a Rust module");
    assert!(generate(b"no set", "zoo.v1", "pb").unwrap_err().to_string().starts_with("descriptor set: "));
}

#[test]
fn rules_of_another_package_are_out_of_reach() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(fixtures().join("zoo.proto"), folder.join("zoo.proto")).unwrap();
    let body = "syntax = \"proto3\";\npackage case;\nimport \"zoo.proto\";\nmessage M {\n zoo.v1.Tag tag = 1;\n zoo.v1.Untouched free = 2;\n zoo.v1.Portion portion = 3;\n}";
    fs::write(folder.join("case.proto"), body).unwrap();
    let found = generate(&compile(&folder, "case.proto"), "case", "pb").unwrap_err();
    let expected = [
        "case.proto:5: case.M.tag: zoo.v1.Tag has rules, but is of another package",
        "case.proto:7: case.M.portion: zoo.v1.Portion has rules, but is of another package",
    ];
    assert_eq!(found.problems(), expected);
}
