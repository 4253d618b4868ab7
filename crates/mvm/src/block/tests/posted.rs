use super::*;
use crate::state::memory::MemoryHost;

/// How often the intrinsic gas of a plain transfer goes into the block's limit.
const FULL: usize = 30_000_000 / 21_000;

/// A block after `count` transactions that cannot run, posted or offered to a builder.
fn after_unusable(count: usize, is_posted: bool) -> Block<MemoryHost> {
    let chain = TestChain::new();
    let mut block = chain.open(chain.inputs()).unwrap();
    let unusable = signed(9, BOB, wei(1), 21_000, 5_000);
    for _ in 0..count {
        let inclusion = if is_posted { block.add_posted(&unusable) } else { block.add(&unusable) };
        assert_eq!(code(inclusion.unwrap()), "nonce-too-high");
    }
    block
}

fn code(inclusion: Inclusion) -> &'static str {
    match inclusion {
        Inclusion::Included(_) => "included",
        Inclusion::Refused(fault) => fault.code,
    }
}

#[test]
fn a_posted_transaction_that_is_skipped_costs_its_intrinsic_proof_gas() {
    let mut block = after_unusable(FULL - 1, true);
    assert_eq!(block.proof_gas_left(), block.gas_limit() - (FULL as u64 - 1) * 21_000);
    assert_eq!(block.gas_left(), block.gas_limit());
    let wants = block.proof_gas_left() + 1;
    let too_much = block.add_posted(&signed(0, BOB, wei(1), wants, 5_000)).unwrap();
    assert_eq!(code(too_much), "proof-gas-exhausted");
}

#[test]
fn what_fits_into_the_proof_gas_left_is_executed() {
    let mut block = after_unusable(FULL - 1, true);
    assert_eq!(code(block.add_posted(&signed(0, BOB, wei(1), 21_000, 5_000)).unwrap()), "included");
    let sealed = block.seal(None).unwrap();
    assert_eq!(sealed.seal.header.gas_used, 21_000);
    assert_eq!(sealed.contents.skipped.len(), FULL - 1);
}

#[test]
fn when_the_proof_gas_is_used_up_the_rest_is_skipped_unread() {
    let mut block = after_unusable(FULL, true);
    for posted in [signed(0, BOB, wei(1), 21_000, 5_000), vec![3, 0xc0], signed(0, BOB, wei(1), 21_000, 5_000)] {
        assert_eq!(code(block.add_posted(&posted).unwrap()), "proof-gas-exhausted");
    }
    let sealed = block.seal(None).unwrap();
    assert_eq!(sealed.seal.header.gas_used, 0);
    let positions: Vec<u64> = sealed.contents.skipped.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, (0..FULL as u64 + 3).collect::<Vec<_>>());
}

#[test]
fn what_a_builder_refuses_costs_nothing() {
    let mut block = after_unusable(FULL + 1, false);
    assert_eq!(block.proof_gas_left(), block.gas_limit());
    assert_eq!(code(block.add(&signed(0, BOB, wei(1), 21_000, 5_000)).unwrap()), "included");
}
