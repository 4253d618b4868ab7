//! What blocks in a row read and wrote, so that the host is not asked for it again.

use super::imports::ImportedHost;
use crate::{
    block::{Executed, Seal},
    error::Fault,
    header::Header,
    state::{AccountBody, Host, StateDiff},
    trie::{NodeSource, StoredNode, Trie},
};
use alloy_primitives::{
    Address, B256, Bytes, U256,
    map::{AddressMap, B256Map, HashMap},
};
use core::cell::RefCell;

/// Accounts, and slots; with more, all go.
const ENTRIES: usize = 1 << 14;
/// Trie nodes that stay, of those used lately.
const NODES: usize = 1 << 15;

/// What storage roots of accounts are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Roots {
    /// They lead to the block's roots.
    #[default]
    Exact,
    /// They tell whether there is storage: enough to execute.
    Provisional,
}

/// State of the block `of`, as far as it was read or written.
#[derive(Default)]
struct Known {
    of: B256,
    accounts: AddressMap<Option<AccountBody>>,
    roots: Roots,
    slots: HashMap<(Address, U256), U256>,
}

impl Known {
    /// Leaves what a child of the block `of` may use that needs `roots`.
    fn turn_to(&mut self, of: B256, roots: Roots) {
        if self.of != of || self.accounts.len() > ENTRIES || self.slots.len() > ENTRIES {
            *self = Self { of, ..Self::default() };
        } else if self.roots == Roots::Provisional && roots == Roots::Exact {
            self.accounts.clear();
        }
        self.roots = roots;
    }

    /// Adds what a child of that block wrote, which is `of` from now on.
    fn follow(&mut self, of: B256, diff: &StateDiff) {
        self.of = of;
        if diff.accounts.iter().any(|change| change.wiped) {
            self.slots.clear();
        }
        for change in &diff.accounts {
            self.accounts.insert(change.address, change.after);
            self.slots.extend(change.slots.iter().map(|slot| ((change.address, slot.slot), slot.after)));
        }
    }
}

/// Tries as the last blocks left them, by owner: right for whatever block has the same root.
#[derive(Default)]
struct Tries {
    by_owner: B256Map<Trie>,
    /// Nodes in them, and with how many those that are not used go.
    held: usize,
    most: usize,
}

#[derive(Default)]
struct Cache {
    known: Known,
    tries: Tries,
}

struct SingleThread(RefCell<Option<Cache>>);

// SAFETY: WebAssembly without shared memory has one thread.
unsafe impl Sync for SingleThread {}

static CACHE: SingleThread = SingleThread(RefCell::new(None));

fn with<Result>(action: impl FnOnce(&mut Cache) -> Result) -> Result {
    action(CACHE.0.borrow_mut().get_or_insert_default())
}

impl Tries {
    fn take(&mut self, owner: B256, root: B256) -> Trie {
        let kept = self.by_owner.remove(&owner);
        self.held -= kept.as_ref().map_or(0, Trie::held);
        kept.filter(|trie| trie.root_hash() == root).unwrap_or_else(|| Trie::new(owner, root))
    }

    fn keep(&mut self, trie: Trie) {
        self.held += trie.held();
        self.by_owner.insert(trie.owner(), trie);
        if self.held > self.most {
            self.age();
        }
    }

    /// Leaves what was used since it was called last, if that is not too much.
    fn age(&mut self) {
        self.by_owner.values_mut().for_each(Trie::age);
        self.by_owner.retain(|_, trie| trie.held() > 0);
        self.held = self.by_owner.values().map(Trie::held).sum();
        if self.held > NODES {
            *self = Self::default();
        }
        self.most = self.held + NODES / 2;
    }
}

/// The embedding program's state, for the blocks that are built or executed here one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct CachedHost;

impl CachedHost {
    /// The host for a child of `parent`: what is known of another block's state is forgotten.
    pub(super) fn on(parent: &Header, roots: Roots) -> Self {
        let of = parent.hash();
        with(|cache| cache.known.turn_to(of, roots));
        Self
    }

    /// A host of whose state nothing is known.
    pub(super) fn anew() -> Self {
        with(|cache| cache.known = Known::default());
        Self
    }

    /// Remembers what a sealed block wrote: the next one probably stands on it.
    pub(super) fn keep(seal: &Seal) {
        with(|cache| cache.known.follow(seal.hash, &seal.diff));
    }

    /// As `keep`; `of`: the hash in the header that children will name as their parent's.
    pub(super) fn keep_executed(of: B256, executed: &Executed) {
        with(|Cache { known, .. }| {
            known.follow(of, &executed.changes);
            if let Some(late) = executed.late_slot() {
                known.slots.remove(&late);
            }
        });
    }
}

impl NodeSource for CachedHost {
    fn node(&mut self, owner: &B256, path: &[u8], hash: &B256) -> Result<StoredNode, Fault> {
        ImportedHost.node(owner, path, hash)
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

    fn trie(&mut self, owner: B256, root: B256) -> Trie {
        with(|cache| cache.tries.take(owner, root))
    }

    fn keep_trie(&mut self, trie: Trie) {
        with(|cache| cache.tries.keep(trie));
    }
}
