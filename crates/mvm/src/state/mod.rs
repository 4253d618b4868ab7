//! State behind a block: what the host is asked for, what a block changed, and the difference it leaves.

mod changes;
mod diff;
#[cfg(test)]
pub(crate) mod memory;
mod overlay;
mod unrooted;

pub use diff::{AccountChange, SlotChange, StateDiff, commit_state};
pub use overlay::{LateHash, Overlay, Update};
pub use unrooted::{changes_without_roots, restore};

use crate::{
    error::Fault,
    trie::{EMPTY_ROOT, NodeSource, Trie},
};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256};

/// An account as the state trie holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct AccountBody {
    pub nonce: u64,
    pub balance: U256,
    pub code_hash: B256,
    pub storage_root: B256,
}

impl Default for AccountBody {
    fn default() -> Self {
        Self { nonce: 0, balance: U256::ZERO, code_hash: KECCAK256_EMPTY, storage_root: EMPTY_ROOT }
    }
}

impl AccountBody {
    /// Bytes of a stored account.
    pub const LENGTH: usize = 104;

    /// nonce (8) ‖ balance (32) ‖ codeHash (32) ‖ storageRoot (32), as hosts store an account.
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut out = [0; Self::LENGTH];
        out[..8].copy_from_slice(&self.nonce.to_be_bytes());
        out[8..40].copy_from_slice(&self.balance.to_be_bytes::<32>());
        out[40..72].copy_from_slice(self.code_hash.as_slice());
        out[72..].copy_from_slice(self.storage_root.as_slice());
        out
    }

    /// Inverse of `to_bytes`.
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Self {
        Self {
            nonce: u64::from_be_bytes(bytes[..8].try_into().expect("8 bytes")),
            balance: U256::from_be_slice(&bytes[8..40]),
            code_hash: B256::from_slice(&bytes[40..72]),
            storage_root: B256::from_slice(&bytes[72..]),
        }
    }

    /// Empty by EIP-161.
    pub fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code_hash == KECCAK256_EMPTY
    }
}

/// The state of the parent block, and the chain before it.
pub trait Host: NodeSource {
    /// The account, or `None` when absent.
    fn account(&mut self, address: &Address) -> Result<Option<AccountBody>, Fault>;
    /// Value of a storage slot; zero when absent.
    fn storage(&mut self, address: &Address, slot: &U256) -> Result<U256, Fault>;
    /// Code by its keccak256.
    fn code(&mut self, hash: &B256) -> Result<Bytes, Fault>;
    /// Hash of the block with this number on the chain of the parent.
    fn block_hash(&mut self, number: u64) -> Result<B256, Fault>;

    /// The trie of `owner` with root hash `root`, with the nodes that are remembered.
    fn trie(&mut self, owner: B256, root: B256) -> Trie {
        Trie::new(owner, root)
    }

    /// Takes a trie after `commit`, to remember its nodes or not.
    fn keep_trie(&mut self, _: Trie) {}
}
