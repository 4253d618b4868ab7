//! What a block is made of before execution.

use super::words::Words;
use crate::rlp;
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

/// The block is the last of its batch.
pub const FLAG_BATCH_END: u8 = 1;
/// The block was derived without a usable payload.
pub const FLAG_FALLBACK: u8 = 2;

/// Inputs of one block. Deposits `deposit_start..deposit_end` are consumed; `transactions` are EIP-2718 bytes as posted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct BlockInputs {
    pub number: u64,
    pub time: u64,
    pub generation: u32,
    pub flags: u8,
    pub proposer: Address,
    pub anchor_number: u64,
    pub anchor_hash: B256,
    pub deposit_start: u64,
    pub deposit_end: u64,
    pub rate: U256,
    pub attendance: Bytes,
    pub transactions: Vec<Bytes>,
}

impl BlockInputs {
    /// The block's leaf of the inputs root.
    pub fn leaf(&self) -> B256 {
        let transactions = rlp::list(|out| self.put_transactions(out));
        Words::default()
            .uint(self.number)
            .uint(self.time)
            .uint(self.generation)
            .uint(self.flags)
            .address(self.proposer)
            .uint(self.anchor_number)
            .b256(self.anchor_hash)
            .uint(self.deposit_start)
            .uint(self.deposit_end)
            .uint(self.rate)
            .b256(keccak256(&self.attendance))
            .b256(keccak256(transactions))
            .hash()
    }

    fn put_transactions(&self, out: &mut Vec<u8>) {
        self.transactions.iter().for_each(|transaction| rlp::put_bytes(out, transaction));
    }

    /// Appends the list of the fields in their order, transactions as an inner list.
    pub fn put(&self, out: &mut Vec<u8>) {
        rlp::put_list(out, |out| {
            rlp::put(out, self.number);
            rlp::put(out, self.time);
            rlp::put(out, self.generation);
            rlp::put(out, self.flags);
            rlp::put(out, self.proposer);
            rlp::put(out, self.anchor_number);
            rlp::put(out, self.anchor_hash);
            rlp::put(out, self.deposit_start);
            rlp::put(out, self.deposit_end);
            rlp::put(out, self.rate);
            rlp::put_bytes(out, &self.attendance);
            rlp::put_list(out, |out| self.put_transactions(out));
        });
    }
}
