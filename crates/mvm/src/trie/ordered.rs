//! Roots of lists: transactions, receipts, withdrawals.

use super::{
    EMPTY_ROOT,
    nibbles::{Nibbles, common_prefix},
    node::{Assembly, Reference},
};
use alloc::vec::Vec;
use alloy_primitives::B256;

/// A key and what stands under it.
type Entry<'a> = (Nibbles, &'a [u8]);

/// Root of the trie rlp(index) -> item. The keys are known and come in order, so that no trie is held: each node is finished
/// before the next one begins.
pub fn ordered_root<I: AsRef<[u8]>>(items: &[I]) -> B256 {
    if items.is_empty() {
        return EMPTY_ROOT;
    }
    let entries: Vec<Entry<'_>> = in_order_of_keys(items.len())
        .map(|index| (Nibbles::unpack(&alloy_rlp::encode(index as u64)), items[index].as_ref()))
        .collect();
    reference_to(&mut Assembly::default(), &entries, 0).root_hash()
}

/// Indexes below `count` in the order of their RLP: zero is 0x80, between 127 and 128.
fn in_order_of_keys(count: usize) -> impl Iterator<Item = usize> {
    (1..count.min(128)).chain([0]).chain(128..count)
}

/// Reference of the node over `entries`, whose keys share their first `depth` nibbles.
fn reference_to(nodes: &mut Assembly, entries: &[Entry<'_>], depth: usize) -> Reference {
    let (first, last) = (&entries[0], &entries[entries.len() - 1]);
    let begun = nodes.begin();
    let shared = common_prefix(&first.0[depth..], &last.0[depth..]);
    if entries.len() == 1 {
        nodes.put_leaf(&first.0[depth..], first.1);
    } else if shared > 0 {
        nodes.put_path(&first.0[depth..depth + shared]);
        put_node(nodes, entries, depth + shared);
    } else {
        put_children(nodes, entries, depth);
    }
    let reference = Reference::to(nodes.finish(begun));
    nodes.forget(begun);
    reference
}

fn put_node(nodes: &mut Assembly, entries: &[Entry<'_>], depth: usize) {
    let reference = reference_to(nodes, entries, depth);
    nodes.put_reference(&reference);
}

/// Appends the items of a branch.
fn put_children(nodes: &mut Assembly, mut entries: &[Entry<'_>], depth: usize) {
    for nibble in 0..16 {
        let (below, rest) = entries.split_at(entries.partition_point(|(key, _)| key[depth] <= nibble));
        entries = rest;
        if below.is_empty() {
            nodes.put_nothing();
        } else {
            put_node(nodes, below, depth + 1);
        }
    }
    nodes.put_nothing();
}
