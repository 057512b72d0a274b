//! Compiles the contract and hands it to the generators. What they make is included by `src/contract.rs` and `src/api/services.rs`.

#[path = "build/emit_conventions.rs"]
mod emit_conventions;
#[path = "build/emit_errors.rs"]
mod emit_errors;
#[path = "build/emit_openapi.rs"]
mod emit_openapi;
#[path = "build/emit_policy.rs"]
mod emit_policy;
#[path = "build/emit_services.rs"]
mod emit_services;
#[path = "build/openapi_answers.rs"]
mod openapi_answers;
#[path = "build/openapi_examples.rs"]
mod openapi_examples;
#[path = "build/openapi_webhooks.rs"]
mod openapi_webhooks;
#[path = "build/options.rs"]
mod options;

use std::error::Error;
use std::path::{Path, PathBuf};

const PACKAGE: &str = "tradepost.v1";
const MESSAGES: &str = "crate::contract::pb";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let protos = contract_files(Path::new("proto/tradepost/v1"))?;

    // The bytes, not a decoded set: decoding would drop every option that is not descriptor.proto's own.
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(&protos)?;
    let descriptor = compiler.encode_file_descriptor_set();
    std::fs::write(out.join("descriptor.bin"), &descriptor)?;

    generate_messages(&out.join("descriptor.bin"), &protos)?;
    let builder = transcode_build::Builder::new(&descriptor)?.package(PACKAGE, MESSAGES);
    std::fs::write(out.join("rest.rs"), builder.generate()?)?;
    let validation = transcode_build::validation::generate(&descriptor, PACKAGE, MESSAGES)?;
    std::fs::write(out.join("validation.rs"), validation)?;

    let contract = options::Contract::read(&descriptor, PACKAGE)?;
    std::fs::write(out.join("policy.rs"), emit_policy::emit(&contract)?)?;
    std::fs::write(out.join("conventions.rs"), emit_conventions::emit(&contract)?)?;
    std::fs::write(out.join("services.rs"), emit_services::emit(&contract)?)?;
    std::fs::write(out.join("openapi.json"), emit_openapi::emit(&contract, &builder, PACKAGE)?)?;
    std::fs::write(out.join("errors.md"), emit_errors::emit(&contract))?;
    Ok(())
}

fn contract_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "proto"));
    files.sort();
    Ok(files)
}

fn generate_messages(descriptor: &Path, protos: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let mut config = prost_build::Config::new();
    // Ordered maps make the encoding of a message, and so its fingerprint, the same every time.
    config.file_descriptor_set_path(descriptor).skip_protoc_run().bytes(["."]).btree_map(["."]).enable_type_names();
    config.extern_path(".google.api.HttpBody", "::transcode::HttpBody");
    tonic_prost_build::configure().build_transport(false).compile_with_config(
        config,
        protos,
        &[PathBuf::from("proto")],
    )?;
    Ok(())
}
