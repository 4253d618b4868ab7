//! The finished block.

use super::Block;
use crate::{
    error::Fault,
    header::Header,
    predeploys::MESSAGE_PASSER,
    receipt::{ReceiptExtra, encode_receipts},
    rlp,
    state::{Host, StateDiff, commit_state},
    trie::{EMPTY_ROOT, ordered_root},
};
use alloc::vec::Vec;
use alloy_primitives::{B256, Bytes, U256, keccak256};

/// A block with everything it writes.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Sealed {
    pub header: Header,
    pub hash: B256,
    /// Storage root of L2ToL1MessagePasser.
    pub message_passer_root: B256,
    pub output_root: B256,
    pub transactions: Vec<Bytes>,
    /// EIP-2718 bytes.
    pub receipts: Vec<Vec<u8>>,
    pub extras: Vec<ReceiptExtra>,
    pub skipped: Vec<(u64, Fault)>,
    pub diff: StateDiff,
}

/// docs/spec/structs.md, "Output root".
pub fn output_root(state_root: B256, message_passer_root: B256, hash: B256) -> B256 {
    keccak256([B256::ZERO, state_root, message_passer_root, hash].concat())
}

/// What follows the last transaction, then roots, bloom, gas, hash.
pub(super) fn seal<H: Host>(mut block: Block<H>) -> Result<Sealed, Fault> {
    if block.rollup.is_none() {
        block.end_ethereum()?;
    }
    let overlay = block.machine.overlay();
    let (state_root, diff) = commit_state(overlay, block.parent_state_root)?;
    let message_passer_root = overlay.account(&MESSAGE_PASSER)?.map_or(EMPTY_ROOT, |body| body.storage_root);
    let (receipts, bloom) = encode_receipts(&block.receipts);
    let mut header = block.header;
    header.state_root = state_root;
    header.transactions_root = ordered_root(&block.transactions);
    header.receipts_root = ordered_root(&receipts);
    header.bloom = bloom;
    header.gas_used = block.gas_used;
    if header.blob_gas_used.is_some() {
        header.blob_gas_used = Some(block.blob_gas_used);
    }
    if let Some(rollup) = &block.rollup {
        header.withdrawals_root = Some(message_passer_root);
        header.extra_data = rollup.extra_data();
    }
    let (transactions, extras, skipped) = (block.transactions, block.extras, block.skipped);
    Ok(Sealed::new(header, message_passer_root, transactions, receipts, extras, skipped, diff))
}

impl Sealed {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn new(
        header: Header,
        message_passer_root: B256,
        transactions: Vec<Bytes>,
        receipts: Vec<Vec<u8>>,
        extras: Vec<ReceiptExtra>,
        skipped: Vec<(u64, Fault)>,
        diff: StateDiff,
    ) -> Self {
        let hash = header.hash();
        let output_root = output_root(header.state_root, message_passer_root, hash);
        Self { header, hash, message_passer_root, output_root, transactions, receipts, extras, skipped, diff }
    }

    /// Appends the response of `seal_block` (docs/spec/kernel.md).
    pub fn put(&self, out: &mut Vec<u8>) {
        let length_of = |items: &mut dyn Iterator<Item = usize>| items.map(|length| length + 3).sum::<usize>();
        let transactions = length_of(&mut self.transactions.iter().map(|tx| tx.len()));
        let receipts = length_of(&mut self.receipts.iter().map(|receipt| receipt.len()));
        let extras = EXTRA_LENGTH * self.extras.len();
        let changes = self.diff.expected_length();
        let hashes_and_senders = (32 + 20) * self.extras.len();
        let expected = HEAD_LENGTH + transactions + hashes_and_senders + receipts + extras + changes;
        out.reserve(expected);
        rlp::put_list_of(out, expected, |out| {
            rlp::put_bytes(out, &self.header.encode());
            for hash in [self.hash, self.header.state_root, self.message_passer_root, self.output_root] {
                rlp::put_bytes(out, hash.as_slice());
            }
            rlp::put(out, self.header.gas_used);
            rlp::put_list_of(out, transactions, |out| self.transactions.iter().for_each(|tx| rlp::put_bytes(out, tx)));
            let hashes: Vec<[u8; 32]> = self.transactions.iter().map(|tx| keccak256(tx).0).collect();
            rlp::put_bytes(out, hashes.as_flattened());
            let senders: Vec<[u8; 20]> = self.extras.iter().map(|extra| extra.sender.0.0).collect();
            rlp::put_bytes(out, senders.as_flattened());
            rlp::put_list_of(out, receipts, |out| {
                self.receipts.iter().for_each(|receipt| rlp::put_bytes(out, receipt));
            });
            rlp::put_list_of(out, extras, |out| self.extras.iter().for_each(|extra| extra.put(out)));
            rlp::put_list(out, |out| self.skipped.iter().for_each(|(index, fault)| put_skip(out, *index, fault)));
            rlp::put_string_of(out, changes, |out| self.diff.put(out));
        });
    }
}

/// About how many bytes the answer takes before its lists, and for what is told beside a receipt.
const HEAD_LENGTH: usize = 1024;
const EXTRA_LENGTH: usize = 50;

fn put_skip(out: &mut Vec<u8>, index: u64, fault: &Fault) {
    rlp::put_list(out, |out| {
        rlp::put(out, U256::from(index));
        rlp::put_bytes(out, fault.code.as_bytes());
        rlp::put_bytes(out, fault.message.as_bytes());
    });
}
