//! The OpenAPI document of a made-up contract. `UPDATE_GOLDEN=1` renews the kept copy.

use std::path::Path;

use prost_reflect::MethodDescriptor;
use transcode_build::openapi::{Extra, Host, Object};
use transcode_build::{Builder, object};

struct Plain;

impl Host for Plain {
    fn document(&self) -> Object {
        object! { "info": object! { "title": "Library", "version": "1" } }
    }

    fn components(&self) -> Object {
        Object::new()
    }

    fn operation(&self, method: &MethodDescriptor, has_body: bool) -> Extra {
        let status = match method.name() {
            "DeleteBook" => 204,
            "CreateBook" => 201,
            _ => 200,
        };
        let tried = object! { "description": "Only tried out." };
        let also = (status != 200).then_some((200, tried));
        Extra { status, also, members: object! { "x-has-body": has_body }, ..Extra::default() }
    }
}

fn document(file: &str, package: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let includes = [root.join("tests"), root.join("tests/validation"), root.join("../../proto")];
    let mut compiler = protox::Compiler::new(includes).expect("includes");
    compiler.include_imports(true).include_source_info(true);
    compiler.open_file(file).expect("compiles");
    let builder = Builder::new(&compiler.encode_file_descriptor_set()).expect("decodes");
    builder.openapi(package, &Plain).expect("a document").to_string() + "\n"
}

#[test]
fn every_kind_of_rule() {
    let made = document("library.proto", "library.v1");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/library.openapi.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &made).expect("writable");
    }
    assert_eq!(made, std::fs::read_to_string(&path).expect("the kept copy"));
}

#[test]
fn every_kind_of_check() {
    let made = document("shelf.proto", "shelf.v1");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/shelf.openapi.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &made).expect("writable");
    }
    assert_eq!(made, std::fs::read_to_string(&path).expect("the kept copy"));
}
