//! Deposits: entries of the L1 queue.

use super::words::Words;
use crate::{error::Fault, rlp::Reader};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

/// An entry of the L1 deposit queue. `to` is zero for a creation, `from` is aliased where L1 says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Deposit {
    pub index: u64,
    pub l1_block_number: u64,
    pub from: Address,
    pub to: Address,
    pub mint: U256,
    pub value: U256,
    pub gas_limit: u64,
    pub is_creation: bool,
    pub data: Bytes,
}

impl Deposit {
    /// Decodes `[index, l1BlockNumber, from, to, mint, value, gasLimit, isCreation, data]`.
    pub fn decode(items: &mut Reader<'_>) -> Result<Self, Fault> {
        let deposit = Self {
            index: items.u64()?,
            l1_block_number: items.u64()?,
            from: items.address()?,
            to: items.address()?,
            mint: items.u256()?,
            value: items.u256()?,
            gas_limit: items.u64()?,
            is_creation: items.flag()?,
            data: items.owned()?,
        };
        items.end()?;
        Ok(deposit)
    }

    /// Hash of the entry.
    pub fn hash(&self) -> B256 {
        Words::default()
            .uint(self.index)
            .uint(self.l1_block_number)
            .address(self.from)
            .address(self.to)
            .uint(self.mint)
            .uint(self.value)
            .uint(self.gas_limit)
            .uint(u64::from(self.is_creation))
            .b256(keccak256(&self.data))
            .hash()
    }

    /// Queue hash after this entry, given the one before it.
    pub fn next_queue_hash(&self, before: B256) -> B256 {
        Words::default().b256(before).b256(self.hash()).hash()
    }

    /// Source hash of the deposit's L2 transaction.
    pub fn source_hash(&self) -> B256 {
        source_hash(2, self.index)
    }
}

/// Source hash of the system transaction of L2 block `number`.
pub fn system_source_hash(number: u64) -> B256 {
    source_hash(1, number)
}

fn source_hash(domain: u64, value: u64) -> B256 {
    Words::default().uint(domain).uint(value).hash()
}
