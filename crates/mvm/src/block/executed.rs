//! A block executed apart from its roots: what another instance, behind the first, needs to compute them.

use super::{
    Block, Seal,
    contents::{Contents, Finished},
    history::parent_slot,
};
use crate::{
    config::Config,
    error::Fault,
    header::Header,
    predeploys::HISTORY,
    rlp::{self, Reader},
    state::{Host, StateDiff, changes_without_roots, restore},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, U256, keccak256};

/// A block whose roots are not computed yet.
#[derive(Clone, Debug)]
pub struct Executed {
    /// The header without roots of state and receipts; in the place of the transactions' root stands keccak256 of their joined
    /// hashes, so that its hash names the block as well as the real one will.
    pub draft: Header,
    /// `seal_executed` writes the parent's hash into HISTORY.
    pub is_late: bool,
    /// Lists and outcomes.
    pub contents: Contents,
    /// Without trie nodes and, if late, without the slot of the parent's hash; storage roots are provisional.
    pub changes: StateDiff,
}

fn malformed(message: &str) -> Fault {
    Fault::new("malformed-executed-block", message)
}

impl<H: Host> Finished<H> {
    /// The block without roots.
    pub(super) fn execute(mut self) -> Result<Executed, Fault> {
        let changes = changes_without_roots(&mut self.overlay)?;
        let mut draft = self.header;
        draft.state_root = B256::ZERO;
        draft.transactions_root = keccak256(self.contents.hashes.as_flattened());
        draft.receipts_root = B256::ZERO;
        if self.is_rollup {
            draft.withdrawals_root = Some(B256::ZERO);
        }
        Ok(Executed { draft, is_late: self.overlay.expects_hash(), contents: self.contents, changes })
    }
}

impl<H: Host> Block<H> {
    /// Ends the block and leaves its roots to `seal_executed`.
    pub fn execute_only(self) -> Result<Executed, Fault> {
        self.finish()?.execute()
    }
}

impl Executed {
    /// The slot that was not written, though a child's state has it.
    pub fn late_slot(&self) -> Option<(Address, U256)> {
        self.is_late.then(|| (HISTORY, parent_slot(self.draft.number)))
    }

    /// Appends the executed block (docs/spec/kernel.md).
    pub fn put(&self, out: &mut Vec<u8>) {
        let draft = self.draft.encode();
        let changes = self.changes.expected_length();
        let expected = draft.len() + self.contents.expected_length() + changes;
        out.reserve(expected);
        rlp::put_list_of(out, expected, |out| {
            rlp::put_bytes(out, &draft);
            rlp::put(out, self.is_late);
            self.contents.put(out);
            rlp::put_string_of(out, changes, |out| self.changes.put(out));
        });
    }
}

/// What `seal_executed` reads of an executed block.
struct Unsealed<'a> {
    draft: Header,
    is_late: bool,
    transactions: Vec<&'a [u8]>,
    receipts: Vec<&'a [u8]>,
    changes: StateDiff,
}

fn strings(mut list: Reader<'_>) -> Result<Vec<&[u8]>, Fault> {
    let mut strings = Vec::new();
    while !list.is_empty() {
        strings.push(list.bytes()?);
    }
    Ok(strings)
}

impl<'a> Unsealed<'a> {
    fn read(mut items: Reader<'a>) -> Result<Self, Fault> {
        let (draft, is_late) = (Header::decode(items.bytes()?)?, items.flag()?);
        let gas_used = items.u64()?;
        let transactions = strings(items.list()?)?;
        let (hashes, senders) = (items.bytes()?, items.bytes()?);
        let receipts = strings(items.list()?)?;
        let (_extras, _skipped) = (items.list()?, items.list()?);
        let changes = StateDiff::read(items.bytes()?).ok_or_else(|| malformed("changes that are none"))?;
        items.end()?;
        let count = transactions.len();
        if receipts.len() != count || hashes.len() != 32 * count || senders.len() != 20 * count {
            return Err(malformed("not as many receipts, hashes or senders as transactions"));
        }
        if draft.gas_used != gas_used || draft.transactions_root != keccak256(hashes) {
            return Err(malformed("the draft is not of these transactions"));
        }
        Ok(Self { draft, is_late, transactions, receipts, changes })
    }
}

/// Computes the roots of a block that was executed on `parent` or its draft. `executed`: the items that `Executed::put` writes.
/// Fails with "malformed-executed-block" for anything that is not one.
pub fn seal_executed<H: Host>(config: &Config, host: H, parent: &Header, executed: Reader<'_>) -> Result<Seal, Fault> {
    let block = Unsealed::read(executed).map_err(|fault| malformed(&fault.message))?;
    if Some(block.draft.number) != parent.number.checked_add(1) {
        return Err(malformed("the block does not follow its parent"));
    }
    let header = Header { parent_hash: parent.hash(), ..block.draft };
    let mut overlay = restore(host, block.changes)?;
    if block.is_late {
        overlay.put_storage(&HISTORY, parent_slot(header.number), header.parent_hash.into())?;
    }
    let is_rollup = !config.chain.pure;
    Seal::compute(&mut overlay, header, parent.state_root, is_rollup, &block.transactions, &block.receipts)
}
