//! Merkle Patricia tries, held only as far as they were touched: nodes are asked for by owner, path and hash, so the same
//! code runs over a database and over a witness.

pub mod nibbles;
pub mod node;
mod ordered;
mod proof;
mod sparse;
#[cfg(test)]
mod tests;

pub use node::StoredNode;
pub use ordered::ordered_root;
pub use proof::prove;
pub use sparse::{NodeChange, Trie};

use crate::error::Fault;
use alloy_primitives::{B256, b256};

/// Root of the trie without entries: keccak256(rlp("")).
pub const EMPTY_ROOT: B256 = b256!("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");

/// Where nodes come from. `owner` is zero for the account trie, else keccak256(address).
pub trait NodeSource {
    /// RLP of the node at `path` (nibbles, one a byte), whose keccak256 is `hash`.
    fn node(&mut self, owner: &B256, path: &[u8], hash: &B256) -> Result<StoredNode, Fault>;
}

/// A source for tries that start empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNodes;

impl NodeSource for NoNodes {
    fn node(&mut self, _: &B256, _: &[u8], hash: &B256) -> Result<StoredNode, Fault> {
        Err(Fault::new("missing-trie-node", alloc::format!("no node with hash {hash}")))
    }
}
