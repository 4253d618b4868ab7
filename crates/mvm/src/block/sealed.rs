//! The finished block with its roots.

use super::contents::{Contents, Finished};
use crate::{
    error::Fault,
    header::Header,
    predeploys::MESSAGE_PASSER,
    rlp,
    state::{Host, Overlay, StateDiff, commit_state},
    trie::{EMPTY_ROOT, ordered_root},
};
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

/// What roots add to an executed block.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Seal {
    pub header: Header,
    pub hash: B256,
    /// Storage root of L2ToL1MessagePasser.
    pub message_passer_root: B256,
    pub output_root: B256,
    /// Everything the block writes.
    pub diff: StateDiff,
}

/// A block with everything it writes.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Sealed {
    pub seal: Seal,
    pub contents: Contents,
}

/// docs/spec/structs.md, "Output root".
pub fn output_root(state_root: B256, message_passer_root: B256, hash: B256) -> B256 {
    keccak256([B256::ZERO, state_root, message_passer_root, hash].concat())
}

/// About how many bytes an answer takes before its lists.
const HEAD_LENGTH: usize = 1024;

impl Seal {
    /// Computes the roots over what `overlay` holds, and puts them into `header`. `transactions`, `receipts`: EIP-2718 bytes.
    pub(super) fn compute<H: Host>(
        overlay: &mut Overlay<H>,
        mut header: Header,
        parent_state_root: B256,
        is_rollup: bool,
        transactions: &[impl AsRef<[u8]>],
        receipts: &[impl AsRef<[u8]>],
    ) -> Result<Self, Fault> {
        let (state_root, diff) = commit_state(overlay, parent_state_root)?;
        let message_passer_root = overlay.account(&MESSAGE_PASSER)?.map_or(EMPTY_ROOT, |body| body.storage_root);
        header.state_root = state_root;
        header.transactions_root = ordered_root(transactions);
        header.receipts_root = ordered_root(receipts);
        if is_rollup {
            header.withdrawals_root = Some(message_passer_root);
        }
        let hash = header.hash();
        let output_root = output_root(state_root, message_passer_root, hash);
        Ok(Self { header, hash, message_passer_root, output_root, diff })
    }

    /// Appends the answer of `seal_executed` (docs/spec/kernel.md).
    pub fn put(&self, out: &mut Vec<u8>) {
        self.put_around(out, 0, |_| {});
    }

    /// Appends a list: header, hash and roots, what `middle` appends, about `expected` bytes, and the changes.
    fn put_around(&self, out: &mut Vec<u8>, expected: usize, middle: impl FnOnce(&mut Vec<u8>)) {
        let changes = self.diff.expected_length();
        let expected = HEAD_LENGTH + expected + changes;
        out.reserve(expected);
        rlp::put_list_of(out, expected, |out| {
            rlp::put_bytes(out, &self.header.encode());
            for hash in [self.hash, self.header.state_root, self.message_passer_root, self.output_root] {
                rlp::put_bytes(out, hash.as_slice());
            }
            middle(out);
            rlp::put_string_of(out, changes, |out| self.diff.put(out));
        });
    }
}

impl Sealed {
    /// Appends the answer of `seal_block` (docs/spec/kernel.md).
    pub fn put(&self, out: &mut Vec<u8>) {
        self.seal.put_around(out, self.contents.expected_length(), |out| self.contents.put(out));
    }
}

impl<H: Host> Finished<H> {
    /// Roots, hash and difference.
    pub(super) fn seal(mut self) -> Result<Sealed, Fault> {
        let Contents { transactions, receipts, .. } = &self.contents;
        let root = self.parent_state_root;
        let seal = Seal::compute(&mut self.overlay, self.header, root, self.is_rollup, transactions, receipts)?;
        Ok(Sealed { seal, contents: self.contents })
    }
}
