use super::*;
use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::keccak256;

#[derive(Default)]
struct Store(BTreeMap<Vec<u8>, StoredNode>);

impl NodeSource for Store {
    fn node(&mut self, _: &B256, path: &[u8], hash: &B256) -> Result<StoredNode, Fault> {
        let node = self.0.get(path).cloned().ok_or_else(|| Fault::new("missing-trie-node", "absent"))?;
        assert_eq!(keccak256(&node), *hash, "the node at a path is the one the parent names");
        Ok(node)
    }
}

impl Store {
    fn apply(&mut self, changes: Vec<NodeChange>) {
        for NodeChange { path, before, after, hash } in changes {
            assert!(before.is_some() || after.is_some(), "only stored nodes are deleted");
            assert_eq!(hash, after.as_ref().map_or(B256::ZERO, keccak256));
            let old = match after {
                Some(node) => self.0.insert(path.to_vec(), node),
                None => self.0.remove(&*path),
            };
            assert_eq!(old, before, "what was there before");
        }
    }
}

/// Deterministic stream of numbers: xorshift, enough to mix keys.
struct Mixer(u64);

impl Mixer {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

fn fresh_root(entries: &BTreeMap<u64, u64>) -> (B256, usize) {
    let mut trie = Trie::new(B256::ZERO, EMPTY_ROOT);
    for (key, value) in entries {
        trie.set(&mut NoNodes, key_of(*key).as_slice(), alloy_rlp::encode(*value)).unwrap();
    }
    let (root, changes) = trie.commit();
    (root, changes.len())
}

fn key_of(key: u64) -> B256 {
    // Keys that share long prefixes as well as keys that share none.
    if key.is_multiple_of(3) { B256::left_padding_from(&key.to_be_bytes()) } else { keccak256(key.to_be_bytes()) }
}

/// Batches of random changes, each over the store or, where `keeps` says so, over the trie that the last one left.
fn check_batches(mut mixer: Mixer, keeps: impl Fn(&mut Mixer) -> bool) {
    let (mut store, mut entries) = (Store::default(), BTreeMap::new());
    let mut trie = Trie::new(B256::ZERO, EMPTY_ROOT);
    for _ in 0..200 {
        for _ in 0..mixer.next(20) {
            let key = mixer.next(90);
            if mixer.next(2) == 0 {
                entries.remove(&key);
                trie.set(&mut store, key_of(key).as_slice(), Vec::new()).unwrap();
            } else {
                let value = mixer.next(u64::MAX) + 1;
                entries.insert(key, value);
                trie.set(&mut store, key_of(key).as_slice(), alloy_rlp::encode(value)).unwrap();
            }
        }
        let (root, changes) = trie.commit();
        store.apply(changes);
        let (expected, nodes) = fresh_root(&entries);
        assert_eq!(root, expected);
        assert_eq!(trie.root_hash(), root);
        assert_eq!(store.0.len(), nodes);
        if !keeps(&mut mixer) {
            trie = Trie::new(B256::ZERO, root);
        } else if mixer.next(3) == 0 {
            trie.age();
            assert!(trie.held() <= 2 * nodes, "inlined nodes are held, too");
        }
    }
}

#[test]
fn incremental_updates_equal_a_trie_built_at_once_and_leave_no_stale_node() {
    check_batches(Mixer(0x9e37_79b9_7f4a_7c15), |_| false);
}

#[test]
fn updates_of_a_trie_that_is_kept_and_ages_equal_one_built_at_once() {
    check_batches(Mixer(3), |_| true);
    check_batches(Mixer(5), |mixer| mixer.next(5) > 0);
}

#[test]
fn a_trie_forgets_what_nobody_asks_for() {
    let mut trie = Trie::new(B256::ZERO, EMPTY_ROOT);
    for key in 0..200 {
        trie.set(&mut NoNodes, key_of(key).as_slice(), alloy_rlp::encode(key + 1)).unwrap();
    }
    let mut store = Store::default();
    let (root, changes) = trie.commit();
    store.apply(changes);
    let all = trie.held();
    trie.age();
    trie.get(&mut NoNodes, key_of(7).as_slice()).unwrap();
    trie.age();
    assert!(trie.held() > 0 && trie.held() < all / 10, "{} of {all}", trie.held());
    trie.get(&mut NoNodes, key_of(7).as_slice()).unwrap();
    assert_eq!(trie.get(&mut NoNodes, key_of(8).as_slice()).unwrap_err().code, "missing-trie-node");
    assert!(trie.get(&mut store, key_of(8).as_slice()).unwrap().is_some());
    trie.age();
    trie.age();
    assert_eq!((trie.held(), trie.root_hash()), (0, root));
}

#[test]
fn proofs_show_present_and_absent_keys() {
    let entries: BTreeMap<u64, u64> = (0..50).map(|key| (key, key + 1)).collect();
    let mut trie = Trie::new(B256::ZERO, EMPTY_ROOT);
    for (key, value) in &entries {
        trie.set(&mut NoNodes, key_of(*key).as_slice(), alloy_rlp::encode(*value)).unwrap();
    }
    let (root, changes) = trie.commit();
    let mut store = Store::default();
    store.apply(changes);
    for key in 0..70 {
        let (proof, value) = prove(&mut store, B256::ZERO, root, key_of(key).as_slice()).unwrap();
        assert_eq!(value, entries.get(&key).map(|value| alloy_rlp::encode(*value)));
        assert_eq!(keccak256(&proof[0]), root);
        let mut reread = Trie::new(B256::ZERO, root);
        assert_eq!(reread.get(&mut store, key_of(key).as_slice()).unwrap(), value);
    }
}

#[test]
fn nodes_that_do_not_decode_are_refused() {
    let mut mixer = Mixer(7);
    for length in 0..200 {
        let bytes: Vec<u8> = (0..length).map(|_| mixer.next(256) as u8).collect();
        let _ = node::decode(&bytes);
    }
    assert_eq!(node::decode(&[0xc0]).unwrap_err().code, "corrupt-trie-node");
}

#[test]
fn the_root_of_a_list_is_that_of_the_trie_over_its_indexes() {
    let mut mixer = Mixer(11);
    let mut lengths: Vec<u64> = (0..300).collect();
    lengths.extend([65_534, 65_600]);
    for count in lengths {
        // Leaves and branches of short items lie in their parents; long items need longer heads.
        let longest = [2, 24, 300][(count % 3) as usize];
        let items: Vec<Vec<u8>> = (0..count).map(|_| vec![1; 1 + mixer.next(longest) as usize]).collect();
        let mut trie = Trie::new(B256::ZERO, EMPTY_ROOT);
        for (index, item) in items.iter().enumerate() {
            trie.set(&mut NoNodes, &alloy_rlp::encode(index as u64), item.clone()).unwrap();
        }
        assert_eq!(ordered_root(&items), trie.commit().0, "{count} items");
    }
}

#[test]
fn the_root_of_a_list_with_a_large_item_is_that_of_the_trie() {
    let items = [vec![7; 70_000], vec![8; 17_000_000]];
    let mut trie = Trie::new(B256::ZERO, EMPTY_ROOT);
    for (index, item) in items.iter().enumerate() {
        trie.set(&mut NoNodes, &alloy_rlp::encode(index as u64), item.clone()).unwrap();
    }
    assert_eq!(ordered_root(&items), trie.commit().0);
}
