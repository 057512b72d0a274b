//! For tests: the contract of a made-up library, as `transcode-build`, prost and tonic generate it.

/// The messages, and below them their JSON and routes.
#[allow(dead_code, missing_docs, unreachable_pub, clippy::pedantic, clippy::all, reason = "generated")]
pub(crate) mod library {
    include!("../../transcode-build/tests/golden/library/pb.rs");

    pub mod rest {
        include!("../../transcode-build/tests/golden/library/rest.rs");
    }
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
