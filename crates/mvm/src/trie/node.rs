//! Trie nodes: shape, decoding, encoding.

use super::nibbles::{decode_compact, encode_compact};
use crate::{error::Fault, rlp};
use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::{B256, keccak256};

/// How a parent names a child: the hash of its RLP, or the RLP itself when that is shorter than 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// keccak256 of the node, which is stored by itself.
    Hash(B256),
    /// The node, which lies in its parent.
    Inline(Vec<u8>),
}

impl Reference {
    /// The reference to a node with this RLP.
    pub fn to(node: &[u8]) -> Self {
        if node.len() < 32 { Self::Inline(node.to_vec()) } else { Self::Hash(keccak256(node)) }
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hash(hash) => rlp::put(out, hash),
            Self::Inline(node) => out.extend_from_slice(node),
        }
    }
}

/// A node that may not be in memory yet, with its reference while nothing below it changed.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    /// The node.
    pub node: Node,
    /// Reference of the unchanged node; `None` after a change.
    pub reference: Option<Reference>,
}

/// Shape of a node. Values never stand in branches: all keys of a trie have one length, or none is a prefix of another.
#[derive(Clone, Debug, Default)]
pub enum Node {
    /// No node.
    #[default]
    Empty,
    /// Not loaded; its hash is in the slot.
    Unresolved,
    /// End of a key.
    Leaf(Vec<u8>, Vec<u8>),
    /// Shared part of keys.
    Extension(Vec<u8>, Box<Slot>),
    /// Fork by the next nibble.
    Branch(Box<[Slot; 16]>),
}

impl Slot {
    /// A changed or new node.
    pub const fn dirty(node: Node) -> Self {
        Self { node, reference: None }
    }

    /// A node known by its hash alone.
    pub const fn unresolved(hash: B256) -> Self {
        Self { node: Node::Unresolved, reference: Some(Reference::Hash(hash)) }
    }

    /// True when there is no node.
    pub const fn is_empty(&self) -> bool {
        matches!(self.node, Node::Empty)
    }
}

fn corrupt() -> Fault {
    Fault::new("corrupt-trie-node", "a trie node does not decode")
}

/// Decodes a node; children that are inlined are decoded with it.
pub fn decode(node: &[u8]) -> Result<Node, Fault> {
    let mut items = rlp::Reader::list_of(node).map_err(|_| corrupt())?;
    let mut raw = Vec::with_capacity(17);
    while !items.is_empty() {
        raw.push(items.raw()?);
    }
    match raw.as_slice() {
        [key, second] => {
            let (key, is_leaf) = decode_compact(byte_string(key)?).ok_or_else(corrupt)?;
            if is_leaf {
                Ok(Node::Leaf(key, byte_string(second)?.to_vec()))
            } else {
                Ok(Node::Extension(key, Box::new(decode_child(second)?)))
            }
        }
        [children @ .., value] if children.len() == 16 && *value == [0x80] => {
            let mut slots: [Slot; 16] = Default::default();
            for (slot, child) in slots.iter_mut().zip(children) {
                *slot = decode_child(child)?;
            }
            Ok(Node::Branch(Box::new(slots)))
        }
        _ => Err(corrupt()),
    }
}

fn byte_string(item: &[u8]) -> Result<&[u8], Fault> {
    let mut rest = item;
    alloy_rlp::Header::decode_bytes(&mut rest, false).map_err(|_| corrupt())
}

fn decode_child(item: &[u8]) -> Result<Slot, Fault> {
    match item {
        [0x80] => Ok(Slot::default()),
        [0xa0, hash @ ..] if hash.len() == 32 => Ok(Slot::unresolved(B256::from_slice(hash))),
        [first, ..] if *first >= 0xc0 && item.len() < 32 => {
            Ok(Slot { node: decode(item)?, reference: Some(Reference::Inline(item.to_vec())) })
        }
        _ => Err(corrupt()),
    }
}

/// Encodes a leaf.
pub fn encode_leaf(key: &[u8], value: &[u8]) -> Vec<u8> {
    rlp::list(|out| {
        rlp::put_bytes(out, &encode_compact(key, true));
        rlp::put_bytes(out, value);
    })
}

/// Encodes an extension.
pub fn encode_extension(key: &[u8], child: &Reference) -> Vec<u8> {
    rlp::list(|out| {
        rlp::put_bytes(out, &encode_compact(key, false));
        child.put(out);
    })
}

/// Encodes a branch without a value.
pub fn encode_branch(children: &[Option<Reference>; 16]) -> Vec<u8> {
    rlp::list(|out| {
        for child in children {
            match child {
                Some(reference) => reference.put(out),
                None => out.push(0x80),
            }
        }
        out.push(0x80);
    })
}
