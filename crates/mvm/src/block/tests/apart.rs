//! Blocks executed ahead of their roots, beside the same blocks executed at once.

use super::super::*;
use crate::{
    config::Config,
    error::Fault,
    header::Header,
    predeploys::HISTORY,
    rlp::{self, Reader},
    state::{AccountBody, Host, memory::MemoryHost},
    trie::{NodeSource, StoredNode},
};
use alloc::{collections::VecDeque, rc::Rc};
use alloy_primitives::{Address, B256, Bytes, U256};
use core::cell::RefCell;
use std::collections::BTreeMap;

/// The sealing side: what `seal_executed` reads and writes.
struct Sealing {
    config: Rc<Config>,
    host: MemoryHost,
    head: Header,
    waiting: VecDeque<Executed>,
    answers: Vec<Vec<u8>>,
}

impl Sealing {
    fn seal_next(&mut self) {
        let executed = self.waiting.pop_front().expect("a block that was executed");
        let bytes = encoded(&executed);
        let seal = seal_bytes(&self.config, self.host.clone(), &self.head, &bytes).unwrap();
        self.answers.push(joined(&seal, &bytes));
        self.host.follow(&seal);
        self.head = seal.header;
    }

    fn seal_through(&mut self, number: u64) {
        while self.head.number < number {
            self.seal_next();
        }
    }
}

/// Calls `seal_executed` with an executed block's bytes.
pub(super) fn seal_bytes(config: &Config, host: MemoryHost, parent: &Header, bytes: &[u8]) -> Result<Seal, Fault> {
    Reader::list_of(bytes).and_then(|items| seal_executed(config, host, parent, items))
}

pub(super) fn encoded(executed: &Executed) -> Vec<u8> {
    let mut out = Vec::new();
    executed.put(&mut out);
    out
}

/// A sealed block put together from both answers.
fn joined(seal: &Seal, executed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    seal.put(&mut bytes);
    let (mut seal, mut executed) = (Reader::list_of(&bytes).unwrap(), Reader::list_of(executed).unwrap());
    rlp::list(|out| {
        (0..5).for_each(|_| out.extend_from_slice(seal.raw().unwrap()));
        let (_draft, _late) = (executed.raw().unwrap(), executed.raw().unwrap());
        (0..7).for_each(|_| out.extend_from_slice(executed.raw().unwrap()));
        out.extend_from_slice(seal.raw().unwrap());
    })
}

/// The host of the executing side: what blocks left, sealed or not. It seals when it is asked for a hash that is not known yet.
#[derive(Clone)]
pub(super) struct AheadHost {
    left: MemoryHost,
    /// Late slots of blocks, with the number of the block whose hash they hold.
    late: BTreeMap<U256, u64>,
    sealing: Rc<RefCell<Sealing>>,
}

impl NodeSource for AheadHost {
    fn node(&mut self, _: &B256, _: &[u8], _: &B256) -> Result<StoredNode, Fault> {
        panic!("a block that leaves its roots to others reads no trie")
    }
}

impl Host for AheadHost {
    fn account(&mut self, address: &Address) -> Result<Option<AccountBody>, Fault> {
        self.left.account(address)
    }

    fn storage(&mut self, address: &Address, slot: &U256) -> Result<U256, Fault> {
        match self.late.get(slot).copied().filter(|_| *address == HISTORY) {
            Some(number) => self.block_hash(number).map(Into::into),
            None => self.left.storage(address, slot),
        }
    }

    fn code(&mut self, hash: &B256) -> Result<Bytes, Fault> {
        self.left.code(hash)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Fault> {
        let mut sealing = self.sealing.borrow_mut();
        sealing.seal_through(number);
        sealing.host.block_hash(number)
    }
}

/// A chain that is executed ahead of its roots.
pub(super) struct Ahead {
    host: AheadHost,
    /// What children name as their parent.
    pub head: Header,
}

impl Ahead {
    /// Starts at a sealed block.
    pub(super) fn new(config: Rc<Config>, host: MemoryHost, head: Header) -> Self {
        let left = host.clone();
        let sealing = Sealing { config, host, head: head.clone(), waiting: VecDeque::new(), answers: Vec::new() };
        Self { host: AheadHost { left, late: BTreeMap::new(), sealing: Rc::new(RefCell::new(sealing)) }, head }
    }

    pub(super) fn host(&self) -> AheadHost {
        self.host.clone()
    }

    /// Takes a block that was executed on `host`; `head`: the header that its children name.
    pub(super) fn follow(&mut self, executed: Executed, head: Header) {
        self.host.left.apply(&executed.changes);
        if let Some((_, slot)) = executed.late_slot() {
            self.host.late.insert(slot, executed.draft.number - 1);
        }
        self.host.sealing.borrow_mut().waiting.push_back(executed);
        self.head = head;
    }

    /// Executes an L2 block on the last one, which may be a draft.
    pub(super) fn run(&mut self, config: &Rc<Config>, inputs: RollupInputs, transactions: &[Vec<u8>]) {
        let mut block = Block::open_on_draft(config.clone(), self.host(), &self.head, inputs).unwrap();
        for transaction in transactions {
            block.add_posted(transaction).unwrap();
        }
        let executed = block.execute_only().unwrap();
        let head = executed.draft.clone();
        self.follow(executed, head);
    }

    /// How many blocks wait for their roots.
    pub(super) fn waiting(&self) -> usize {
        self.host.sealing.borrow().waiting.len()
    }

    /// Seals the blocks that wait but `behind` of them.
    pub(super) fn seal_but(&self, behind: usize) {
        let mut sealing = self.host.sealing.borrow_mut();
        while sealing.waiting.len() > behind {
            sealing.seal_next();
        }
    }

    /// The sealed blocks, as `Sealed::put` writes them, once all have their roots.
    pub(super) fn sealed(&self) -> Vec<Vec<u8>> {
        self.seal_but(0);
        self.host.sealing.borrow().answers.clone()
    }
}
