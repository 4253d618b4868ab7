//! The mutable trie.

use super::{
    EMPTY_ROOT, NodeSource,
    nibbles::{common_prefix, unpack},
    node::{self, Node, Reference, Slot},
};
use crate::error::Fault;
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use alloy_primitives::{B256, Bytes, keccak256};

/// What stands at `path`, in RLP, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeChange {
    /// Nibbles from the root, one a byte.
    pub path: Vec<u8>,
    /// As it was loaded; `None`: nothing was stored there.
    pub before: Option<Bytes>,
    /// To be written; `None`: to be deleted.
    pub after: Option<Bytes>,
    /// keccak256 of `after`, zero without it.
    pub hash: B256,
}

/// A trie of one owner, loaded where it was touched.
#[derive(Clone, Debug)]
pub struct Trie {
    owner: B256,
    root: Slot,
    loaded: Loaded,
}

/// Stored nodes that were loaded, by path: those that no longer stand at the end are deleted.
type Loaded = BTreeMap<Vec<u8>, Bytes>;

struct Cursor<'a, S> {
    owner: B256,
    source: &'a mut S,
    loaded: &'a mut Loaded,
}

impl<S: NodeSource> Cursor<'_, S> {
    /// Loads the node of `slot` if it is not in memory.
    fn resolve(&mut self, slot: &mut Slot, path: &[u8]) -> Result<(), Fault> {
        if let (Node::Unresolved, Some(Reference::Hash(hash))) = (&slot.node, &slot.reference) {
            let stored = self.source.node(&self.owner, path, hash)?;
            slot.node = node::decode(&stored)?;
            self.loaded.insert(path.to_vec(), stored);
        }
        Ok(())
    }

    fn get(&mut self, slot: &mut Slot, key: &[u8], depth: usize) -> Result<Option<Vec<u8>>, Fault> {
        self.resolve(slot, &key[..depth])?;
        let rest = &key[depth..];
        match &mut slot.node {
            Node::Empty | Node::Unresolved => Ok(None),
            Node::Leaf(end, value) => Ok((end.as_slice() == rest).then(|| value.clone())),
            Node::Extension(shared, child) => {
                let next = depth + shared.len();
                if rest.starts_with(shared) { self.get(child, key, next) } else { Ok(None) }
            }
            Node::Branch(children) => self.get(&mut children[usize::from(rest[0])], key, depth + 1),
        }
    }

    fn insert(&mut self, slot: &mut Slot, key: &[u8], depth: usize, value: Vec<u8>) -> Result<(), Fault> {
        self.resolve(slot, &key[..depth])?;
        let rest = &key[depth..];
        slot.reference = None;
        match &mut slot.node {
            Node::Empty | Node::Unresolved => slot.node = Node::Leaf(rest.to_vec(), value),
            Node::Leaf(end, old) if end.as_slice() == rest => *old = value,
            Node::Leaf(end, old) => {
                let shared = common_prefix(end, rest);
                let old_leaf = Node::Leaf(end[shared + 1..].to_vec(), core::mem::take(old));
                let new_leaf = Node::Leaf(rest[shared + 1..].to_vec(), value);
                let children = [(end[shared], Slot::dirty(old_leaf)), (rest[shared], Slot::dirty(new_leaf))];
                slot.node = fork(&rest[..shared], children);
            }
            Node::Extension(shared, child) if rest.starts_with(shared) => {
                let next = depth + shared.len();
                self.insert(child, key, next, value)?;
            }
            Node::Extension(path, child) => {
                let shared = common_prefix(path, rest);
                let below = core::mem::take(&mut **child);
                let old = match &path[shared + 1..] {
                    [] => below,
                    tail => Slot::dirty(Node::Extension(tail.to_vec(), Box::new(below))),
                };
                let new_leaf = Slot::dirty(Node::Leaf(rest[shared + 1..].to_vec(), value));
                slot.node = fork(&rest[..shared], [(path[shared], old), (rest[shared], new_leaf)]);
            }
            Node::Branch(children) => self.insert(&mut children[usize::from(rest[0])], key, depth + 1, value)?,
        }
        Ok(())
    }

    /// True when the key was there. Leaves the trie canonical.
    fn remove(&mut self, slot: &mut Slot, key: &[u8], depth: usize) -> Result<bool, Fault> {
        self.resolve(slot, &key[..depth])?;
        let rest = &key[depth..];
        let removed = match &mut slot.node {
            Node::Empty | Node::Unresolved => false,
            Node::Leaf(end, _) => {
                let found = end.as_slice() == rest;
                if found {
                    slot.node = Node::Empty;
                }
                found
            }
            Node::Extension(shared, child) => {
                let next = depth + shared.len();
                let found = rest.starts_with(shared) && self.remove(child, key, next)?;
                if found {
                    join(slot);
                }
                found
            }
            Node::Branch(children) => {
                let found = self.remove(&mut children[usize::from(rest[0])], key, depth + 1)?;
                if found {
                    self.collapse(slot, &key[..depth])?;
                }
                found
            }
        };
        if removed {
            slot.reference = None;
        }
        Ok(removed)
    }

    /// A branch with one child left becomes a leaf or an extension.
    fn collapse(&mut self, slot: &mut Slot, path: &[u8]) -> Result<(), Fault> {
        let Node::Branch(children) = &mut slot.node else { return Ok(()) };
        let mut present = children.iter().enumerate().filter(|(_, child)| !child.is_empty()).map(|(index, _)| index);
        let (Some(index), None) = (present.next(), present.next()) else { return Ok(()) };
        let mut child = core::mem::take(&mut children[index]);
        let nibble = index as u8;
        self.resolve(&mut child, &[path, &[nibble]].concat())?;
        slot.node = Node::Extension(Vec::from([nibble]), Box::new(child));
        join(slot);
        Ok(())
    }
}

/// Branch over two children, below an extension when they share a path.
fn fork(shared: &[u8], children: [(u8, Slot); 2]) -> Node {
    let mut slots: [Slot; 16] = Default::default();
    for (nibble, child) in children {
        slots[usize::from(nibble)] = child;
    }
    let branch = Node::Branch(Box::new(slots));
    if shared.is_empty() { branch } else { Node::Extension(shared.to_vec(), Box::new(Slot::dirty(branch))) }
}

/// Merges an extension with a child that is a leaf or an extension.
fn join(slot: &mut Slot) {
    let Node::Extension(shared, child) = &mut slot.node else { return };
    match &mut child.node {
        Node::Leaf(end, value) => {
            shared.append(end);
            slot.node = Node::Leaf(core::mem::take(shared), core::mem::take(value));
        }
        Node::Extension(tail, below) => {
            shared.append(tail);
            slot.node = Node::Extension(core::mem::take(shared), core::mem::take(below));
        }
        Node::Empty => slot.node = Node::Empty,
        Node::Branch(_) | Node::Unresolved => {}
    }
}

impl Trie {
    /// The trie of `owner` with root hash `root`.
    pub fn new(owner: B256, root: B256) -> Self {
        let root = if root == EMPTY_ROOT { Slot::default() } else { Slot::unresolved(root) };
        Self { owner, root, loaded: Loaded::new() }
    }

    fn cursor<'a, S: NodeSource>(&'a mut self, source: &'a mut S) -> (Cursor<'a, S>, &'a mut Slot) {
        (Cursor { owner: self.owner, source, loaded: &mut self.loaded }, &mut self.root)
    }

    /// Value under `key`.
    pub fn get(&mut self, source: &mut impl NodeSource, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let (mut cursor, root) = self.cursor(source);
        cursor.get(root, &unpack(key), 0)
    }

    /// Sets `key`; an empty value removes it.
    pub fn set(&mut self, source: &mut impl NodeSource, key: &[u8], value: Vec<u8>) -> Result<(), Fault> {
        let (mut cursor, root) = self.cursor(source);
        let key = unpack(key);
        if value.is_empty() { cursor.remove(root, &key, 0).map(|_| ()) } else { cursor.insert(root, &key, 0, value) }
    }

    /// Root hash, and the nodes to write and delete against the trie it started from.
    pub fn commit(mut self) -> (B256, Vec<NodeChange>) {
        let mut changes = Vec::new();
        let root = match self.root.node {
            Node::Empty => EMPTY_ROOT,
            _ => {
                let mut path = Vec::new();
                match write(&mut self.root, &mut path, &mut changes, &mut self.loaded) {
                    Reference::Hash(hash) => hash,
                    Reference::Inline(node) => {
                        let hash = keccak256(&node);
                        let before = self.loaded.remove(&path);
                        changes.push(NodeChange { path, before, after: Some(node.into()), hash });
                        hash
                    }
                }
            }
        };
        changes.extend(self.loaded.into_iter().map(|(path, stored)| NodeChange {
            path,
            before: Some(stored),
            after: None,
            hash: B256::ZERO,
        }));
        (root, changes)
    }
}

/// Encodes what changed below `slot`, children first; strikes the paths that still hold a stored node from `loaded`.
fn write(slot: &mut Slot, path: &mut Vec<u8>, changes: &mut Vec<NodeChange>, loaded: &mut Loaded) -> Reference {
    let depth = path.len();
    let encoded = match &mut slot.node {
        Node::Empty | Node::Unresolved => None,
        Node::Leaf(end, value) => slot.reference.is_none().then(|| node::encode_leaf(end, value)),
        Node::Extension(shared, child) => {
            path.extend_from_slice(shared);
            let below = write(child, path, changes, loaded);
            path.truncate(depth);
            slot.reference.is_none().then(|| node::encode_extension(shared, &below))
        }
        Node::Branch(children) => {
            let mut references: [Option<Reference>; 16] = Default::default();
            for (index, child) in children.iter_mut().enumerate().filter(|(_, child)| !child.is_empty()) {
                path.push(index as u8);
                references[index] = Some(write(child, path, changes, loaded));
                path.truncate(depth);
            }
            slot.reference.is_none().then(|| node::encode_branch(&references))
        }
    };
    let reference = match (encoded, slot.reference.take()) {
        (Some(encoded), _) => {
            let reference = Reference::to(&encoded);
            if let Reference::Hash(hash) = reference {
                let before = loaded.remove(path);
                if before.as_ref().is_none_or(|before| **before != *encoded) {
                    let after = Some(encoded.into());
                    changes.push(NodeChange { path: path.clone(), before, after, hash });
                }
            }
            reference
        }
        (None, Some(reference)) => {
            if matches!(reference, Reference::Hash(_)) {
                loaded.remove(path);
            }
            reference
        }
        (None, None) => unreachable!("an unchanged node has a reference"),
    };
    slot.reference = Some(reference.clone());
    reference
}
