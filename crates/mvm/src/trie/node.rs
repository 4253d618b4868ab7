//! Trie nodes: shape, decoding, encoding.

use super::nibbles::{Nibbles, decode_compact, put_compact};
use crate::{error::Fault, rlp};
use alloc::{boxed::Box, rc::Rc, vec::Vec};
use alloy_primitives::{B256, keccak256};

/// RLP of a node as hosts store it.
pub type StoredNode = Rc<[u8]>;

/// RLP string of a hash: its head, then 32 bytes.
const HASH_HEAD: u8 = 0xa0;
const LONGEST: usize = 33;
/// RLP of nothing: a child that is absent, a branch without a value.
const NOTHING: u8 = 0x80;

/// How a parent names a child, as it stands in the parent: the string of its hash, or the child itself when its RLP is shorter
/// than 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    bytes: [u8; LONGEST],
    length: u8,
}

impl Reference {
    /// The reference to a node that is stored by itself.
    pub fn hash_of(hash: &B256) -> Self {
        let mut bytes = [HASH_HEAD; LONGEST];
        bytes[1..].copy_from_slice(hash.as_slice());
        Self { bytes, length: LONGEST as u8 }
    }

    /// The reference to a node with this RLP.
    pub fn to(node: &[u8]) -> Self {
        if node.len() < 32 { Self::inline(node) } else { Self::hash_of(&keccak256(node)) }
    }

    fn inline(node: &[u8]) -> Self {
        let mut bytes = [0; LONGEST];
        bytes[..node.len()].copy_from_slice(node);
        Self { bytes, length: node.len() as u8 }
    }

    const fn is_hash(&self) -> bool {
        self.length as usize == LONGEST
    }

    /// Hash of the child; `None` when it lies in its parent.
    pub fn hash(&self) -> Option<B256> {
        self.is_hash().then(|| B256::from_slice(&self.bytes[1..]))
    }

    /// keccak256 of the node, which a root is known by however short it is.
    pub fn root_hash(&self) -> B256 {
        self.hash().unwrap_or_else(|| keccak256(self.as_slice()))
    }

    /// As it stands in the parent.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// A node in memory, at its path.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    /// The node now.
    pub node: Node,
    /// Its reference, while nothing in it or below it changed.
    pub reference: Option<Reference>,
    /// What the host has stored at this path.
    pub stored: Option<StoredNode>,
    /// It was asked for since `Trie::age`.
    pub used: bool,
}

/// Shape of a node. Values never stand in branches: all keys of a trie have one length, or none is a prefix of another.
#[derive(Clone, Debug, Default)]
pub enum Node {
    /// No node.
    #[default]
    Empty,
    /// End of a key.
    Leaf(Nibbles, Vec<u8>),
    /// Shared part of keys.
    Extension(Nibbles, Child),
    /// Fork by the next nibble.
    Branch(Box<[Child; 16]>),
}

/// What a branch or an extension holds of a child.
#[derive(Clone, Debug, Default)]
pub enum Child {
    /// There is none.
    #[default]
    Absent,
    /// Its reference alone: it was not asked for.
    Known(Reference),
    /// The node, which may have become empty.
    Held(Box<Slot>),
}

impl Child {
    /// A new or changed node.
    pub fn dirty(node: Node) -> Self {
        Self::Held(Box::new(Slot { node, used: true, ..Slot::default() }))
    }

    /// True when there is no node.
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Known(_) => false,
            Self::Held(slot) => matches!(slot.node, Node::Empty),
        }
    }
}

fn corrupt() -> Fault {
    Fault::new("corrupt-trie-node", "a trie node does not decode")
}

/// Decodes a node. Children that lie in it are decoded when they are asked for.
pub fn decode(node: &[u8]) -> Result<Node, Fault> {
    let mut items = rlp::Reader::list_of(node).map_err(|_| corrupt())?;
    let mut children: [Child; 16] = Default::default();
    let first = items.raw().map_err(|_| corrupt())?;
    let second = items.raw().map_err(|_| corrupt())?;
    if items.is_empty() {
        return decode_short(first, second);
    }
    children[0] = decode_child(first)?;
    children[1] = decode_child(second)?;
    for child in &mut children[2..] {
        *child = decode_child(items.raw().map_err(|_| corrupt())?)?;
    }
    let value = items.raw().map_err(|_| corrupt())?;
    if value == [NOTHING] && items.is_empty() { Ok(Node::Branch(Box::new(children))) } else { Err(corrupt()) }
}

/// A leaf or an extension.
fn decode_short(key: &[u8], second: &[u8]) -> Result<Node, Fault> {
    let (key, is_leaf) = decode_compact(byte_string(key)?).ok_or_else(corrupt)?;
    if is_leaf {
        Ok(Node::Leaf(key, byte_string(second)?.to_vec()))
    } else {
        Ok(Node::Extension(key, decode_child(second)?))
    }
}

fn byte_string(item: &[u8]) -> Result<&[u8], Fault> {
    let mut rest = item;
    alloy_rlp::Header::decode_bytes(&mut rest, false).map_err(|_| corrupt())
}

fn decode_child(item: &[u8]) -> Result<Child, Fault> {
    match item {
        [NOTHING] => Ok(Child::Absent),
        [HASH_HEAD, hash @ ..] if hash.len() == 32 => Ok(Child::Known(Reference::hash_of(&B256::from_slice(hash)))),
        [first, ..] if *first >= 0xc0 && item.len() < 32 => Ok(Child::Known(Reference::inline(item))),
        _ => Err(corrupt()),
    }
}

/// Nodes in the making, each within its parent: when one is finished, its reference takes its place.
#[derive(Debug, Default)]
pub struct Assembly {
    bytes: Vec<u8>,
}

/// Where a node begins that is not finished.
#[derive(Clone, Copy, Debug)]
pub struct Begun(usize);

/// Room before a node's items for the longest head.
const HEAD_ROOM: usize = 1 + size_of::<usize>();

impl Assembly {
    /// Begins a node, which is a child of the one begun last.
    pub fn begin(&mut self) -> Begun {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; HEAD_ROOM]);
        Begun(at)
    }

    /// Appends the items of a leaf.
    pub fn put_leaf(&mut self, path: &[u8], value: &[u8]) {
        put_compact(&mut self.bytes, path, true);
        rlp::put_bytes(&mut self.bytes, value);
    }

    /// Appends the path of an extension, whose child follows.
    pub fn put_path(&mut self, path: &[u8]) {
        put_compact(&mut self.bytes, path, false);
    }

    /// Appends that there is no child, or no value.
    pub fn put_nothing(&mut self) {
        self.bytes.push(NOTHING);
    }

    /// Appends a child.
    pub fn put_reference(&mut self, reference: &Reference) {
        if reference.is_hash() {
            self.bytes.extend_from_slice(&reference.bytes);
        } else {
            self.bytes.extend_from_slice(reference.as_slice());
        }
    }

    /// Puts the head before the items: the node's RLP.
    pub fn finish(&mut self, begun: Begun) -> &[u8] {
        let items = begun.0 + HEAD_ROOM;
        let head = rlp::list_head(self.bytes.len() - items);
        let start = items - head.len();
        self.bytes[start..items].copy_from_slice(&head);
        &self.bytes[start..]
    }

    /// Takes a node away, for its reference to come in its place.
    pub fn forget(&mut self, begun: Begun) {
        self.bytes.truncate(begun.0);
    }
}
