//! Differences as bytes (docs/spec/kernel.md, "Changes").

use super::{AccountBody, AccountChange, SlotChange, StateDiff};
use crate::{
    rlp,
    trie::{NodeChange, StoredNode},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

/// What an entry is about.
mod kind {
    pub(super) const ACCOUNT: u8 = 0;
    pub(super) const SLOT: u8 = 1;
    pub(super) const NODE: u8 = 2;
    pub(super) const CODE: u8 = 3;
    pub(super) const WIPE: u8 = 4;
}

impl StateDiff {
    /// Appends the changes one after the other.
    pub fn put(&self, out: &mut Vec<u8>) {
        for (hash, code) in &self.codes {
            put_change(out, kind::CODE, &[hash.as_slice()], &[], code);
        }
        self.accounts.iter().for_each(|change| change.put(out));
        for (owner, change) in &self.nodes {
            change.put(owner, out);
        }
    }

    /// About how many bytes `put` appends.
    pub fn expected_length(&self) -> usize {
        let length = |node: &Option<StoredNode>| node.as_ref().map_or(0, |node| node.len());
        let codes = self.codes.values().map(|code| 43 + code.len());
        let accounts = self.accounts.iter().map(|change| 238 + 100 * change.slots.len());
        let nodes = self.nodes.iter().map(|(_, change)| 46 + length(&change.before) + length(&change.after));
        codes.chain(accounts).chain(nodes).sum()
    }

    /// Reads what `put` appends for a difference without nodes. `None` for anything else: entries have one order and one encoding.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut reading = Reading::default();
        while !bytes.is_empty() {
            reading.add(&Entry::take(&mut bytes)?)?;
        }
        reading.wiped.is_none().then_some(reading.diff)
    }
}

/// Appends `kind ‖ length of the key ‖ key ‖ length ‖ before ‖ length ‖ after`.
fn put_change(out: &mut Vec<u8>, kind: u8, key: &[&[u8]], before: &[u8], after: &[u8]) {
    let length: usize = key.iter().map(|part| part.len()).sum();
    out.reserve(10 + length + before.len() + after.len());
    out.extend_from_slice(&[kind, length as u8]);
    key.iter().for_each(|part| out.extend_from_slice(part));
    for value in [before, after] {
        out.extend_from_slice(&(value.len() as u32).to_be_bytes());
        out.extend_from_slice(value);
    }
}

impl AccountChange {
    fn put(&self, out: &mut Vec<u8>) {
        let address = self.address.as_slice();
        if self.wiped {
            put_change(out, kind::WIPE, &[address], &[], &[]);
        }
        let [before, after] = [self.before, self.after].map(|body| body.map(|body| body.to_bytes()));
        let [before, after] = [&before, &after].map(|stored| stored.as_ref().map_or(&[][..], |stored| &stored[..]));
        put_change(out, kind::ACCOUNT, &[address], before, after);
        for change in &self.slots {
            let [slot, before, after] = [change.slot, change.before, change.after].map(|word| word.to_be_bytes::<32>());
            put_change(out, kind::SLOT, &[address, &slot], rlp::trimmed(&before), rlp::trimmed(&after));
        }
    }
}

impl NodeChange {
    fn put(&self, owner: &B256, out: &mut Vec<u8>) {
        let (packed, length) = self.path.packed();
        let (trie, owner): (u8, &[u8]) = if owner.is_zero() { (0, &[]) } else { (1, owner.as_slice()) };
        let key: [&[u8]; 4] = [&[trie], owner, &[self.path.len() as u8], &packed[..length]];
        let bytes = |node| Option::as_deref(node).unwrap_or_default();
        put_change(out, kind::NODE, &key, bytes(&self.before), bytes(&self.after));
    }
}

/// One entry of an encoded difference.
struct Entry<'a> {
    kind: u8,
    key: &'a [u8],
    before: &'a [u8],
    after: &'a [u8],
}

fn take_value<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(*rest.split_off(..4)?.as_array()?);
    rest.split_off(..usize::try_from(length).ok()?)
}

impl<'a> Entry<'a> {
    fn take(rest: &mut &'a [u8]) -> Option<Self> {
        let [kind, length] = *rest.split_off(..2)?.as_array()?;
        let key = rest.split_off(..usize::from(length))?;
        Some(Self { kind, key, before: take_value(rest)?, after: take_value(rest)? })
    }
}

/// A difference as far as it was read. `None` of its methods: the entry is malformed, or does not belong here.
#[derive(Default)]
struct Reading {
    diff: StateDiff,
    /// A wipe whose account comes next.
    wiped: Option<Address>,
}

impl Reading {
    fn add(&mut self, entry: &Entry<'_>) -> Option<()> {
        match entry.kind {
            kind::CODE => self.add_code(entry),
            kind::WIPE => self.add_wipe(entry),
            kind::ACCOUNT => self.add_account(entry),
            kind::SLOT => self.add_slot(entry),
            _ => None,
        }
    }

    fn add_code(&mut self, Entry { key, before, after, .. }: &Entry<'_>) -> Option<()> {
        let hash = B256::try_from(*key).ok()?;
        let is_next = self.diff.codes.last_key_value().is_none_or(|(last, _)| *last < hash);
        let is_first = self.diff.accounts.is_empty() && self.wiped.is_none();
        let is_its_own = before.is_empty() && keccak256(after) == hash;
        (is_next && is_first && is_its_own).then(|| drop(self.diff.codes.insert(hash, Bytes::copy_from_slice(after))))
    }

    fn add_wipe(&mut self, Entry { key, before, after, .. }: &Entry<'_>) -> Option<()> {
        let is_plain = before.is_empty() && after.is_empty() && self.wiped.is_none();
        self.wiped = Some(Address::try_from(*key).ok()?);
        is_plain.then_some(())
    }

    fn add_account(&mut self, Entry { key, before, after, .. }: &Entry<'_>) -> Option<()> {
        let address = Address::try_from(*key).ok()?;
        let is_next = self.diff.accounts.last().is_none_or(|last| last.address < address);
        let wiped = self.wiped.take();
        if !is_next || wiped.is_some_and(|wiped| wiped != address) {
            return None;
        }
        let (before, after) = (account(before)?, account(after)?);
        let change = AccountChange { address, before, after, wiped: wiped.is_some(), slots: Vec::new() };
        self.diff.accounts.push(change);
        Some(())
    }

    fn add_slot(&mut self, Entry { key, before, after, .. }: &Entry<'_>) -> Option<()> {
        let (address, slot) = key.split_at_checked(Address::len_bytes())?;
        let slot = U256::from_be_bytes(B256::try_from(slot).ok()?.0);
        let change = SlotChange { slot, before: word(before)?, after: word(after)? };
        let account = self.diff.accounts.last_mut().filter(|last| last.address == address && self.wiped.is_none())?;
        let is_next = account.slots.last().is_none_or(|last| last.slot < slot);
        is_next.then(|| account.slots.push(change))
    }
}

/// A stored account, or none.
fn account(stored: &[u8]) -> Option<Option<AccountBody>> {
    if stored.is_empty() {
        return Some(None);
    }
    Some(Some(AccountBody::from_bytes(stored.as_array()?)))
}

/// A word without leading zeros.
fn word(trimmed: &[u8]) -> Option<U256> {
    (trimmed.len() <= 32 && trimmed.first() != Some(&0)).then(|| U256::from_be_slice(trimmed))
}
