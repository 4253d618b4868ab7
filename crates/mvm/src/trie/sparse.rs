//! The mutable trie.

use super::{
    EMPTY_ROOT, NodeSource,
    nibbles::{Nibbles, common_prefix},
    node::{self, Assembly, Begun, Child, Node, Reference, Slot, StoredNode},
};
use crate::error::Fault;
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use alloy_primitives::B256;

/// What stands at `path`, in RLP, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeChange {
    /// From the root.
    pub path: Nibbles,
    /// As it was loaded; `None`: nothing was stored there.
    pub before: Option<StoredNode>,
    /// To be written; `None`: to be deleted.
    pub after: Option<StoredNode>,
    /// keccak256 of `after`, zero without it.
    pub hash: B256,
}

/// A trie of one owner, loaded where it was touched.
#[derive(Clone, Debug)]
pub struct Trie {
    owner: B256,
    /// Hash of the root that the host has.
    root_hash: B256,
    root: Child,
    gone: Gone,
    /// Nodes in memory, about.
    held: usize,
}

/// Stored nodes whose slots were given up, by path: those whose place nobody takes are deleted.
type Gone = BTreeMap<Nibbles, StoredNode>;

struct Cursor<'a, S> {
    owner: B256,
    source: &'a mut S,
    gone: &'a mut Gone,
    held: &'a mut usize,
}

impl<S: NodeSource> Cursor<'_, S> {
    /// The child's slot: loaded if only its reference is known, new if it is absent.
    fn hold<'a>(&mut self, child: &'a mut Child, path: &[u8]) -> Result<&'a mut Slot, Fault> {
        match child {
            Child::Held(_) => {}
            Child::Absent => {
                *child = Child::Held(Box::default());
                *self.held += 1;
            }
            Child::Known(reference) => {
                let stored = match reference.hash() {
                    Some(hash) => Some(self.source.node(&self.owner, path, &hash)?),
                    None => None,
                };
                let node = node::decode(stored.as_deref().unwrap_or(reference.as_slice()))?;
                *child = Child::Held(Box::new(Slot { node, reference: Some(*reference), stored, used: true }));
                *self.held += 1;
            }
        }
        match child {
            Child::Held(slot) => {
                slot.used = true;
                Ok(slot)
            }
            Child::Absent | Child::Known(_) => unreachable!("held by now"),
        }
    }

    fn get(&mut self, child: &mut Child, key: &[u8], depth: usize) -> Result<Option<Vec<u8>>, Fault> {
        if matches!(child, Child::Absent) {
            return Ok(None);
        }
        let slot = self.hold(child, &key[..depth])?;
        let rest = &key[depth..];
        match &mut slot.node {
            Node::Empty => Ok(None),
            Node::Leaf(end, value) => Ok((**end == *rest).then(|| value.clone())),
            Node::Extension(shared, below) => {
                let next = depth + shared.len();
                if rest.starts_with(shared) { self.get(below, key, next) } else { Ok(None) }
            }
            Node::Branch(children) => self.get(&mut children[usize::from(rest[0])], key, depth + 1),
        }
    }

    fn insert(&mut self, child: &mut Child, key: &[u8], depth: usize, value: Vec<u8>) -> Result<(), Fault> {
        let slot = self.hold(child, &key[..depth])?;
        let rest = &key[depth..];
        slot.reference = None;
        *self.held += forks(&slot.node, rest);
        match &mut slot.node {
            Node::Empty => slot.node = Node::Leaf(rest.into(), value),
            Node::Leaf(end, old) if **end == *rest => *old = value,
            Node::Leaf(end, old) => {
                let shared = common_prefix(end, rest);
                let old_leaf = Node::Leaf(end[shared + 1..].into(), core::mem::take(old));
                let new_leaf = Node::Leaf(rest[shared + 1..].into(), value);
                let children = [(end[shared], Child::dirty(old_leaf)), (rest[shared], Child::dirty(new_leaf))];
                slot.node = fork(&rest[..shared], children);
            }
            Node::Extension(shared, below) if rest.starts_with(shared) => {
                let next = depth + shared.len();
                self.insert(below, key, next, value)?;
            }
            Node::Extension(path, below) => {
                let shared = common_prefix(path, rest);
                let below = core::mem::take(below);
                let old = match &path[shared + 1..] {
                    [] => below,
                    tail => Child::dirty(Node::Extension(tail.into(), below)),
                };
                let new_leaf = Child::dirty(Node::Leaf(rest[shared + 1..].into(), value));
                slot.node = fork(&rest[..shared], [(path[shared], old), (rest[shared], new_leaf)]);
            }
            Node::Branch(children) => self.insert(&mut children[usize::from(rest[0])], key, depth + 1, value)?,
        }
        Ok(())
    }

    /// True when the key was there. Leaves the trie canonical.
    fn remove(&mut self, child: &mut Child, key: &[u8], depth: usize) -> Result<bool, Fault> {
        if matches!(child, Child::Absent) {
            return Ok(false);
        }
        let (path, rest) = key.split_at(depth);
        let slot = self.hold(child, path)?;
        let removed = match &mut slot.node {
            Node::Empty => false,
            Node::Leaf(end, _) => {
                let found = **end == *rest;
                if found {
                    slot.node = Node::Empty;
                }
                found
            }
            Node::Extension(shared, below) => {
                let next = depth + shared.len();
                let found = rest.starts_with(shared) && self.remove(below, key, next)?;
                if found {
                    self.join(slot, path);
                }
                found
            }
            Node::Branch(children) => {
                let found = self.remove(&mut children[usize::from(rest[0])], key, depth + 1)?;
                if found {
                    self.collapse(slot, path)?;
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
        let mut left = core::mem::take(&mut children[index]);
        let mut below = Nibbles::from(path);
        for (nibble, child) in (0..).zip(children.iter_mut()) {
            below.push(nibble);
            self.give_up(child, below);
            below.truncate(path.len());
        }
        below.push(index as u8);
        self.hold(&mut left, &below)?;
        slot.node = Node::Extension(below[path.len()..].into(), left);
        self.join(slot, path);
        Ok(())
    }

    /// Merges an extension with a child that is a leaf, an extension or empty.
    fn join(&mut self, slot: &mut Slot, path: &[u8]) {
        let Node::Extension(shared, child) = &mut slot.node else { return };
        let Child::Held(below) = child else { return };
        let mut merged = *shared;
        let node = match &mut below.node {
            Node::Branch(_) => return,
            Node::Empty => Node::Empty,
            Node::Leaf(end, value) => {
                merged.extend(end);
                Node::Leaf(merged, core::mem::take(value))
            }
            Node::Extension(tail, child) => {
                merged.extend(tail);
                Node::Extension(merged, core::mem::take(child))
            }
        };
        let mut place = Nibbles::from(path);
        place.extend(shared);
        self.give_up(child, place);
        slot.node = node;
    }

    /// Notes that the slot of `child` goes, and what was stored there.
    fn give_up(&mut self, child: &mut Child, path: Nibbles) {
        if let Child::Held(slot) = child
            && let Some(stored) = slot.stored.take()
        {
            self.gone.insert(path, stored);
        }
    }
}

/// Nodes that come to be where `rest` is inserted, at most.
fn forks(node: &Node, rest: &[u8]) -> usize {
    match node {
        Node::Leaf(end, _) if **end != *rest => 3,
        Node::Extension(shared, _) if !rest.starts_with(shared) => 3,
        _ => 0,
    }
}

/// Branch over two children, below an extension when they share a path.
fn fork(shared: &[u8], children: [(u8, Child); 2]) -> Node {
    let mut slots: [Child; 16] = Default::default();
    for (nibble, child) in children {
        slots[usize::from(nibble)] = child;
    }
    let branch = Node::Branch(Box::new(slots));
    if shared.is_empty() { branch } else { Node::Extension(shared.into(), Child::dirty(branch)) }
}

impl Trie {
    /// The trie of `owner` with root hash `root`.
    pub fn new(owner: B256, root: B256) -> Self {
        let node = if root == EMPTY_ROOT { Child::Absent } else { Child::Known(Reference::hash_of(&root)) };
        Self { owner, root_hash: root, root: node, gone: Gone::new(), held: 0 }
    }

    /// Whose it is.
    pub const fn owner(&self) -> B256 {
        self.owner
    }

    /// Hash of the root that `commit` left, or that it was made with.
    pub const fn root_hash(&self) -> B256 {
        self.root_hash
    }

    /// About how many nodes are in memory.
    pub const fn held(&self) -> usize {
        self.held
    }

    /// Gives up the nodes that nobody asked for since it was called last. After `commit` only.
    pub fn age(&mut self) {
        self.held = age(&mut self.root);
    }

    fn cursor<'a, S: NodeSource>(&'a mut self, source: &'a mut S) -> (Cursor<'a, S>, &'a mut Child) {
        (Cursor { owner: self.owner, source, gone: &mut self.gone, held: &mut self.held }, &mut self.root)
    }

    /// Value under `key`.
    pub fn get(&mut self, source: &mut impl NodeSource, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let (mut cursor, root) = self.cursor(source);
        cursor.get(root, &Nibbles::unpack(key), 0)
    }

    /// Sets `key`; an empty value removes it.
    pub fn set(&mut self, source: &mut impl NodeSource, key: &[u8], value: Vec<u8>) -> Result<(), Fault> {
        let (mut cursor, root) = self.cursor(source);
        let key = Nibbles::unpack(key);
        if value.is_empty() { cursor.remove(root, &key, 0).map(|_| ()) } else { cursor.insert(root, &key, 0, value) }
    }

    /// Root hash, and the nodes to write and delete against the trie it started from. It is then the trie with this root.
    pub fn commit(&mut self) -> (B256, Vec<NodeChange>) {
        let (nodes, changes, gone) = (Assembly::default(), Vec::new(), core::mem::take(&mut self.gone));
        let mut writer = Writer { path: Nibbles::EMPTY, nodes, changes, gone };
        self.root_hash = writer.write(&mut self.root).map_or(EMPTY_ROOT, |reference| reference.root_hash());
        let deleted = |(path, stored)| NodeChange { path, before: Some(stored), after: None, hash: B256::ZERO };
        writer.changes.extend(writer.gone.into_iter().map(deleted));
        (self.root_hash, writer.changes)
    }
}

/// Leaves of the unchanged nodes from `child` on those that were used; returns how many.
fn age(child: &mut Child) -> usize {
    let Child::Held(slot) = child else { return 0 };
    if let (false, Some(reference)) = (slot.used, slot.reference) {
        *child = Child::Known(reference);
        return 0;
    }
    slot.used = false;
    1 + match &mut slot.node {
        Node::Empty | Node::Leaf(..) => 0,
        Node::Extension(_, below) => age(below),
        Node::Branch(children) => children.iter_mut().map(age).sum(),
    }
}

/// Encodes what changed, children first.
struct Writer {
    path: Nibbles,
    nodes: Assembly,
    changes: Vec<NodeChange>,
    gone: Gone,
}

impl Writer {
    /// The child's reference, when its changes are noted; `None`: there is no node.
    fn write(&mut self, child: &mut Child) -> Option<Reference> {
        let slot = match child {
            Child::Absent => return None,
            Child::Known(reference) => return Some(*reference),
            Child::Held(slot) => slot,
        };
        if slot.reference.is_some() {
            return slot.reference;
        }
        let depth = self.path.len();
        let begun = self.nodes.begin();
        match &mut slot.node {
            Node::Empty => {
                self.nodes.forget(begun);
                self.gone.extend(slot.stored.take().map(|stored| (self.path, stored)));
                *child = Child::Absent;
                return None;
            }
            Node::Leaf(end, value) => self.nodes.put_leaf(end, value),
            Node::Extension(shared, below) => {
                self.nodes.put_path(shared);
                self.path.extend(shared);
                self.put(below);
            }
            Node::Branch(children) => {
                for (nibble, below) in (0..).zip(children.iter_mut()) {
                    self.path.push(nibble);
                    self.put(below);
                    self.path.truncate(depth);
                }
                self.nodes.put_nothing();
            }
        }
        self.path.truncate(depth);
        let before = slot.stored.take();
        let (reference, stored) = self.note(begun, before);
        self.nodes.forget(begun);
        (slot.reference, slot.stored) = (Some(reference), stored);
        slot.reference
    }

    fn put(&mut self, child: &mut Child) {
        match self.write(child) {
            Some(reference) => self.nodes.put_reference(&reference),
            None => self.nodes.put_nothing(),
        }
    }

    /// Notes what becomes of the path of a node that is encoded now; returns its reference and what is stored there from now on.
    fn note(&mut self, begun: Begun, stored: Option<StoredNode>) -> (Reference, Option<StoredNode>) {
        let node = self.nodes.finish(begun);
        let reference = Reference::to(node);
        let before = stored.or_else(|| self.gone.remove(&self.path));
        let is_root = self.path.is_empty();
        if reference.hash().is_none() && !is_root {
            self.gone.extend(before.map(|stored| (self.path, stored)));
            return (reference, None);
        }
        if before.as_deref() == Some(node) {
            return (reference, before);
        }
        let (path, after, hash) = (self.path, StoredNode::from(node), reference.root_hash());
        self.changes.push(NodeChange { path, before, after: Some(after.clone()), hash });
        (reference, Some(after))
    }
}
