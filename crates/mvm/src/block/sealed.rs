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

    /// The response of `seal_block` (docs/spec/kernel.md).
    pub fn encode(&self) -> Vec<u8> {
        rlp::list(|out| {
            rlp::put_bytes(out, &self.header.encode());
            rlp::put(out, self.hash);
            rlp::put(out, self.header.state_root);
            rlp::put(out, self.message_passer_root);
            rlp::put(out, self.output_root);
            rlp::put(out, self.header.gas_used);
            rlp::put_list(out, |out| self.transactions.iter().for_each(|tx| rlp::put(out, tx)));
            let hashes: Vec<u8> = self.transactions.iter().flat_map(|tx| keccak256(tx).0).collect();
            rlp::put_bytes(out, &hashes);
            let senders: Vec<u8> = self.extras.iter().flat_map(|extra| extra.sender.0).collect();
            rlp::put_bytes(out, &senders);
            rlp::put_list(out, |out| self.receipts.iter().for_each(|receipt| rlp::put_bytes(out, receipt)));
            rlp::put_list(out, |out| self.extras.iter().for_each(|extra| extra.put(out)));
            rlp::put_list(out, |out| self.skipped.iter().for_each(|(index, fault)| put_skip(out, *index, fault)));
            rlp::put_bytes(out, &self.diff.encode());
        })
    }
}

fn put_skip(out: &mut Vec<u8>, index: u64, fault: &Fault) {
    rlp::put_list(out, |out| {
        rlp::put(out, U256::from(index));
        rlp::put_bytes(out, fault.code.as_bytes());
        rlp::put_bytes(out, fault.message.as_bytes());
    });
}
