//! Imported blocks ahead of their roots: contracts that destroy themselves and come back.

use super::{
    super::*,
    ahead::{CHILD, FACTORY, call, child, words},
    apart::Ahead,
    encoded,
    ethereum::{block_bytes, config, genesis_chain},
};
use crate::{fork::Fork, header::Header};
use alloy_primitives::U256;

#[test]
fn storage_that_is_wiped_and_comes_back_over_blocks_without_roots() {
    let config = config(Fork::Shanghai);
    let (mut host, mut head) = genesis_chain(&config, &[(FACTORY.0, &FACTORY.1)]);
    let mut ahead = Ahead::new(config.clone(), host.clone(), head.clone());
    let mut at_once = Vec::new();
    let mut nonces = 0..;
    let mut next = |what: u8| {
        let nonce = nonces.next().unwrap();
        match what {
            b'c' => call(nonce, FACTORY.0, CHILD.to_vec()),
            b'd' => call(nonce, child(), Vec::new()),
            slot => call(nonce, child(), words(&[u64::from(slot - b'0') / 2, u64::from(slot - b'0') % 2])),
        }
    };
    // c creates, d destroys, a digit writes its last bit to the slot that the others name.
    for (index, plan) in ["c5", "dc", "24", "d", "c3", "57dc7", "d", "", "c6", "d"].iter().enumerate() {
        let transactions: Vec<_> = plan.bytes().map(&mut next).collect();
        let inputs = PureInputs { timestamp: head.timestamp + 12, gas_limit: head.gas_limit, ..PureInputs::default() };
        let mut block = Block::open_pure(config.clone(), host.clone(), &head, inputs).unwrap();
        for bytes in &transactions {
            assert!(matches!(block.add(bytes).unwrap(), Inclusion::Included(_)), "{plan}");
        }
        let built = block.seal(None).unwrap();
        let bytes = block_bytes(&built.seal.header, &built.contents.transactions, &[]);
        let (executed, claimed) = Block::run_import(config.clone(), ahead.host(), &ahead.head, &bytes).unwrap();
        assert_eq!(claimed, built.seal.hash);
        ahead.follow(executed, built.seal.header.clone());
        at_once.push(encoded(&Block::import(config.clone(), host.clone(), &head, &bytes).unwrap()));
        host.follow(&built.seal);
        head = built.seal.header;
        ahead.seal_but(index % 4);
    }
    assert!(host.storage.iter().all(|((address, _), value)| *address != child() || value.is_zero()));
    assert!(ahead.sealed() == at_once, "apart and at once differ");
}

#[test]
fn before_byzantium_roots_belong_to_receipts() {
    let config = config(Fork::SpuriousDragon);
    let (host, parent) = genesis_chain(&config, &[]);
    let header = Header { number: 1, difficulty: U256::from(1), ..parent.clone() };
    let refused = Block::run_import(config, host, &parent, &block_bytes(&header, &[], &[]));
    assert_eq!(refused.err().unwrap().code, "roots-inseparable");
}
