//! Roots and stored differences of a block's changes.

use super::{AccountBody, Host, Overlay, Update};
use crate::{
    error::Fault,
    rlp,
    trie::{EMPTY_ROOT, NodeChange, Trie},
};
use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

/// How one account ends a block.
#[derive(Clone, Debug)]
pub struct AccountChange {
    /// The account.
    pub address: Address,
    /// `None`: deleted with its storage.
    pub body: Option<AccountBody>,
    /// The parent's storage of the account is gone before `slots` apply.
    pub wiped: bool,
    /// Slots with a new value; zero removes.
    pub slots: Vec<(U256, U256)>,
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

impl StateDiff {
    /// Appends `[accounts, codes, nodes]`; see docs/spec/kernel.md.
    pub fn put(&self, out: &mut Vec<u8>) {
        rlp::put_list(out, |out| {
            rlp::put_list(out, |out| self.accounts.iter().for_each(|change| change.put(out)));
            rlp::put_list(out, |out| {
                for (hash, code) in &self.codes {
                    rlp::put_list(out, |out| {
                        rlp::put(out, hash);
                        rlp::put(out, code);
                    });
                }
            });
            rlp::put_list(out, |out| {
                for (owner, change) in &self.nodes {
                    rlp::put_list(out, |out| {
                        rlp::put(out, owner);
                        rlp::put_bytes(out, &change.path);
                        rlp::put_bytes(out, change.node.as_deref().unwrap_or_default());
                    });
                }
            });
        });
    }
}

impl AccountChange {
    fn put(&self, out: &mut Vec<u8>) {
        let fate = match (&self.body, self.wiped) {
            (None, _) => 1u8,
            (Some(_), true) => 2,
            (Some(_), false) => 0,
        };
        let body = self.body.unwrap_or_default();
        rlp::put_list(out, |out| {
            rlp::put(out, self.address);
            rlp::put(out, fate);
            rlp::put(out, body.nonce);
            rlp::put(out, body.balance);
            rlp::put(out, body.code_hash);
            rlp::put(out, body.storage_root);
            rlp::put_list(out, |out| {
                for (slot, value) in &self.slots {
                    rlp::put_list(out, |out| {
                        rlp::put(out, B256::from(*slot));
                        rlp::put(out, value);
                    });
                }
            });
        });
    }
}

/// RLP of an account as the trie holds it.
pub fn encode_account(body: &AccountBody) -> Vec<u8> {
    rlp::list(|out| {
        rlp::put(out, body.nonce);
        rlp::put(out, body.balance);
        rlp::put(out, body.storage_root);
        rlp::put(out, body.code_hash);
    })
}

/// Storage root after the changes to one account, and the nodes they leave.
fn storage_trie<H: Host>(
    host: &mut H,
    address: &Address,
    update: &Update,
    slots: &[(U256, U256)],
) -> Result<(B256, Vec<(B256, NodeChange)>), Fault> {
    let owner = keccak256(address);
    let original = update.original.map_or(EMPTY_ROOT, |body| body.storage_root);
    let start = if update.wiped { EMPTY_ROOT } else { original };
    if slots.is_empty() {
        return Ok((start, Vec::new()));
    }
    let mut trie = Trie::new(owner, start);
    for (slot, value) in slots {
        let encoded = if value.is_zero() { Vec::new() } else { alloy_rlp::encode(value) };
        trie.set(host, keccak256(B256::from(*slot)).as_slice(), encoded)?;
    }
    let (root, nodes) = trie.commit();
    Ok((root, nodes.into_iter().map(|node| (owner, node)).collect()))
}

/// Slots whose value differs from the parent's state.
fn changed_slots<H: Host>(host: &mut H, address: &Address, update: &Update) -> Result<Vec<(U256, U256)>, Fault> {
    let mut slots = Vec::with_capacity(update.written.len());
    let had_storage = !update.wiped && update.original.is_some_and(|body| body.storage_root != EMPTY_ROOT);
    for (slot, value) in &update.written {
        let before = match update.read.get(slot) {
            _ if !had_storage => U256::ZERO,
            Some(before) => *before,
            None => host.storage(address, slot)?,
        };
        if before != *value {
            slots.push((*slot, *value));
        }
    }
    Ok(slots)
}

/// New state root over `parent_root`, and the difference. The overlay's accounts get their storage roots.
pub fn commit_state<H: Host>(overlay: &mut Overlay<H>, parent_root: B256) -> Result<(B256, StateDiff), Fault> {
    let mut diff = StateDiff { codes: overlay.new_codes.clone(), ..StateDiff::default() };
    let mut addresses: Vec<Address> =
        overlay.accounts.iter().filter(|(_, update)| update.touched).map(|(address, _)| *address).collect();
    addresses.sort_unstable();
    let mut trie = Trie::new(B256::ZERO, parent_root);
    for address in addresses {
        let update = overlay.accounts.get_mut(&address).expect("listed above");
        let Some(mut body) = update.current else {
            if update.original.is_some() {
                trie.set(&mut overlay.host, keccak256(address).as_slice(), Vec::new())?;
                diff.accounts.push(AccountChange { address, body: None, wiped: true, slots: Vec::new() });
            }
            continue;
        };
        let slots = changed_slots(&mut overlay.host, &address, update)?;
        let (storage_root, nodes) = storage_trie(&mut overlay.host, &address, update, &slots)?;
        body.storage_root = storage_root;
        update.current = Some(body);
        if update.original == update.current {
            continue;
        }
        trie.set(&mut overlay.host, keccak256(address).as_slice(), encode_account(&body))?;
        let wiped = update.wiped && update.original.is_some();
        diff.nodes.extend(nodes);
        diff.accounts.push(AccountChange { address, body: Some(body), wiped, slots });
    }
    let (root, nodes) = trie.commit();
    diff.nodes.extend(nodes.into_iter().map(|node| (B256::ZERO, node)));
    Ok((root, diff))
}
