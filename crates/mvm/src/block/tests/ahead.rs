//! A block's roots computed apart, and later, come to the same bytes.

use super::{
    super::{history::tests::CODE as HISTORY_CODE, *},
    CAROL,
    apart::{Ahead, encoded as encoded_executed, seal_bytes},
    chain::{ALICE, BOB, CHAIN_ID, TestChain, anchor, blank, deposit, sign, signature, signed, signed_call},
    encoded, wei,
};
use crate::{
    header::Header,
    predeploys::{HISTORY, L1_BLOCK},
    transaction::{Authorization, SignedTransaction},
    types::Deposit,
};
use alloy_primitives::{Address, B256, TxKind, U256, hex, keccak256};

/// Stores, under the number it is given, what HISTORY says of that block; under its complement what BLOCKHASH says.
const READER: (Address, [u8; 49]) = (
    Address::with_last_byte(0xe0),
    hex!(
        "5f355f52 60206020 60205f 730000f90827f1c53a10cb7a02335b175320002935 5afa50 602051 5f3555 5f3540 5f3519 55 00"
    ),
);
/// Stores its second word under its first.
const STORER: (Address, [u8; 7]) = (Address::with_last_byte(0xe1), hex!("6020355f355500"));
/// Creates what its calldata says, always at the same address.
pub(super) const FACTORY: (Address, [u8; 10]) = (Address::with_last_byte(0xe2), hex!("365f5f375f365f5ff500"));
/// Stores 7 in slot 1 and becomes a contract that destroys itself when it is called without data, and else is as STORER.
pub(super) const CHILD: [u8; 27] = hex!("60076001 55 6d 366006573 3ff5b6020355f355500 5f52 600e6012f3");

pub(super) fn child() -> Address {
    FACTORY.0.create2(B256::ZERO, keccak256(CHILD))
}

pub(super) fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| U256::from(*word).to_be_bytes::<32>()).collect()
}

pub(super) fn call(nonce: u64, to: Address, data: Vec<u8>) -> Vec<u8> {
    signed_call(nonce, TxKind::Call(to), data)
}

/// ALICE takes the code of `target` for her own and calls herself with `data`.
fn delegate(nonce: u64, target: Address, data: Vec<u8>) -> Vec<u8> {
    let mut tuple = Authorization {
        chain_id: U256::from(CHAIN_ID),
        address: target,
        nonce: nonce + 1,
        y_parity: 0,
        r: U256::ZERO,
        s: U256::ZERO,
    };
    let payload = crate::rlp::list(|out| {
        crate::rlp::put(out, tuple.chain_id);
        crate::rlp::put(out, tuple.address);
        crate::rlp::put(out, tuple.nonce);
    });
    let signature = signature(keccak256([&[5], payload.as_slice()].concat()));
    (tuple.y_parity, tuple.r, tuple.s) = (u8::from(signature.y_parity), signature.r, signature.s);
    assert_eq!(tuple.authority(), Some(ALICE));
    let blank = blank(nonce, TxKind::Call(ALICE));
    sign(SignedTransaction { tx_type: 4, data: data.into(), authorizations: vec![tuple], ..blank })
}

/// A chain that is executed in two ways.
struct Both {
    chain: TestChain,
    ahead: Ahead,
    at_once: Vec<Vec<u8>>,
}

impl Both {
    fn new() -> Self {
        Self::with_history(&HISTORY_CODE)
    }

    fn with_history(code: &[u8]) -> Self {
        let contracts: [(Address, &[u8]); 4] =
            [(HISTORY, code), (READER.0, &READER.1), (STORER.0, &STORER.1), (FACTORY.0, &FACTORY.1)];
        let chain = TestChain::with(&contracts);
        let ahead = Ahead::new(chain.config.clone(), chain.host.clone(), chain.head.clone());
        Self { chain, ahead, at_once: Vec::new() }
    }

    fn extend(&mut self, inputs: RollupInputs, transactions: &[Vec<u8>]) {
        self.ahead.run(&self.chain.config, inputs.clone(), transactions);
        self.at_once.push(encoded(&self.chain.extend(inputs, transactions)));
    }

    fn next(&mut self, transactions: &[Vec<u8>]) {
        self.extend(self.chain.inputs(), transactions);
    }

    #[track_caller]
    fn agree(&self) {
        assert!(self.ahead.sealed() == self.at_once, "apart and at once differ");
    }

    fn slot(&self, address: Address, slot: U256) -> U256 {
        self.chain.host.storage.get(&(address, slot)).copied().unwrap_or_default()
    }
}

#[test]
fn blocks_with_deposits_moving_anchors_and_skipped_transactions() {
    let mut both = Both::new();
    let deposits = vec![
        deposit(0, CAROL, BOB, wei(10), wei(4)),
        deposit(1, CAROL, super::REVERTER, wei(10), wei(1)),
        deposit(2, CAROL, BOB, wei(10), wei(1_000)),
        Deposit {
            is_creation: true,
            data: CHILD.to_vec().into(),
            gas_limit: 200_000,
            ..deposit(3, CAROL, BOB, wei(1), wei(0))
        },
    ];
    both.extend(both.chain.anchored(2, 72_000_000, deposits), &[signed(0, BOB, wei(5), 21_000, 5_000)]);
    both.extend(both.chain.anchored(3, 0, Vec::new()), &[signed(7, BOB, wei(5), 21_000, 5_000), vec![3, 0xc0]]);
    let still = anchor(3);
    let inputs =
        RollupInputs { anchor_number: 3, anchor_hash: still.hash(), anchor: still, flags: 2, ..both.chain.inputs() };
    both.extend(inputs, &[signed(1, CAROL, wei(5), 21_000, 5_000)]);
    assert_eq!(both.ahead.waiting(), 3, "nothing asked for a hash");
    assert!(!both.slot(L1_BLOCK, U256::ZERO).is_zero());
    both.agree();
}

#[test]
fn contracts_that_come_store_empty_and_take_the_code_of_others() {
    let mut both = Both::new();
    let child = child();
    both.next(&[call(0, FACTORY.0, CHILD.to_vec()), call(1, STORER.0, words(&[1, 5]))]);
    both.next(&[call(2, child, words(&[2, 9])), call(3, STORER.0, words(&[1, 0])), call(4, STORER.0, words(&[2, 3]))]);
    both.next(&[call(5, child, words(&[1, 0])), call(6, child, words(&[2, 0])), delegate(7, STORER.0, words(&[4, 4]))]);
    // Its storage is empty, slot by slot, though no root says so yet; a second creation collides with its code.
    both.next(&[call(9, child, words(&[3, 1])), call(10, FACTORY.0, CHILD.to_vec()), call(11, child, Vec::new())]);
    both.next(&[delegate(12, Address::ZERO, Vec::new()), call(14, STORER.0, words(&[2, 0]))]);
    assert_eq!((both.chain.host.nonce(ALICE), both.slot(child, wei(3))), (15, wei(1)));
    assert_eq!(both.slot(ALICE, wei(4)), wei(4));
    assert_eq!(both.ahead.waiting(), 5);
    both.agree();
}

#[test]
fn hashes_of_parents_are_found_by_who_looks_for_them_before_they_are_written() {
    let mut both = Both::new();
    both.next(&[call(0, READER.0, words(&[0]))]);
    both.next(&[]);
    both.next(&[]);
    let read: Vec<_> = (0..5u64).map(|number| call(1 + number, READER.0, words(&[number]))).collect();
    both.next(&read);
    both.next(&[call(6, READER.0, words(&[4])), call(7, READER.0, words(&[1])), call(8, HISTORY, words(&[3]))]);
    for number in 0..5 {
        let hash: U256 = both.chain.host.hashes[&number].into();
        assert_eq!(both.slot(READER.0, wei(number)), hash, "HISTORY of block {number}");
        assert_eq!(both.slot(READER.0, !wei(number)), hash, "BLOCKHASH of block {number}");
        assert_eq!(both.slot(HISTORY, wei(number)), hash, "what HISTORY holds of block {number}");
    }
    both.agree();
}

#[test]
fn nothing_asks_for_a_hash_that_nobody_reads() {
    let mut both = Both::new();
    (0..9).for_each(|_| both.next(&[]));
    assert_eq!(both.ahead.waiting(), 9);
    both.agree();
}

#[test]
fn a_history_without_code_or_with_other_code_is_as_if_executed_at_once() {
    // Adds the hash to slot 0: what it writes depends on more than the hash.
    for code in [&[][..], &hex!("5f54 5f35 01 5f55 00")] {
        let mut both = Both::with_history(code);
        (0..3).for_each(|nonce| both.next(&[call(nonce, READER.0, words(&[nonce]))]));
        both.agree();
    }
}

#[test]
fn a_deposit_from_the_system_address_may_write_the_hash_again() {
    let mut both = Both::new();
    let from = crate::evm::SYSTEM_ADDRESS;
    for (number, written) in [(2, 0u64), (3, 77)] {
        let write = Deposit { data: words(&[written]).into(), ..deposit(0, from, HISTORY, wei(0), wei(0)) };
        both.extend(both.chain.anchored(number, 0, vec![write]), &[]);
    }
    assert_eq!(both.slot(HISTORY, wei(1)), wei(77));
    both.agree();
}

#[test]
fn a_draft_names_its_block_by_everything_that_makes_it() {
    let both = Both::new();
    let draft = |inputs: RollupInputs, transactions: &[Vec<u8>]| {
        let mut ahead = Ahead::new(both.chain.config.clone(), both.chain.host.clone(), both.chain.head.clone());
        ahead.run(&both.chain.config, inputs, transactions);
        ahead.head.hash()
    };
    let inputs = both.chain.inputs();
    let transfer = [signed(0, BOB, wei(5), 21_000, 5_000)];
    let all = [
        draft(inputs.clone(), &[]),
        draft(inputs.clone(), &transfer),
        draft(inputs.clone(), &[signed(0, BOB, wei(6), 21_000, 5_000)]),
        draft(RollupInputs { time: inputs.time + 1, ..inputs.clone() }, &transfer),
        draft(RollupInputs { proposer: CAROL, ..inputs.clone() }, &transfer),
        draft(both.chain.anchored(2, 0, vec![deposit(0, CAROL, BOB, wei(10), wei(4))]), &transfer),
        draft(both.chain.anchored(2, 0, vec![deposit(0, CAROL, BOB, wei(11), wei(4))]), &transfer),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    assert_eq!(draft(inputs, &transfer), all[1]);
}

/// Numbers that look random, the same for the same seed (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// One of ALICE's transactions, and by how much it raises her nonce.
fn any_transaction(numbers: &mut Numbers, nonce: u64, number: u64) -> (Vec<u8>, u64) {
    let contracts = [STORER.0, child(), BOB, ALICE];
    let target = contracts[numbers.below(4) as usize];
    let slot_and_value = words(&[numbers.below(3), numbers.below(3)]);
    match numbers.below(8) {
        0 => (signed(nonce, target, wei(numbers.below(3)), 100_000, 5_000), 1),
        1 => (call(nonce, FACTORY.0, CHILD.to_vec()), 1),
        2 => (signed_call(nonce, TxKind::Create, CHILD.to_vec()), 1),
        3 => (call(nonce, child(), Vec::new()), 1),
        4 => (call(nonce, READER.0, words(&[number.saturating_sub(numbers.below(4))])), 1),
        5 => (delegate(nonce, [STORER.0, Address::ZERO][numbers.below(2) as usize], slot_and_value), 2),
        _ => (call(nonce, target, slot_and_value), 1),
    }
}

#[test]
fn random_blocks_some_blocks_ahead_of_their_roots() {
    for seed in 0..40 {
        let (mut both, mut numbers) = (Both::new(), Numbers(seed));
        let mut anchored = 1;
        for number in 1..8 {
            let mut nonce = both.chain.host.nonce(ALICE);
            let transactions: Vec<_> = (0..numbers.below(5))
                .map(|_| {
                    let (bytes, raise) = any_transaction(&mut numbers, nonce, number);
                    nonce += raise;
                    bytes
                })
                .collect();
            anchored += numbers.below(2);
            let deposits = vec![deposit(0, CAROL, child(), wei(numbers.below(3)), wei(numbers.below(3)))];
            let still = RollupInputs {
                anchor_number: anchored,
                anchor_hash: anchor(anchored).hash(),
                anchor: anchor(anchored),
                ..both.chain.inputs()
            };
            let moves = anchored > both.anchor_number();
            both.extend(if moves { both.chain.anchored(anchored, 0, deposits) } else { still }, &transactions);
            both.ahead.seal_but(numbers.below(4) as usize);
        }
        assert!(both.ahead.sealed() == both.at_once, "seed {seed}");
    }
}

impl Both {
    /// The anchor that L1Block holds.
    fn anchor_number(&self) -> u64 {
        self.slot(L1_BLOCK, U256::ZERO).as_limbs()[0]
    }
}

/// A block with a creation, its parent, and the host of who seals it.
fn one_block() -> (TestChain, Executed) {
    let both = Both::new();
    let chain = both.chain;
    let mut block = Block::open_on_draft(chain.config.clone(), both.ahead.host(), &chain.head, chain.inputs()).unwrap();
    for bytes in
        [call(0, FACTORY.0, CHILD.to_vec()), call(1, STORER.0, words(&[1, 5])), call(2, STORER.0, words(&[2, 5]))]
    {
        assert!(matches!(block.add(&bytes).unwrap(), Inclusion::Included(_)));
    }
    (chain, block.execute_only().unwrap())
}

#[test]
fn a_damaged_executed_block_is_another_one_or_refused_and_never_panics() {
    let (chain, executed) = one_block();
    let bytes = encoded_executed(&executed);
    let seal = |bytes: &[u8]| seal_bytes(&chain.config, chain.host.clone(), &chain.head, bytes);
    assert!(seal(&bytes).is_ok());
    for length in 0..bytes.len() {
        assert!(seal(&bytes[..length]).is_err());
    }
    let mut refused = 0;
    for index in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[index] ^= 0x81;
        refused += usize::from(seal(&changed).is_err());
    }
    assert!(refused > bytes.len() / 10, "{refused}");
}

#[test]
fn an_executed_block_that_contradicts_itself_or_its_parent_is_refused() {
    let (chain, executed) = one_block();
    let refusal = |executed: &Executed, parent: &Header| {
        let sealed = seal_bytes(&chain.config, chain.host.clone(), parent, &encoded_executed(executed));
        sealed.err().map(|fault| fault.code)
    };
    assert_eq!(refusal(&executed, &chain.head), None);
    let forgeries: [fn(&mut Executed); 10] = [
        |block| block.draft.number += 1,
        |block| block.draft.number = 0,
        |block| block.draft.gas_used += 1,
        |block| block.draft.transactions_root = B256::ZERO,
        |block| drop(block.contents.receipts.pop()),
        |block| block.contents.extras.clear(),
        |block| drop(block.contents.transactions.pop()),
        |block| block.changes.accounts.swap(0, 1),
        |block| block.changes.accounts.iter_mut().for_each(|account| account.slots.reverse()),
        |block| block.changes.codes = [(B256::ZERO, hex!("00").into())].into(),
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        let mut forged = executed.clone();
        forge(&mut forged);
        assert_eq!(refusal(&forged, &chain.head), Some("malformed-executed-block"), "forgery {index}");
    }
    let parents = [u64::MAX, 1].map(|number| Header { number, ..chain.head.clone() });
    parents.iter().for_each(|parent| assert_eq!(refusal(&executed, parent), Some("malformed-executed-block")));
    let sealed = chain.open(chain.inputs()).unwrap().seal(None).unwrap();
    assert!(!sealed.seal.diff.nodes.is_empty());
    let with_nodes = Executed { changes: sealed.seal.diff, ..executed };
    assert_eq!(refusal(&with_nodes, &chain.head), Some("malformed-executed-block"));
}

#[test]
fn a_pure_chain_is_not_run_as_a_rollup() {
    let (chain, _) = one_block();
    let mut config = (*chain.config).clone();
    config.chain.pure = true;
    let refused = Block::open_on_draft(config.into(), chain.host.clone(), &chain.head, chain.inputs());
    assert_eq!(refused.err().unwrap().code, "not-rollup");
}
