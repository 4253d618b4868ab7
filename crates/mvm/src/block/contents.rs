//! What execution makes of a block beside its state.

use super::Block;
use crate::{
    error::Fault,
    header::Header,
    receipt::{ReceiptExtra, encode_receipts},
    rlp,
    state::{Host, Overlay},
};
use alloc::vec::Vec;
use alloy_primitives::{B256, Bytes, U256, keccak256};

/// What a block holds and how it went, as a sealed block tells it (docs/spec/kernel.md). None of it needs a root.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Contents {
    pub gas_used: u64,
    pub transactions: Vec<Bytes>,
    /// Of the transactions, one each.
    pub hashes: Vec<[u8; 32]>,
    /// EIP-2718 bytes.
    pub receipts: Vec<Vec<u8>>,
    pub extras: Vec<ReceiptExtra>,
    /// Position among the posted transactions, and why.
    pub skipped: Vec<(u64, Fault)>,
}

/// About how many bytes are told of a transaction beside its receipt, and of one that was skipped.
const EXTRA_LENGTH: usize = 50;
const SKIP_LENGTH: usize = 80;

impl Contents {
    fn transactions_length(&self) -> usize {
        self.transactions.iter().map(|tx| tx.len() + 3).sum()
    }

    fn receipts_length(&self) -> usize {
        self.receipts.iter().map(|receipt| receipt.len() + 3).sum()
    }

    /// About how many bytes `put` appends.
    pub(super) fn expected_length(&self) -> usize {
        let each = (32 + 20 + EXTRA_LENGTH) * self.extras.len() + SKIP_LENGTH * self.skipped.len();
        self.transactions_length() + self.receipts_length() + each
    }

    /// Appends the items from `gasUsed` to the skipped transactions.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        rlp::put(out, self.gas_used);
        rlp::put_list_of(out, self.transactions_length(), |out| {
            self.transactions.iter().for_each(|tx| rlp::put_bytes(out, tx));
        });
        rlp::put_bytes(out, self.hashes.as_flattened());
        let senders: Vec<[u8; 20]> = self.extras.iter().map(|extra| extra.sender.0.0).collect();
        rlp::put_bytes(out, senders.as_flattened());
        rlp::put_list_of(out, self.receipts_length(), |out| {
            self.receipts.iter().for_each(|receipt| rlp::put_bytes(out, receipt));
        });
        rlp::put_list_of(out, EXTRA_LENGTH * self.extras.len(), |out| {
            self.extras.iter().for_each(|extra| extra.put(out));
        });
        rlp::put_list(out, |out| self.skipped.iter().for_each(|(index, fault)| put_skip(out, *index, fault)));
    }
}

fn put_skip(out: &mut Vec<u8>, index: u64, fault: &Fault) {
    rlp::put_list(out, |out| {
        rlp::put(out, U256::from(index));
        rlp::put_bytes(out, fault.code.as_bytes());
        rlp::put_bytes(out, fault.message.as_bytes());
    });
}

/// A block after everything that runs in it.
pub(super) struct Finished<H: Host> {
    /// Complete but for the roots of state, transactions and receipts, and an L2 block's withdrawalsRoot.
    pub header: Header,
    pub contents: Contents,
    pub overlay: Overlay<H>,
    pub parent_state_root: B256,
    pub is_rollup: bool,
}

impl<H: Host> Block<H> {
    /// Runs what follows the last transaction.
    pub(super) fn finish(mut self) -> Result<Finished<H>, Fault> {
        if self.rollup.is_none() {
            self.end_ethereum()?;
        }
        let (receipts, bloom) = encode_receipts(&self.receipts);
        let mut header = self.header;
        header.bloom = bloom;
        header.gas_used = self.gas_used;
        if header.blob_gas_used.is_some() {
            header.blob_gas_used = Some(self.blob_gas_used);
        }
        if let Some(rollup) = &self.rollup {
            header.extra_data = rollup.extra_data();
        }
        let contents = Contents {
            gas_used: self.gas_used,
            hashes: self.transactions.iter().map(|tx| keccak256(tx).0).collect(),
            transactions: self.transactions,
            receipts,
            extras: self.extras,
            skipped: self.skipped,
        };
        let (overlay, parent_state_root) = (self.machine.into_overlay(), self.parent_state_root);
        Ok(Finished { header, contents, overlay, parent_state_root, is_rollup: self.rollup.is_some() })
    }
}
