//! The vector files of the data fee.

use super::*;
use alloy_primitives::{Bytes, U256};
use serde_json::Value;

fn vectors(file: &str) -> Vec<Value> {
    let path = format!("{}/../../docs/spec/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let all: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!all.is_empty());
    all
}

fn parse<T: core::str::FromStr<Err: core::fmt::Debug>>(value: &Value) -> T {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn fastlz_sizes_are_those_of_solady() {
    // One table for all, and for all again: what an input left must not be seen by the next.
    let mut sizes = FastLz::default();
    for vector in [vectors("fastlz"), vectors("fastlz")].concat() {
        let input: Bytes = parse(&vector["input"]);
        let expected: u64 = parse(&vector["output"]);
        assert_eq!(sizes.size(&input), expected, "{}", vector["name"]);
        assert_eq!(FastLz::default().size(&input), expected, "{}", vector["name"]);
    }
}

#[test]
fn data_fees_are_as_their_vectors_say() {
    for vector in vectors("dataFee") {
        let input = &vector["input"];
        let transaction: Bytes = parse(&input["transaction"]);
        let prices = L1Prices {
            base_fee: parse(&input["baseFee"]),
            blob_base_fee: parse(&input["blobBaseFee"]),
            rate: parse(&input["rate"]),
            ..L1Prices::default()
        };
        let scalars = (parse(&input["l1BaseFeeScalar"]), parse(&input["l1BlobBaseFeeScalar"]));
        let fee = DataFee::with_scalars(FastLz::default().size(&transaction), &prices, scalars.0, scalars.1).fee;
        assert_eq!(fee, parse::<U256>(&vector["output"]), "{}", vector["name"]);
    }
}
