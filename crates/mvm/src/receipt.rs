//! Receipts as consensus sees them, and what users are told beside.

use crate::rlp;
use alloc::vec::Vec;
use alloy_primitives::{
    Address, B256, Bloom, BloomInput, Log, U256, keccak256,
    map::{AddressMap, B256Map},
};

const BLOOM_LENGTH: usize = 256;

/// First field of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Byzantium and later: success or not.
    Status(bool),
    /// Before Byzantium: state root after the transaction.
    StateRoot(B256),
}

/// A receipt.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Receipt {
    pub tx_type: u8,
    pub outcome: Outcome,
    pub cumulative_gas_used: u64,
    pub logs: Vec<Log>,
}

/// What a receipt does not hold but users ask for.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct ReceiptExtra {
    pub sender: Address,
    pub gas_used: u64,
    pub effective_gas_price: U256,
    pub contract_address: Option<Address>,
    /// METIS wei.
    pub l1_fee: U256,
    pub l1_gas_used: U256,
    pub l1_gas_price: U256,
}

/// Bloom filters over addresses and topics. Most logs of a block repeat those of others: each is hashed once.
#[derive(Default)]
struct Blooms {
    addresses: AddressMap<B256>,
    topics: B256Map<B256>,
}

impl Blooms {
    fn of(&mut self, logs: &[Log]) -> Bloom {
        let mut bloom = Bloom::ZERO;
        for log in logs {
            let address = self.addresses.entry(log.address).or_insert_with(|| keccak256(log.address));
            bloom.accrue(BloomInput::Hash(*address));
            for topic in log.topics() {
                let hash = self.topics.entry(*topic).or_insert_with(|| keccak256(topic));
                bloom.accrue(BloomInput::Hash(*hash));
            }
        }
        bloom
    }
}

/// EIP-2718 bytes of a block's receipts, and the bloom filter over all of them.
pub fn encode_receipts(receipts: &[Receipt]) -> (Vec<Vec<u8>>, Bloom) {
    let mut blooms = Blooms::default();
    let mut all = Bloom::ZERO;
    let encoded = receipts.iter().map(|receipt| {
        let bloom = blooms.of(&receipt.logs);
        all |= bloom;
        receipt.encode(&bloom)
    });
    (encoded.collect(), all)
}

impl Receipt {
    /// EIP-2718 bytes; `bloom`: over its logs.
    fn encode(&self, bloom: &Bloom) -> Vec<u8> {
        // 16: status, gas, heads.
        let length = BLOOM_LENGTH + 16 + logs_length(&self.logs);
        let mut out = Vec::with_capacity(length);
        if self.tx_type != 0 {
            out.push(self.tx_type);
        }
        rlp::put_list_of(&mut out, length, |out| {
            match self.outcome {
                Outcome::Status(success) => rlp::put(out, success),
                Outcome::StateRoot(root) => rlp::put(out, root),
            }
            rlp::put_integer(out, &U256::from(self.cumulative_gas_used));
            rlp::put_bytes(out, bloom.as_slice());
            put_logs(out, &self.logs);
        });
        out
    }
}

/// About how many bytes `put_logs` appends.
fn logs_length(logs: &[Log]) -> usize {
    logs.iter().map(log_length).sum::<usize>() + 3
}

fn log_length(log: &Log) -> usize {
    32 + 33 * log.topics().len() + log.data.data.len()
}

/// Appends the list of logs as receipts hold it.
pub fn put_logs(out: &mut Vec<u8>, logs: &[Log]) {
    rlp::put_list_of(out, logs_length(logs), |out| {
        for log in logs {
            let topics = log.topics();
            rlp::put_list_of(out, log_length(log), |out| {
                rlp::put_bytes(out, log.address.as_slice());
                let put_topics = |out: &mut Vec<u8>| {
                    topics.iter().for_each(|topic| rlp::put_bytes(out, topic.as_slice()));
                };
                rlp::put_list_of(out, 33 * topics.len(), put_topics);
                rlp::put_bytes(out, &log.data.data);
            });
        }
    });
}

impl ReceiptExtra {
    /// Appends `[sender, gasUsed, effectiveGasPrice, contractAddress, l1Fee, l1GasUsed, l1GasPrice]`.
    pub fn put(&self, out: &mut Vec<u8>) {
        rlp::put_list(out, |out| {
            rlp::put_bytes(out, self.sender.as_slice());
            rlp::put_integer(out, &U256::from(self.gas_used));
            rlp::put_integer(out, &self.effective_gas_price);
            rlp::put_bytes(out, self.contract_address.as_ref().map_or(&[], |address| address.as_slice()));
            rlp::put_integer(out, &self.l1_fee);
            rlp::put_integer(out, &self.l1_gas_used);
            rlp::put_integer(out, &self.l1_gas_price);
        });
    }
}
