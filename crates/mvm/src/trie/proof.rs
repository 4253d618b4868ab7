//! Merkle proofs as eth_getProof returns them.

use super::{
    EMPTY_ROOT, NodeSource,
    nibbles::unpack,
    node::{self, Node, Reference, Slot},
};
use crate::error::Fault;
use alloc::vec::Vec;
use alloy_primitives::{B256, Bytes};

/// Stored nodes on the way from `root` to `key`, and the value there.
pub fn prove(
    source: &mut impl NodeSource,
    owner: B256,
    root: B256,
    key: &[u8],
) -> Result<(Vec<Bytes>, Option<Vec<u8>>), Fault> {
    let key = unpack(key);
    let mut proof = Vec::new();
    if root == EMPTY_ROOT {
        return Ok((proof, None));
    }
    let mut slot = Slot::unresolved(root);
    let mut depth = 0;
    loop {
        if let (Node::Unresolved, Some(Reference::Hash(hash))) = (&slot.node, &slot.reference) {
            let bytes = source.node(&owner, &key[..depth], hash)?;
            slot.node = node::decode(&bytes)?;
            proof.push(bytes);
        }
        match slot.node {
            Node::Empty | Node::Unresolved => return Ok((proof, None)),
            Node::Leaf(end, value) => return Ok((proof, (end == key[depth..]).then_some(value))),
            Node::Extension(shared, child) => {
                if !key[depth..].starts_with(&shared) {
                    return Ok((proof, None));
                }
                depth += shared.len();
                slot = *child;
            }
            Node::Branch(mut children) => {
                slot = core::mem::take(&mut children[usize::from(key[depth])]);
                depth += 1;
            }
        }
    }
}
