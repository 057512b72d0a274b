//! A short run of the fuzz targets: random pieces of what each of them reads, the same in every run.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

#[path = "../../../../fuzz/entry.rs"]
mod entry;
#[path = "../end_to_end/library.rs"]
mod library;

const JSON: &str = r#"{"a_bool":true,"part":{"name":"n","dims":{"width":1}},"numbers":[1,"2",3.0],"partByName":{"a":{}},"time":"2024-01-31T12:00:00Z","duration":"1.5s","object":{"a":[1,null]},"alias":"FIRST","any":{"@type":"x/library.v1.Kinds.Part","name":"m"},"text":"x"}"#;
const TEMPLATE: &str = "/v1/{a.b=shelves/*/books/**}:verb/*/%20{c}";
const QUERY: &str =
    "part.dims.width=1&numbers=2&numbers=%33&text=a+b&again.again.maybe=0&mask=a,bC&times=1970-01-01T00:00:00Z";
const PERCENT: &str = "a%2Fb%20c/%C3%A9+%zz/é:%3A";

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

/// Moves, repeats, drops and damages pieces of a seed.
fn run(seed: &str, entry: fn(&[u8])) {
    let mut numbers = Numbers(seed.len() as u64);
    entry(seed.as_bytes());
    for _ in 0..20_000 {
        let mut bytes = seed.as_bytes().to_vec();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(bytes.len().max(1)).min(bytes.len());
            let until = (at + numbers.below(8)).min(bytes.len());
            let from = numbers.below(seed.len());
            let to = (from + numbers.below(12)).min(seed.len());
            bytes.splice(at..until, seed.as_bytes()[from..to].iter().copied());
            if numbers.below(8) == 0 && !bytes.is_empty() {
                let at = numbers.below(bytes.len());
                bytes[at] = u8::try_from(numbers.below(256)).unwrap_or_default();
            }
        }
        entry(&bytes);
    }
}

#[test]
fn json() {
    run(JSON, entry::json);
}

#[test]
fn templates() {
    run(TEMPLATE, entry::template);
}

#[test]
fn queries() {
    run(QUERY, entry::query);
}

#[test]
fn percent_escapes() {
    run(PERCENT, entry::percent);
}
