//! A pure block is built, imported, and refused for each claim that is wrong.

use super::{
    super::*,
    apart::{encoded as executed_bytes, seal_bytes},
    chain::{ALICE, BOB, CHAIN_ID, ETHER, signed},
    encoded,
};
use crate::{
    config::{Config, PureConfig},
    error::Fault,
    fork::{Activation, BlobParameters, Fork},
    header::Header,
    predeploys::{CONSOLIDATION_REQUESTS, WITHDRAWAL_REQUESTS},
    rlp,
    state::memory::MemoryHost,
};
use alloc::rc::Rc;
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, U256, hex};

/// A pure chain with the rules of `fork` from its genesis on.
pub(super) fn config(fork: Fork) -> Rc<Config> {
    let mut pure = PureConfig::default();
    pure.forks.0 = vec![(fork, Activation::Block(0))];
    pure.blobs = vec![BlobParameters { timestamp: 0, target: 6, max: 9, update_fraction: 5_007_716 }];
    let mut config = Config::for_tests(pure);
    config.chain.l2_chain_id = CHAIN_ID;
    Rc::new(config)
}

/// Genesis with ALICE rich, request contracts that have nothing to say, and other contracts.
pub(super) fn genesis_chain(config: &Config, contracts: &[(Address, &[u8])]) -> (MemoryHost, Header) {
    let request = rlp::list(|out| {
        rlp::put_list(out, |out| {
            rlp::put(out, 1_000u64);
            rlp::put(out, 30_000_000u64);
            rlp::put(out, 1_000u64);
            rlp::put_bytes(out, &[]);
            rlp::put(out, Address::ZERO);
            rlp::put(out, B256::ZERO);
            rlp::put_list(out, |_| {});
            rlp::put(out, 0u8);
            rlp::put_bytes(out, &[0; 8]);
            rlp::put_list(out, |_| {});
            rlp::put_list(out, |_| {});
            rlp::put(out, 0u8);
        });
        rlp::put_list(out, |out| {
            let accounts: [(Address, U256, &[u8]); 3] = [
                (ALICE, U256::from(100) * ETHER, &[]),
                (WITHDRAWAL_REQUESTS, U256::ZERO, &hex!("5f5ff3")),
                (CONSOLIDATION_REQUESTS, U256::ZERO, &hex!("5f5ff3")),
            ];
            let contracts = contracts.iter().map(|(address, code)| (*address, U256::ZERO, *code));
            for (address, balance, code) in accounts.into_iter().chain(contracts) {
                rlp::put_list(out, |out| {
                    rlp::put(out, address);
                    rlp::put(out, 0u8);
                    rlp::put(out, balance);
                    rlp::put_bytes(out, code);
                    rlp::put_list(out, |_| {});
                });
            }
        });
    });
    let mut host = MemoryHost::default();
    let sealed = genesis(config, host.clone(), &request).unwrap();
    host.follow(&sealed.seal);
    (host, sealed.seal.header)
}

/// What is done to a header before it is claimed.
type Change = fn(&mut Header);

struct Built {
    config: Rc<Config>,
    host: MemoryHost,
    parent: Header,
    sealed: Sealed,
    withdrawal: Withdrawal,
}

impl Built {
    /// A block with one transfer and one withdrawal.
    fn new() -> Self {
        let config = config(Fork::Osaka);
        let (host, parent) = genesis_chain(&config, &[]);
        let withdrawal = Withdrawal { index: 0, validator_index: 1, address: BOB, amount: 2 };
        let inputs = PureInputs {
            timestamp: parent.timestamp + 12,
            gas_limit: parent.gas_limit,
            withdrawals: vec![withdrawal.clone()],
            ..PureInputs::default()
        };
        let mut block = Block::open_pure(config.clone(), host.clone(), &parent, inputs).unwrap();
        let inclusion = block.add(&signed(0, BOB, U256::from(5), 21_000, 5_000)).unwrap();
        assert_eq!(inclusion, Inclusion::Included(21_000));
        let sealed = block.seal(None).unwrap();
        Self { config, host, parent, sealed, withdrawal }
    }

    fn encode(&self, header: &Header) -> Vec<u8> {
        block_bytes(header, &self.sealed.contents.transactions, core::slice::from_ref(&self.withdrawal))
    }

    /// Imports the block at once, and sees that it is the same, or refused with the same code, apart from its roots.
    fn import(&self, block: &[u8]) -> Result<Sealed, Fault> {
        let at_once = Block::import(self.config.clone(), self.host.clone(), &self.parent, block);
        let code = |fault: &Fault| match fault.code {
            "wrong-receipts-root" | "wrong-state-root" => "another hash",
            code => code,
        };
        assert_eq!(self.import_apart(block), at_once.as_ref().map(|sealed| sealed.seal.hash).map_err(code));
        at_once
    }

    /// The block's hash, which is the one it claims.
    fn import_apart(&self, block: &[u8]) -> Result<B256, &'static str> {
        let run = Block::run_import(self.config.clone(), self.host.clone(), &self.parent, block);
        let (executed, claimed) = run.map_err(|fault| fault.code)?;
        let seal = seal_bytes(&self.config, self.host.clone(), &self.parent, &executed_bytes(&executed)).unwrap();
        if seal.hash == claimed { Ok(claimed) } else { Err("another hash") }
    }
}

/// A block of Shanghai or later as it travels.
pub(super) fn block_bytes(header: &Header, transactions: &[Bytes], withdrawals: &[Withdrawal]) -> Vec<u8> {
    rlp::list(|out| {
        out.extend_from_slice(&header.encode());
        rlp::put_list(out, |out| transactions.iter().for_each(|tx| rlp::put(out, tx)));
        rlp::put_list(out, |_| {});
        rlp::put_list(out, |out| {
            for withdrawal in withdrawals {
                rlp::put_list(out, |out| {
                    rlp::put(out, withdrawal.index);
                    rlp::put(out, withdrawal.validator_index);
                    rlp::put(out, withdrawal.address);
                    rlp::put(out, withdrawal.amount);
                });
            }
        });
    })
}

#[test]
fn a_built_block_imports_to_the_same_hash_and_pays_its_withdrawal() {
    let mut built = Built::new();
    let imported = built.import(&built.encode(&built.sealed.seal.header)).unwrap();
    assert_eq!(imported.seal.hash, built.sealed.seal.hash);
    assert_eq!(encoded(&imported), encoded(&built.sealed));
    built.host.apply(&imported.seal.diff);
    assert_eq!(built.host.balance(BOB), U256::from(5 + 2_000_000_000u64));
}

#[test]
fn every_wrong_claim_of_a_header_has_its_own_code() {
    let built = Built::new();
    let wrong: [(&str, Change); 20] = [
        ("wrong-parent", |h| h.parent_hash = B256::ZERO),
        ("wrong-number", |h| h.number += 1),
        ("time-not-after-parent", |h| h.timestamp = 1_000),
        ("extra-data-too-long", |h| h.extra_data = vec![0; 33].into()),
        ("bad-gas-limit", |h| h.gas_limit *= 2),
        ("gas-used-above-limit", |h| h.gas_used = h.gas_limit + 1),
        ("wrong-base-fee", |h| h.base_fee = Some(1)),
        ("wrong-excess-blob-gas", |h| h.excess_blob_gas = Some(1)),
        ("blob-gas-above-limit", |h| h.blob_gas_used = Some(10 << 17)),
        ("bad-difficulty", |h| h.difficulty = U256::from(1)),
        ("bad-difficulty", |h| h.nonce = B64::with_last_byte(1)),
        ("ommers-after-merge", |h| h.ommers_hash = B256::ZERO),
        ("wrong-transactions-root", |h| h.transactions_root = B256::ZERO),
        ("wrong-withdrawals-root", |h| h.withdrawals_root = Some(B256::ZERO)),
        ("wrong-gas-used", |h| h.gas_used = 21_001),
        ("wrong-blob-gas-used", |h| h.blob_gas_used = Some(1 << 17)),
        ("wrong-requests-hash", |h| h.requests_hash = Some(B256::ZERO)),
        ("wrong-receipts-root", |h| h.receipts_root = B256::ZERO),
        ("wrong-bloom", |h| h.bloom = Bloom::repeat_byte(1)),
        ("wrong-state-root", |h| h.state_root = B256::ZERO),
    ];
    for (code, change) in wrong {
        let mut header = built.sealed.seal.header.clone();
        change(&mut header);
        let fault = built.import(&built.encode(&header)).err().unwrap_or_else(|| panic!("{code} was imported"));
        assert_eq!(fault.code, code, "{fault}");
    }
}

#[test]
fn a_header_without_a_field_of_its_fork_is_refused() {
    let built = Built::new();
    let header = Header { requests_hash: None, ..built.sealed.seal.header.clone() };
    assert_eq!(built.import(&built.encode(&header)).unwrap_err().code, "wrong-header-fields");
}

#[test]
fn truncated_and_changed_blocks_never_import_and_never_panic() {
    let built = Built::new();
    let block = built.encode(&built.sealed.seal.header);
    for length in 0..block.len() {
        assert!(built.import(&block[..length]).is_err());
    }
    for index in 0..block.len() {
        let mut changed = block.clone();
        changed[index] ^= 0x41;
        let outcome = built.import(&changed).map(|sealed| sealed.seal.hash);
        assert_ne!(outcome, Ok(built.sealed.seal.hash), "byte {index} means nothing");
    }
}
