//! What blocks in a row read and wrote, so that the host is not asked for it again.

use super::imports::ImportedHost;
use crate::{
    block::Sealed,
    error::Fault,
    header::Header,
    state::{AccountBody, Host},
    trie::{NodeSource, StoredNode},
};
use alloy_primitives::{
    Address, B256, Bytes, U256,
    map::{AddressMap, B256Map, HashMap},
};
use core::{cell::RefCell, mem};

/// Entries of one kind; with twice as many the older half goes.
const ENTRIES: usize = 1 << 14;

/// State of the block `of`, as far as it was read or written.
#[derive(Default)]
struct Known {
    of: B256,
    accounts: AddressMap<Option<AccountBody>>,
    slots: HashMap<(Address, U256), U256>,
}

/// Trie nodes by hash: right for ever, whatever block they are read for. Two generations: what the older one still gives moves
/// into the younger, and when that is full the older one is dropped.
#[derive(Default)]
struct Nodes {
    young: B256Map<StoredNode>,
    old: B256Map<StoredNode>,
}

#[derive(Default)]
struct Cache {
    known: Known,
    nodes: Nodes,
}

struct SingleThread(RefCell<Option<Cache>>);

// SAFETY: WebAssembly without shared memory has one thread.
unsafe impl Sync for SingleThread {}

static CACHE: SingleThread = SingleThread(RefCell::new(None));

fn with<Result>(action: impl FnOnce(&mut Cache) -> Result) -> Result {
    action(CACHE.0.borrow_mut().get_or_insert_default())
}

impl Nodes {
    fn get(&mut self, hash: &B256) -> Option<StoredNode> {
        if let Some(node) = self.young.get(hash) {
            return Some(node.clone());
        }
        let node = self.old.remove(hash)?;
        self.put(*hash, node.clone());
        Some(node)
    }

    fn put(&mut self, hash: B256, node: StoredNode) {
        if self.young.len() >= ENTRIES {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(hash, node);
    }
}

/// The embedding program's state, for the blocks that are built or executed here one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct CachedHost;

impl CachedHost {
    /// The host for a child of `parent`: what is known of another block's state is forgotten.
    pub(super) fn on(parent: &Header) -> Self {
        let of = parent.hash();
        with(|Cache { known, .. }| {
            if known.of != of || known.accounts.len() > ENTRIES || known.slots.len() > ENTRIES {
                *known = Known { of, ..Known::default() };
            }
        });
        Self
    }

    /// A host of whose state nothing is known.
    pub(super) fn anew() -> Self {
        with(|cache| cache.known = Known::default());
        Self
    }

    /// Remembers what `sealed` wrote: the next block probably stands on it.
    pub(super) fn keep(sealed: &Sealed) {
        with(|Cache { known, nodes }| {
            known.of = sealed.hash;
            if sealed.diff.accounts.iter().any(|change| change.wiped) {
                known.slots.clear();
            }
            for change in &sealed.diff.accounts {
                known.accounts.insert(change.address, change.after);
                known.slots.extend(change.slots.iter().map(|slot| ((change.address, slot.slot), slot.after)));
            }
            for (_, change) in &sealed.diff.nodes {
                if let Some(node) = &change.after {
                    nodes.put(change.hash, node.clone());
                }
            }
        });
    }
}

impl NodeSource for CachedHost {
    fn node(&mut self, owner: &B256, path: &[u8], hash: &B256) -> Result<StoredNode, Fault> {
        if let Some(node) = with(|cache| cache.nodes.get(hash)) {
            return Ok(node);
        }
        let node = ImportedHost.node(owner, path, hash)?;
        with(|cache| cache.nodes.put(*hash, node.clone()));
        Ok(node)
    }
}

impl Host for CachedHost {
    fn account(&mut self, address: &Address) -> Result<Option<AccountBody>, Fault> {
        if let Some(known) = with(|cache| cache.known.accounts.get(address).copied()) {
            return Ok(known);
        }
        let account = ImportedHost.account(address)?;
        with(|cache| cache.known.accounts.insert(*address, account));
        Ok(account)
    }

    fn storage(&mut self, address: &Address, slot: &U256) -> Result<U256, Fault> {
        if let Some(known) = with(|cache| cache.known.slots.get(&(*address, *slot)).copied()) {
            return Ok(known);
        }
        let value = ImportedHost.storage(address, slot)?;
        with(|cache| cache.known.slots.insert((*address, *slot), value));
        Ok(value)
    }

    fn code(&mut self, hash: &B256) -> Result<Bytes, Fault> {
        ImportedHost.code(hash)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Fault> {
        ImportedHost.block_hash(number)
    }
}
