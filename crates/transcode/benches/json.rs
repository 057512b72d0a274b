//! JSON of an order, in and out, against prost-reflect and pbjson on the same prost type: prints how many times longer
//! the others take. `cargo bench -p transcode` measures; `cargo test` runs each once.
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

mod bench {
    include!("order/pb.rs");

    mod json {
        include!("order/json.rs");
    }

    mod pbjson_impls {
        use super::*;
        include!("order/pbjson.rs");
    }
}

use std::hint::black_box;
use std::time::{Duration, Instant};

use bench::{Address, Item, Order};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use transcode::json;

fn order(items: i32) -> Order {
    let item = |number: i32| Item {
        sku: format!("8512{number}A"),
        name: "WHITE HANGING HEART T-LIGHT HOLDER".to_owned(),
        quantity: 6 + number,
        unit_price: 255 * i64::from(number),
        tax_rate_bps: 2000,
    };
    Order {
        id: "ord_01h455vb4pex5vsknk084sn02q".to_owned(),
        customer_id: "cus_01h455vb4pex5vsknk084sn02r".to_owned(),
        status: 2,
        currency_code: "GBP".to_owned(),
        items: (0..items).map(item).collect(),
        metadata: [("channel", "web"), ("campaign", "spring \"sale\"")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into(),
        total: 9_007_199_254_740_993,
        draft: false,
        tax_rate: 0.2,
        note: Some("Leave it at the door, please — thank you.".to_owned()),
        shipping_address: Some(Address {
            line1: "1 High Street".to_owned(),
            city: "London".to_owned(),
            postal_code: "N1 9GU".to_owned(),
            country_code: "GB".to_owned(),
        }),
        signature: vec![7; 32],
        allowed_actions: ["place", "hold", "cancel"].map(str::to_owned).into(),
    }
}

fn descriptor() -> MessageDescriptor {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/order");
    let mut compiler = protox::Compiler::new([folder]).expect("the folder is there");
    compiler.open_file("order.proto").expect("the proto compiles");
    let pool = DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).expect("a descriptor set");
    pool.get_message_by_name("bench.v1.Order").expect("there")
}

fn reflect_out(descriptor: &MessageDescriptor, order: &Order) -> Vec<u8> {
    let mut message = DynamicMessage::new(descriptor.clone());
    message.transcode_from(order).expect("the same message");
    let mut out = Vec::new();
    let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false);
    message.serialize_with_options(&mut serde_json::Serializer::new(&mut out), &options).expect("has JSON");
    out
}

fn reflect_in(descriptor: &MessageDescriptor, text: &[u8]) -> Order {
    let mut json = serde_json::Deserializer::from_slice(text);
    DynamicMessage::deserialize(descriptor.clone(), &mut json).expect("fits").transcode_to().expect("the same message")
}

/// Nanoseconds for one run: the best of several rounds, so that a busy machine does not matter much.
fn nanos<T>(rounds: usize, mut run: impl FnMut() -> T) -> f64 {
    let mut best = Duration::MAX;
    let each: u32 = if rounds > 1 { 2_000 } else { 1 };
    for _ in 0..rounds {
        let start = Instant::now();
        for _ in 0..each {
            black_box(run());
        }
        best = best.min(start.elapsed() / each);
    }
    best.as_nanos() as f64
}

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--bench") { 15 } else { 1 };
    let descriptor = descriptor();
    for items in [1, 20] {
        let order = order(items);
        let text = json::write(&order).expect("has JSON");
        assert_eq!(json::read::<Order>(&text, 32).expect("fits"), order);
        assert_eq!(serde_json::from_slice::<Order>(&text).expect("fits"), order);
        assert_eq!(reflect_in(&descriptor, &text), order);
        let line = |what: &str, ours: f64, pbjson: f64, reflect: f64| {
            println!(
                "{what:>3}, {items:>2} items, {} bytes: {ours:.0} ns; pbjson {:.2}x, prost-reflect {:.2}x",
                text.len(),
                pbjson / ours,
                reflect / ours
            );
            assert!(rounds == 1 || (pbjson > ours && reflect > ours), "not faster than both");
        };
        line(
            "out",
            nanos(rounds, || json::write(&order)),
            nanos(rounds, || serde_json::to_vec(&order)),
            nanos(rounds, || reflect_out(&descriptor, &order)),
        );
        line(
            "in",
            nanos(rounds, || json::read::<Order>(&text, 32)),
            nanos(rounds, || serde_json::from_slice::<Order>(&text)),
            nanos(rounds, || reflect_in(&descriptor, &text)),
        );
    }
}
