//! The vector files that TypeScript and Solidity read as well.

use super::*;
use crate::{config::ChainConfig, rlp::Reader};
use alloy_primitives::{Address, B256, Bytes, U256};
use serde_json::Value;

fn vectors(file: &str) -> Vec<Value> {
    let path = format!("{}/../../docs/spec/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let all: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!all.is_empty());
    all
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} of {value}"))
}

fn number<T: core::str::FromStr<Err: core::fmt::Debug>>(value: &Value, field: &str) -> T {
    text(value, field).parse().unwrap()
}

fn hex<T: core::str::FromStr<Err: core::fmt::Debug>>(value: &Value, field: &str) -> T {
    text(value, field).parse().unwrap()
}

fn deposit(input: &Value) -> Deposit {
    Deposit {
        index: number(input, "index"),
        l1_block_number: number(input, "l1BlockNumber"),
        from: hex(input, "from"),
        to: hex(input, "to"),
        mint: number(input, "mint"),
        value: number(input, "value"),
        gas_limit: number(input, "gasLimit"),
        is_creation: input["isCreation"].as_bool().unwrap(),
        data: hex(input, "data"),
    }
}

fn header(input: &Value) -> DataHeader {
    let modes = [DataMode::Calldata, DataMode::Blobs, DataMode::OffChain, DataMode::None];
    DataHeader {
        version: number(input, "version"),
        batch_index: number(input, "batchIndex"),
        parent_hash: hex(input, "parentHash"),
        generation: number(input, "generation"),
        epoch: number(input, "epoch"),
        last_timestamp: number(input, "lastTimestamp"),
        deposit_count: number(input, "depositCount"),
        deposit_queue_hash: hex(input, "depositQueueHash"),
        anchor_number: number(input, "anchorNumber"),
        anchor_hash: hex(input, "anchorHash"),
        data_mode: modes[number::<usize>(input, "dataMode")],
        payload_hash: hex(input, "payloadHash"),
        payload_size: number(input, "payloadSize"),
        data_commitment: hex(input, "dataCommitment"),
        extra_hash: hex(input, "extraHash"),
    }
}

#[test]
fn deposits_hash_as_their_vectors_say() {
    for vector in vectors("deposit") {
        let deposit = deposit(&vector["input"]);
        assert_eq!(deposit.hash(), hex::<B256>(&vector["output"], "depositHash"), "{}", vector["name"]);
        assert_eq!(deposit.source_hash(), hex::<B256>(&vector["output"], "sourceHash"), "{}", vector["name"]);
    }
}

#[test]
fn queue_hashes_are_as_their_vectors_say() {
    for vector in vectors("queueHash") {
        let hash = deposit(&vector["input"]).next_queue_hash(hex(&vector["input"], "previous"));
        assert_eq!(hash, hex::<B256>(&vector, "output"), "{}", vector["name"]);
    }
}

#[test]
fn source_hashes_of_system_transactions_are_as_their_vectors_say() {
    for vector in vectors("sourceHash").iter().filter(|vector| text(&vector["input"], "domain") == "1") {
        assert_eq!(system_source_hash(number(&vector["input"], "value")), hex::<B256>(vector, "output"));
    }
}

#[test]
fn leaves_of_block_inputs_are_as_their_vectors_say() {
    for vector in vectors("blockInputs") {
        let input = &vector["input"];
        let transactions = input["transactions"].as_array().unwrap();
        let inputs = BlockInputs {
            number: number(input, "number"),
            time: number(input, "time"),
            generation: number(input, "generation"),
            flags: number(input, "flags"),
            proposer: hex::<Address>(input, "proposer"),
            anchor_number: number(input, "anchorNumber"),
            anchor_hash: hex(input, "anchorHash"),
            deposit_start: number(input, "depositStart"),
            deposit_end: number(input, "depositEnd"),
            rate: number::<U256>(input, "rate"),
            attendance: hex(input, "attendance"),
            transactions: transactions.iter().map(|tx| tx.as_str().unwrap().parse::<Bytes>().unwrap()).collect(),
        };
        assert_eq!(inputs.leaf(), hex::<B256>(&vector, "output"), "{}", vector["name"]);
    }
}

#[test]
fn merkle_roots_are_as_their_vectors_say() {
    for vector in vectors("merkleRoot") {
        let leaves = vector["input"].as_array().unwrap().iter().map(|leaf| leaf.as_str().unwrap().parse().unwrap());
        assert_eq!(merkle_root(leaves), Some(hex::<B256>(&vector, "output")), "{}", vector["name"]);
    }
    assert_eq!(merkle_root([]), None);
}

#[test]
fn data_headers_hash_as_their_vectors_say() {
    for vector in vectors("dataHeader") {
        assert_eq!(header(&vector["input"]).hash(), hex::<B256>(&vector["output"], "structHash"), "{}", vector["name"]);
    }
}

#[test]
fn chain_configs_decode_as_their_vectors_say() {
    for vector in vectors("chainConfig") {
        let (input, rlp) = (&vector["input"], hex::<Bytes>(&vector["output"], "rlp"));
        let config = ChainConfig::decode(&mut Reader::list_of(&rlp).unwrap()).unwrap();
        assert_eq!(config.l2_chain_id, number::<u64>(input, "l2ChainId"));
        assert_eq!(config.max_batch_bytes, number::<u64>(input, "maxBatchBytes"));
        assert_eq!(config.l1_depth, number::<u64>(input, "l1Depth"));
        assert_eq!(config.genesis_anchor_hash, hex::<B256>(input, "genesisAnchorHash"));
        assert_eq!(config.initial_rate, number::<U256>(input, "initialRate"));
        let schedule = input["blobSchedule"].as_array().unwrap().iter();
        let entry = |entry: &Value| (number(entry, "l1Timestamp"), number(entry, "baseFeeUpdateFraction"));
        assert_eq!(config.blob_schedule, schedule.map(entry).collect::<Vec<_>>());
        let forks = input["forks"].as_array().unwrap().iter();
        let fork = |fork: &Value| (text(fork, "name").as_bytes().to_vec(), number(fork, "l2Timestamp"));
        assert_eq!(config.forks, forks.map(fork).collect::<Vec<_>>());
    }
}
