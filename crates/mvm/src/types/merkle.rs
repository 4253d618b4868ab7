//! The Merkle tree over leaves of a batch.

use alloc::vec::Vec;
use alloy_primitives::{B256, Keccak256};

fn tagged(tag: u8, parts: &[&[u8]]) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update([tag]);
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}

/// Root over `leaves`; `None` when there are none.
pub fn merkle_root(leaves: impl IntoIterator<Item = B256>) -> Option<B256> {
    let mut row: Vec<B256> = leaves.into_iter().map(|leaf| tagged(0, &[leaf.as_slice()])).collect();
    let count = row.len() as u64;
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => tagged(1, &[left.as_slice(), right.as_slice()]),
                lone => lone[0],
            })
            .collect();
    }
    row.first().map(|top| tagged(2, &[&count.to_be_bytes(), top.as_slice()]))
}
