//! State behind a block: what the host is asked for, what a block changed, and the difference it leaves.

mod diff;
#[cfg(test)]
pub(crate) mod memory;
mod overlay;

pub use diff::{AccountChange, StateDiff, commit_state};
pub use overlay::{Overlay, Update};

use crate::{
    error::Fault,
    trie::{EMPTY_ROOT, NodeSource},
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
}
