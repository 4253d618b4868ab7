//! Merkle proofs as eth_getProof returns them.

use super::{
    EMPTY_ROOT, NodeSource,
    nibbles::Nibbles,
    node::{self, Child, Node, Reference, StoredNode},
};
use crate::error::Fault;
use alloc::vec::Vec;
use alloy_primitives::B256;

/// Stored nodes on the way from `root` to `key`, and the value there.
pub fn prove(
    source: &mut impl NodeSource,
    owner: B256,
    root: B256,
    key: &[u8],
) -> Result<(Vec<StoredNode>, Option<Vec<u8>>), Fault> {
    let key = Nibbles::unpack(key);
    let mut proof = Vec::new();
    if root == EMPTY_ROOT {
        return Ok((proof, None));
    }
    let mut reference = Reference::hash_of(&root);
    let mut depth = 0;
    loop {
        let node = match reference.hash() {
            Some(hash) => {
                let stored = source.node(&owner, &key[..depth], &hash)?;
                let node = node::decode(&stored)?;
                proof.push(stored);
                node
            }
            None => node::decode(reference.as_slice())?,
        };
        let child = match node {
            Node::Empty => Child::Absent,
            Node::Leaf(end, value) => return Ok((proof, (*end == key[depth..]).then_some(value))),
            Node::Extension(shared, child) if key[depth..].starts_with(&shared) => {
                depth += shared.len();
                child
            }
            Node::Extension(..) => Child::Absent,
            Node::Branch(mut children) => {
                depth += 1;
                core::mem::take(&mut children[usize::from(key[depth - 1])])
            }
        };
        let Child::Known(next) = child else { return Ok((proof, None)) };
        reference = next;
    }
}
