//! A host in memory, for tests.

use super::{AccountBody, Host, SlotChange, StateDiff};
use crate::{
    block::Seal,
    error::Fault,
    trie::{NodeChange, NodeSource, StoredNode},
};
use alloc::collections::BTreeMap;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

/// Everything a chain stores, as differences left it.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryHost {
    pub accounts: BTreeMap<Address, AccountBody>,
    pub storage: BTreeMap<(Address, U256), U256>,
    pub codes: BTreeMap<B256, Bytes>,
    pub nodes: BTreeMap<(B256, Vec<u8>), StoredNode>,
    /// Of blocks, by number.
    pub hashes: BTreeMap<u64, B256>,
}

impl MemoryHost {
    /// Writes what a block changed.
    pub(crate) fn apply(&mut self, diff: &StateDiff) {
        for change in &diff.accounts {
            if change.wiped {
                self.storage.retain(|(address, _), _| *address != change.address);
                let owner = keccak256(change.address);
                self.nodes.retain(|(other, _), _| *other != owner);
            }
            assert_eq!(self.accounts.get(&change.address), change.before.as_ref(), "what was there before");
            match change.after {
                Some(body) => drop(self.accounts.insert(change.address, body)),
                None => drop(self.accounts.remove(&change.address)),
            }
            for SlotChange { slot, before, after } in &change.slots {
                let old = self.storage.insert((change.address, *slot), *after).unwrap_or_default();
                assert_eq!(old, *before, "what was there before");
            }
        }
        self.codes.extend(diff.codes.clone());
        for (owner, NodeChange { path, before, after, .. }) in &diff.nodes {
            let old = match after {
                Some(node) => self.nodes.insert((*owner, path.to_vec()), node.clone()),
                None => self.nodes.remove(&(*owner, path.to_vec())),
            };
            assert_eq!(&old, before, "what was there before");
        }
    }

    /// Writes a sealed block and remembers its hash.
    pub(crate) fn follow(&mut self, seal: &Seal) {
        self.apply(&seal.diff);
        self.hashes.insert(seal.header.number, seal.hash);
    }

    pub(crate) fn balance(&self, address: Address) -> U256 {
        self.accounts.get(&address).map_or(U256::ZERO, |body| body.balance)
    }

    pub(crate) fn nonce(&self, address: Address) -> u64 {
        self.accounts.get(&address).map_or(0, |body| body.nonce)
    }
}

impl NodeSource for MemoryHost {
    fn node(&mut self, owner: &B256, path: &[u8], hash: &B256) -> Result<StoredNode, Fault> {
        let node = self.nodes.get(&(*owner, path.to_vec())).cloned();
        let node = node.ok_or_else(|| Fault::new("missing-trie-node", "absent"))?;
        assert_eq!(keccak256(&node), *hash, "the node at a path is the one its parent names");
        Ok(node)
    }
}

impl Host for MemoryHost {
    fn account(&mut self, address: &Address) -> Result<Option<AccountBody>, Fault> {
        Ok(self.accounts.get(address).copied())
    }

    fn storage(&mut self, address: &Address, slot: &U256) -> Result<U256, Fault> {
        Ok(self.storage.get(&(*address, *slot)).copied().unwrap_or_default())
    }

    fn code(&mut self, hash: &B256) -> Result<Bytes, Fault> {
        self.codes.get(hash).cloned().ok_or_else(|| Fault::new("missing-code", "absent"))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Fault> {
        self.hashes.get(&number).copied().ok_or_else(|| Fault::new("missing-block-hash", "absent"))
    }
}
