//! Roots of lists: transactions, receipts, withdrawals.

use super::{NoNodes, Trie};
use alloc::vec::Vec;
use alloy_primitives::B256;

/// Root of the trie rlp(index) -> item.
pub fn ordered_root<I: AsRef<[u8]>>(items: &[I]) -> B256 {
    let mut trie = Trie::new(B256::ZERO, super::EMPTY_ROOT);
    for (index, item) in items.iter().enumerate() {
        let key: Vec<u8> = alloy_rlp::encode(index as u64);
        trie.set(&mut NoNodes, &key, item.as_ref().to_vec()).expect("a trie that starts empty asks for no node");
    }
    trie.commit().0
}
