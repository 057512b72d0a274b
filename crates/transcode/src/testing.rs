//! For tests: the contract of a made-up library, compiled once.

use std::path::Path;
use std::sync::OnceLock;

use prost_reflect::{DescriptorPool, MessageDescriptor};

/// All messages of `library.proto`.
pub(crate) fn pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let includes = [root.join("../transcode-build/tests"), root.join("../../proto")];
        let mut compiler = protox::Compiler::new(includes).expect("the folders are there");
        compiler.include_imports(true).open_file("library.proto").expect("the proto compiles");
        DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).expect("a descriptor set")
    })
}

/// One message of it.
pub(crate) fn message(name: &str) -> MessageDescriptor {
    pool().get_message_by_name(&format!("library.v1.{name}")).expect("the message is there")
}

/// Endless numbers, the same in every run (Steele and Vigna's `SplitMix64`).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default() % limit
    }
}
