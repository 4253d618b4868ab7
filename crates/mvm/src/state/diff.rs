//! Roots and stored differences of a block's changes.

use super::{AccountBody, Host, Overlay, Update};
use crate::{
    error::Fault,
    rlp,
    trie::{EMPTY_ROOT, NodeChange},
};
use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

/// How one account ends a block.
#[derive(Clone, Debug)]
pub struct AccountChange {
    /// The account.
    pub address: Address,
    /// In the parent's state.
    pub before: Option<AccountBody>,
    /// `None`: deleted with its storage.
    pub after: Option<AccountBody>,
    /// The parent's storage of the account is gone before `slots` apply.
    pub wiped: bool,
    /// Slots with a new value.
    pub slots: Vec<SlotChange>,
}

/// How one slot ends a block; zero is nothing.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct SlotChange {
    pub slot: U256,
    pub before: U256,
    pub after: U256,
}

/// Everything a block writes.
#[derive(Clone, Debug, Default)]
pub struct StateDiff {
    /// By address, ascending.
    pub accounts: Vec<AccountChange>,
    /// Code created.
    pub codes: BTreeMap<B256, Bytes>,
    /// Trie nodes by owner and path. Those of a wiped owner apply after all its old ones were deleted.
    pub nodes: Vec<(B256, NodeChange)>,
}

/// RLP of an account as the trie holds it.
pub fn encode_account(body: &AccountBody) -> Vec<u8> {
    rlp::list(|out| {
        rlp::put_integer(out, &U256::from(body.nonce));
        rlp::put_integer(out, &body.balance);
        rlp::put_bytes(out, body.storage_root.as_slice());
        rlp::put_bytes(out, body.code_hash.as_slice());
    })
}

/// Storage root after the changes to one account, and the nodes they leave. `owner`: keccak256 of its address.
fn storage_trie<H: Host>(
    host: &mut H,
    owner: B256,
    update: &Update,
    slots: &[SlotChange],
) -> Result<(B256, Vec<(B256, NodeChange)>), Fault> {
    let original = update.original.map_or(EMPTY_ROOT, |body| body.storage_root);
    let start = if update.wiped { EMPTY_ROOT } else { original };
    if slots.is_empty() {
        return Ok((start, Vec::new()));
    }
    let mut trie = host.trie(owner, start);
    for SlotChange { slot, after, .. } in slots {
        let mut encoded = Vec::new();
        if !after.is_zero() {
            encoded.reserve(33);
            rlp::put_integer(&mut encoded, after);
        }
        trie.set(host, keccak256(B256::from(*slot)).as_slice(), encoded)?;
    }
    let (root, nodes) = trie.commit();
    host.keep_trie(trie);
    Ok((root, nodes.into_iter().map(|node| (owner, node)).collect()))
}

/// Slots whose value differs from the parent's state.
pub(super) fn changed_slots<H: Host>(
    host: &mut H,
    address: &Address,
    update: &Update,
) -> Result<Vec<SlotChange>, Fault> {
    let mut slots = Vec::with_capacity(update.written.len());
    let had_storage = !update.wiped && update.original.is_some_and(|body| body.storage_root != EMPTY_ROOT);
    for (slot, value) in &update.written {
        let before = match update.read.get(slot) {
            _ if !had_storage => U256::ZERO,
            Some(before) => *before,
            None => host.storage(address, slot)?,
        };
        if before != *value {
            slots.push(SlotChange { slot: *slot, before, after: *value });
        }
    }
    Ok(slots)
}

/// New state root over `parent_root`, and the difference. The overlay's accounts get their storage roots.
pub fn commit_state<H: Host>(overlay: &mut Overlay<H>, parent_root: B256) -> Result<(B256, StateDiff), Fault> {
    let mut diff = StateDiff { codes: overlay.new_codes.clone(), ..StateDiff::default() };
    let mut trie = overlay.host.trie(B256::ZERO, parent_root);
    for address in overlay.touched() {
        let update = overlay.accounts.get_mut(&address).expect("listed above");
        let Some(mut body) = update.current else {
            if let Some(before) = update.original {
                trie.set(&mut overlay.host, keccak256(address).as_slice(), Vec::new())?;
                let (before, wiped) = (Some(before), before.storage_root != EMPTY_ROOT);
                diff.accounts.push(AccountChange { address, before, after: None, wiped, slots: Vec::new() });
            }
            continue;
        };
        let key = keccak256(address);
        let slots = changed_slots(&mut overlay.host, &address, update)?;
        let (storage_root, nodes) = storage_trie(&mut overlay.host, key, update, &slots)?;
        body.storage_root = storage_root;
        update.current = Some(body);
        if update.original == update.current {
            continue;
        }
        trie.set(&mut overlay.host, key.as_slice(), encode_account(&body))?;
        let before = update.original;
        let wiped = update.wiped && before.is_some_and(|body| body.storage_root != EMPTY_ROOT);
        diff.nodes.extend(nodes);
        diff.accounts.push(AccountChange { address, before, after: Some(body), wiped, slots });
    }
    let (root, nodes) = trie.commit();
    overlay.host.keep_trie(trie);
    diff.nodes.extend(nodes.into_iter().map(|node| (B256::ZERO, node)));
    Ok((root, diff))
}
