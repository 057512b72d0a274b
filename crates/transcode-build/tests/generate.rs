//! The generated text against a golden file, its names against what tonic generates, and the build checks.
//! `UPDATE_GOLDEN=1 cargo test -p transcode-build` writes the golden file anew.

use std::path::{Path, PathBuf};

use prost::Message as _;
use prost_types::FileDescriptorSet;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver};
use transcode_build::Builder;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// One file that exists only in the test.
struct Text(String);

impl FileResolver for Text {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == "test.proto" { File::from_source(name, &self.0) } else { Err(protox::Error::file_not_found(name)) }
    }
}

/// The bytes keep the options, which `prost_types` would drop.
fn compile(name: &str, text: Option<String>) -> Vec<u8> {
    let mut resolver = ChainFileResolver::new();
    if let Some(text) = text {
        resolver.add(Text(text));
    }
    resolver.add(IncludeFileResolver::new(here()));
    resolver.add(IncludeFileResolver::new(here().join("../../../proto")));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    compiler.open_file(name).expect("the proto compiles");
    compiler.encode_file_descriptor_set()
}

/// Compares with a golden file, or writes it.
fn check_golden(golden: &Path, code: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, code).expect("the golden file can be written");
    }
    let want = std::fs::read_to_string(golden).expect("the golden file is there");
    assert!(code == want, "{} differs; UPDATE_GOLDEN=1 writes it anew", golden.display());
}

/// What prost and tonic make of a descriptor set, by file.
fn messages(name: &str, set: &[u8], configure: impl Fn(&mut prost_build::Config), file: &str) -> String {
    let out = std::env::temp_dir().join(format!("transcode-build-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&out).expect("a directory");
    let set = FileDescriptorSet::decode(set).expect("a descriptor set");
    let mut config = prost_build::Config::new();
    configure(&mut config);
    let builder = tonic_prost_build::configure().build_client(false).build_transport(false).out_dir(&out);
    builder.compile_fds_with_config(set, config).expect("tonic generates");
    let code = std::fs::read_to_string(out.join(file)).expect("tonic's code");
    std::fs::remove_dir_all(&out).expect("the directory goes");
    code
}

#[test]
fn generated_code_is_the_golden_code() {
    let set = compile("library.proto", None);
    let builder = Builder::new(&set).expect("a descriptor set").package("library.v1", "super");
    check_golden(&here().join("golden/library/rest.rs"), &builder.generate().expect("the rules are right"));
    let configure = |config: &mut prost_build::Config| {
        config.btree_map(["."]).bytes(["."]).extern_path(".google.api.HttpBody", "::transcode::HttpBody");
    };
    check_golden(&here().join("golden/library/pb.rs"), &messages("library", &set, configure, "library.v1.rs"));
}

/// What the benchmark compares: the same messages, read and written by us and by pbjson.
#[test]
fn the_benchmark_has_its_messages() {
    let folder = here().join("../../transcode/benches/order");
    let mut compiler = protox::Compiler::new([&folder]).expect("the folder is there");
    compiler.open_file("order.proto").expect("the proto compiles");
    let set = compiler.encode_file_descriptor_set();
    let builder = Builder::new(&set).expect("a descriptor set").messages("bench.v1", "super");
    check_golden(&folder.join("json.rs"), &builder.generate().expect("nothing is missing"));
    let configure = |config: &mut prost_build::Config| {
        config.btree_map(["."]);
    };
    check_golden(&folder.join("pb.rs"), &messages("bench", &set, configure, "bench.v1.rs"));
    let mut pbjson = pbjson_build::Builder::new();
    pbjson.register_descriptors(&set).expect("a descriptor set").preserve_proto_field_names().emit_fields();
    let out = std::env::temp_dir().join(format!("transcode-build-{}-pbjson", std::process::id()));
    std::fs::create_dir_all(&out).expect("a directory");
    pbjson.btree_map(["."]).out_dir(&out).build(&[".bench.v1"]).expect("pbjson generates");
    let code = std::fs::read_to_string(out.join("bench.v1.serde.rs")).expect("pbjson's code");
    std::fs::remove_dir_all(&out).expect("the directory goes");
    check_golden(&folder.join("pbjson.rs"), &code);
}

#[test]
fn messages_alone_need_no_rules() {
    let folder = here().join("../../transcode/tests/conformance");
    let mut compiler = protox::Compiler::new([&folder]).expect("the folder is there");
    compiler.include_imports(true).open_file("all_types.proto").expect("the proto compiles");
    let set = compiler.encode_file_descriptor_set();
    let builder = Builder::new(&set).expect("a descriptor set").messages("conformance.v1", "super");
    check_golden(&folder.join("json.rs"), &builder.generate().expect("nothing is missing"));
    check_golden(
        &folder.join("pb.rs"),
        &messages(
            "conformance",
            &set,
            |config| {
                config.btree_map(["."]);
            },
            "conformance.v1.rs",
        ),
    );
}

#[test]
fn names_are_those_of_tonic() {
    let set = compile("odd.proto", None);
    let builder = Builder::new(&set).expect("a descriptor set").package("odd.v1", "crate::odd");
    let rest = builder.generate().expect("the rules are right");
    let tonic = messages("odd", &set, |_| {}, "odd.v1.rs");

    let mut methods = 0;
    for (_, after) in rest.match_indices("S::").map(|(at, found)| rest.split_at(at + found.len())) {
        let (method, _) = after.split_once('(').expect("a call");
        assert!(tonic.contains(&format!("async fn {method}(")), "{method}");
        methods += 1;
    }
    assert_eq!(methods, 8);
    let mut traits = 0;
    for (_, after) in rest.match_indices("crate::odd::").map(|(at, found)| rest.split_at(at + found.len())) {
        let (module, after) = after.split_once("::").expect("a module");
        let (name, _) = after.split_once(|c: char| !c.is_alphanumeric()).expect("a trait");
        assert!(tonic.contains(&format!("pub mod {module} {{")), "{module}");
        assert!(tonic.contains(&format!("pub trait {name}:")), "{name}");
        traits += 1;
    }
    assert_eq!(traits, 3);
}

const HEAD: &str = "syntax = \"proto3\";
package test.v1;
import \"google/api/annotations.proto\";
import \"google/protobuf/any.proto\";
message In { string id = 1; In in = 2; repeated string ids = 3; map<string, In> map = 4; }
message Out { google.protobuf.Any any = 1; Out again = 2; }
service Test {
";

/// The problems of a service of these methods; the first line of `methods` is line 8.
fn problems(methods: &str) -> Vec<String> {
    let set = compile("test.proto", Some(format!("{HEAD}{methods}}}\n")));
    let builder = Builder::new(&set).expect("a descriptor set").package("test.v1", "crate::test");
    builder.generate().map_or_else(|error| error.problems().to_vec(), |_| Vec::new())
}

#[test]
fn rules_that_cannot_work_fail_the_build() {
    let cases = [
        ("", "has no HTTP rule"),
        ("{option (google.api.http) = {body: \"*\"};}", "the rule names no HTTP method and path"),
        ("{option (google.api.http) = {get: \"/a/\"};}", "\"/a/\": a segment is empty at column 4"),
        ("{option (google.api.http) = {get: \"/{x}\"};}", "\"/{x}\": the variable x: test.v1.In has no field x"),
        ("{option (google.api.http) = {get: \"/{in}\"};}", "\"/{in}\": the variable in is a message (test.v1.In)"),
        ("{option (google.api.http) = {get: \"/{ids}\"};}", "\"/{ids}\": the variable ids: ids is repeated"),
        (
            "{option (google.api.http) = {get: \"/{map.key}\"};}",
            "\"/{map.key}\": the variable map.key: map is repeated",
        ),
        (
            "{option (google.api.http) = {get: \"/{id.x}\"};}",
            "\"/{id.x}\": the variable id.x leads through a field that is no message",
        ),
        ("{option (google.api.http) = {get: \"/a\" body: \"*\"};}", "\"/a\": GET has no body"),
        ("{option (google.api.http) = {put: \"/a\" body: \"x\"};}", "\"/a\": the body: test.v1.In has no field x"),
        (
            "{option (google.api.http) = {put: \"/a\" body: \"in.id\"};}",
            "\"/a\": the body in.id is not a top-level field",
        ),
        (
            "{option (google.api.http) = {put: \"/{id}\" body: \"id\"};}",
            "\"/{id}\": id is both a path variable and the body",
        ),
        (
            "{option (google.api.http) = {get: \"/a\" response_body: \"x\"};}",
            "\"/a\": the response_body: test.v1.In has no field x",
        ),
        ("{option (google.api.http) = {custom: {kind: \"A B\" path: \"/a\"}};}", "\"A B\" is no HTTP method"),
        (
            "{option (google.api.http) = {get: \"/a\" additional_bindings {get: \"/b\" additional_bindings {get: \"/c\"}}};}",
            "an additional binding has additional bindings itself",
        ),
        (
            "{option (google.api.http) = {get: \"/a/{id}\" additional_bindings {get: \"/a/{in.id=*}\"}};}",
            "\"/a/{in.id=*}\": GET answers the same requests as test.v1.Test.A (\"/a/{id}\", test.proto:8)",
        ),
    ];
    for (options, want) in cases {
        let method = if options.is_empty() { ";" } else { options };
        let found = problems(&format!("rpc A(In) returns (In) {method}\n"));
        let separator = if want.starts_with("\"/") { " " } else { ": " };
        assert_eq!(found, [format!("test.proto:8: test.v1.Test.A{separator}{want}")]);
    }
}

#[test]
fn what_http_cannot_say_is_refused() {
    let rule = "{option (google.api.http) = {get: \"/a\"};}";
    let cases = [("rpc A(stream In) returns (In)", "a streaming request cannot be read from one HTTP request")];
    for (method, want) in cases {
        assert_eq!(problems(&format!("{method} {rule}\n")), [format!("test.proto:8: test.v1.Test.A \"/a\": {want}")]);
    }
}

#[test]
fn all_problems_come_at_once() {
    let found = problems(
        "rpc A(In) returns (In) {option (google.api.http) = {get: \"/a/{id}\"};}
rpc B(In) returns (In) {option (google.api.http) = {get: \"/a/{ids}/{x}\"};}
rpc C(In) returns (In);
rpc D(In) returns (In) {option (google.api.http) = {get: \"/a/*\" additional_bindings {post: \"/a/*\"}};}
",
    );
    let want = [
        "test.proto:9: test.v1.Test.B \"/a/{ids}/{x}\": the variable ids: ids is repeated",
        "test.proto:9: test.v1.Test.B \"/a/{ids}/{x}\": the variable x: test.v1.In has no field x",
        "test.proto:10: test.v1.Test.C: has no HTTP rule",
        "test.proto:11: test.v1.Test.D \"/a/*\": GET answers the same requests as test.v1.Test.A (\"/a/{id}\", test.proto:8)",
    ];
    assert_eq!(found, want);
}

#[test]
fn bad_input_is_an_error() {
    assert!(Builder::new(b"\xff").is_err());
    let set = compile("library.proto", None);
    let generate = |package: &str, module: &str| {
        let builder = Builder::new(&set).expect("a descriptor set").package(package, module);
        builder.generate().map_err(|error| error.to_string())
    };
    assert_eq!(generate("nowhere", "crate::x"), Err("the package nowhere has no services".to_owned()));
    assert_eq!(generate("library.v1", "crate::"), Err("\"crate::\" is not the path of a Rust module".to_owned()));
    let empty = Builder::new(b"").expect("an empty set").package("a", "b").generate();
    let empty = empty.map_err(|error| error.to_string());
    assert_eq!(empty, Err("the descriptor set does not define (google.api.http)".to_owned()));
}
