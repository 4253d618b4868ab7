mod ahead;
mod apart;
mod chain;
mod ethereum;
mod imports;
mod posted;
mod traces;

use super::*;
use crate::{
    header::Header,
    predeploys::{BASE_FEE_VAULT, L1_BLOCK, L1_FEE_VAULT, SEQUENCER_FEE_VAULT},
    trie::EMPTY_ROOT,
    types::Deposit,
};
use alloy_primitives::{Address, U256, hex};
use chain::{ALICE, BOB, ETHER, TestChain, anchor, deposit, signed};

const CAROL: Address = Address::with_last_byte(0xcc);
const REVERTER: Address = Address::with_last_byte(0xdd);

fn wei(amount: u64) -> U256 {
    U256::from(amount)
}

#[test]
fn a_user_transaction_pays_base_fee_tip_and_data_fee_to_their_vaults_and_nothing_is_lost() {
    let mut chain = TestChain::new();
    chain.extend(chain.anchored(2, 72_000_000, Vec::new()), &[]);
    let sealed = chain.extend(
        RollupInputs { anchor_number: 2, anchor: anchor(2), anchor_hash: anchor(2).hash(), ..chain.inputs() },
        &[signed(0, BOB, wei(5), 21_000, 5_000)],
    );
    assert!(sealed.contents.skipped.is_empty());
    let base_fee = sealed.seal.header.base_fee.unwrap();
    let data_fee = sealed.contents.extras[0].l1_fee;
    assert!(!data_fee.is_zero());
    assert_eq!(chain.host.balance(BASE_FEE_VAULT), wei(base_fee * 21_000));
    assert_eq!(chain.host.balance(SEQUENCER_FEE_VAULT), wei(10 * 21_000));
    assert_eq!(chain.host.balance(L1_FEE_VAULT), data_fee);
    assert_eq!(chain.host.balance(BOB), wei(5));
    let paid = wei((base_fee + 10) * 21_000 + 5) + data_fee;
    assert_eq!(chain.host.balance(ALICE), wei(100) * ETHER - paid);
}

#[test]
fn what_cannot_run_is_skipped_and_leaves_the_block_as_it_was() {
    let mut chain = TestChain::new();
    let good = signed(0, BOB, wei(1), 21_000, 5_000);
    let posted = [
        signed(1, BOB, wei(1), 21_000, 5_000),
        signed(0, BOB, wei(1000) * ETHER, 21_000, 5_000),
        signed(0, BOB, wei(1), 21_000, 15),
        vec![3, 0xc0],
        good.clone(),
        signed(0, BOB, wei(1), 21_000, 5_000),
    ];
    let mut other = TestChain::new();
    let alone = other.extend(other.inputs(), &[good]);
    let sealed = chain.extend(chain.inputs(), &posted);
    let codes: Vec<_> = sealed.contents.skipped.iter().map(|(index, fault)| (*index, fault.code)).collect();
    let expected = [
        (0, "nonce-too-high"),
        (1, "insufficient-funds"),
        (2, "fee-cap-too-low"),
        (3, "malformed-transaction"),
        (5, "nonce-too-low"),
    ];
    assert_eq!(codes, expected);
    assert_eq!(sealed.seal.hash, alone.seal.hash);
}

#[test]
fn a_data_fee_above_the_balance_makes_a_transaction_wait() {
    let mut chain = TestChain::new();
    let spare = wei(100) * ETHER - wei(21_000) * wei(2_000);
    let mut block = chain.open(chain.anchored(2, 0, Vec::new())).unwrap();
    let inclusion = block.add(&signed(0, BOB, spare, 21_000, 2_000)).unwrap();
    let Inclusion::Refused(fault) = inclusion else { panic!("the data fee was not asked for") };
    assert_eq!(fault.code, "insufficient-funds");
    chain.head = Header::default();
}

#[test]
fn the_system_transaction_writes_l1_block_counts_no_gas_and_clamps_the_rate() {
    let mut chain = TestChain::new();
    let sealed = chain.extend(chain.anchored(3, 100_000_000, Vec::new()), &[]);
    assert_eq!(sealed.seal.header.gas_used, 0);
    assert_eq!(sealed.contents.transactions.len(), 1);
    assert_eq!(sealed.contents.extras[0].gas_used, 0);
    let slot = |index: u64| chain.host.storage[&(L1_BLOCK, wei(index))];
    assert_eq!(slot(0), wei(1_003) << 64 | wei(3));
    // Two seconds after the rate was written: 72,000,000 x 2 / 72,000.
    assert_eq!(slot(4), wei(72_002_000));
    assert_eq!(slot(5), wei(1_003));
    assert_eq!(sealed.seal.header.mix_hash, anchor(3).mix_hash);
    assert_eq!(sealed.seal.header.parent_beacon_root, anchor(3).parent_beacon_root);
}

#[test]
fn deposits_mint_first_and_fail_without_losing_the_mint() {
    let mut chain = TestChain::new();
    let deposits = vec![
        deposit(0, CAROL, BOB, wei(10), wei(4)),
        deposit(1, CAROL, REVERTER, wei(10), wei(1)),
        deposit(2, CAROL, BOB, wei(10), wei(1_000)),
    ];
    let sealed = chain.extend(chain.anchored(2, 0, deposits), &[]);
    let statuses: Vec<_> = sealed.contents.receipts.iter().map(|receipt| receipt[4]).collect();
    assert_eq!(statuses, [1, 1, 0x80, 0x80], "system transaction, success, revert, value above balance");
    assert_eq!(chain.host.balance(BOB), wei(4));
    assert_eq!(chain.host.balance(CAROL), wei(26));
    assert_eq!(chain.host.nonce(CAROL), 3);
    let gas: Vec<_> = sealed.contents.extras.iter().map(|extra| extra.gas_used).collect();
    assert_eq!(gas[0..2], [0, 21_000]);
    assert!(gas[2] > 21_000 && gas[2] < 21_100, "a revert uses what it used");
    assert_eq!(gas[3], 50_000, "what cannot start uses all");
    assert_eq!(sealed.seal.header.gas_used, gas.iter().sum::<u64>());
}

#[test]
fn a_deposit_without_gas_for_its_creation_fails_and_costs_all_its_gas() {
    let mut chain = TestChain::new();
    let creation = Deposit {
        is_creation: true,
        to: Address::ZERO,
        data: vec![0; 5_000].into(),
        ..deposit(0, CAROL, BOB, wei(1), wei(0))
    };
    let sealed = chain.extend(chain.anchored(2, 0, vec![creation]), &[]);
    assert_eq!(sealed.contents.extras[1].gas_used, 50_000);
    assert_eq!(chain.host.nonce(CAROL), 1);
}

#[test]
fn inputs_that_contradict_the_parent_or_themselves_are_refused() {
    let chain = TestChain::new();
    let deposits = vec![deposit(0, CAROL, BOB, wei(1), wei(0))];
    let wrong = [
        RollupInputs { number: 2, ..chain.inputs() },
        RollupInputs { time: chain.head.timestamp, ..chain.inputs() },
        RollupInputs { rate: wei(1), ..chain.inputs() },
        RollupInputs { attendance: hex!("00").into(), ..chain.inputs() },
        RollupInputs { deposits, ..chain.inputs() },
        RollupInputs { anchor_number: 0, ..chain.inputs() },
    ];
    for inputs in wrong {
        let refused = chain.open(inputs.clone()).err().unwrap_or_else(|| panic!("opened with {inputs:?}"));
        assert_eq!(refused.code, "bad-inputs");
    }
}

#[test]
fn header_fields_are_those_of_the_specification() {
    let mut chain = TestChain::new();
    let mut block = chain.open(RollupInputs { flags: 2, ..chain.inputs() }).unwrap();
    block.add(&signed(0, BOB, wei(5), 21_000, 5_000)).unwrap();
    let sealed = block.seal(Some(1)).unwrap();
    let header = &sealed.seal.header;
    assert_eq!(header.extra_data[..6], [1, 1, 0, 0, 0, 3]);
    assert_eq!(header.extra_data[6..], BOB[..]);
    assert_eq!(header.coinbase, SEQUENCER_FEE_VAULT);
    assert_eq!(header.withdrawals_root, Some(EMPTY_ROOT));
    assert_eq!(header.gas_limit, 30_000_000);
    assert_eq!(Header::decode(&header.encode()).unwrap(), *header);
    chain.head = header.clone();
}

#[test]
fn a_block_executed_again_from_its_inputs_is_the_same() {
    let chain = TestChain::new();
    let run = || {
        let mut block = chain.open(chain.anchored(2, 0, vec![deposit(0, CAROL, BOB, wei(3), wei(3))])).unwrap();
        block.add(&signed(0, CAROL, wei(7), 21_000, 5_000)).unwrap();
        encoded(&block.seal(None).unwrap())
    };
    assert_eq!(run(), run());
}

/// The answer with a finished block.
fn encoded(sealed: &Sealed) -> Vec<u8> {
    let mut answer = Vec::new();
    sealed.put(&mut answer);
    answer
}
