//! A small L2 chain to execute blocks on.

use super::super::*;
use crate::{
    config::{ChainConfig, Config, PureConfig},
    error::Fault,
    header::Header,
    predeploys::L1_BLOCK,
    rlp,
    state::memory::MemoryHost,
    transaction::{Signature, SignedTransaction},
    types::Deposit,
};
use alloc::rc::Rc;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address, hex};
use k256::ecdsa::SigningKey;

/// Address of the key of 32 bytes 0x11.
pub(super) const ALICE: Address = address!("19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A");
pub(super) const BOB: Address = address!("00000000000000000000000000000000000000bb");
pub(super) const CHAIN_ID: u64 = 901;
pub(super) const ETHER: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// Stores the arguments of `setL1BlockValues` in L1Block's slots, whoever calls.
const RECORDER: [u8; 55] = hex!(
    "60243560401b600435175f5560443560015560643560035560843560025560a435600655"
    "60c43580602c57005b600455602435600555"
    "00"
);

/// The chain's configuration: as for pure tests, but a rollup with these prices.
fn config() -> Config {
    let zeros = Config::for_tests(PureConfig::default());
    let chain = ChainConfig {
        pure: false,
        l2_chain_id: CHAIN_ID,
        gas_limit: 30_000_000,
        l1_base_fee_scalar: 5_227,
        l1_blob_base_fee_scalar: 1_014_213,
        ..zeros.chain
    };
    Config { chain, ..zeros }
}

/// An L1 header that anchors can name.
pub(super) fn anchor(number: u64) -> Header {
    Header {
        number,
        timestamp: 1_000 + number,
        base_fee: Some(1_000_000_000),
        withdrawals_root: Some(B256::ZERO),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_root: Some(B256::repeat_byte(0xbe)),
        requests_hash: Some(B256::ZERO),
        mix_hash: B256::with_last_byte(number as u8),
        ..Header::default()
    }
}

pub(super) struct TestChain {
    pub config: Rc<Config>,
    pub host: MemoryHost,
    pub head: Header,
}

impl TestChain {
    /// Genesis with ALICE rich and L1Block at anchor 1.
    pub(super) fn new() -> Self {
        Self::with(&[])
    }

    /// As `new`, with these contracts beside.
    pub(super) fn with(contracts: &[(Address, &[u8])]) -> Self {
        let config = Rc::new(config());
        let first = anchor(1);
        let slots: [(u8, U256); 4] = [
            (0, U256::from(first.timestamp) << 64 | U256::from(1)),
            (2, first.hash().into()),
            (4, U256::from(72_000_000u64)),
            (5, U256::from(first.timestamp)),
        ];
        let request = rlp::list(|out| {
            rlp::put_list(out, |out| {
                rlp::put(out, 1_001u64);
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
                put_account(out, ALICE, U256::from(100) * ETHER, &[], &[]);
                put_account(out, L1_BLOCK, U256::ZERO, &RECORDER, &slots);
                // Reverts with nothing.
                put_account(out, Address::with_last_byte(0xdd), U256::ZERO, &hex!("5f5ffd"), &[]);
                contracts.iter().for_each(|(address, code)| put_account(out, *address, U256::ZERO, code, &[]));
            });
        });
        let mut host = MemoryHost::default();
        let sealed = genesis(&config, host.clone(), &request).unwrap();
        host.follow(&sealed.seal);
        Self { config, host, head: sealed.seal.header }
    }

    /// Inputs that follow the head without moving the anchor.
    pub(super) fn inputs(&self) -> RollupInputs {
        let anchor = anchor(1);
        RollupInputs {
            number: self.head.number + 1,
            time: self.head.timestamp + 1,
            generation: 3,
            flags: 0,
            proposer: BOB,
            anchor_number: 1,
            anchor_hash: anchor.hash(),
            deposit_start: 0,
            deposit_end: 0,
            rate: U256::ZERO,
            attendance: Bytes::new(),
            anchor,
            deposits: Vec::new(),
        }
    }

    /// Inputs that move the anchor to `number` and consume `deposits`.
    pub(super) fn anchored(&self, number: u64, rate: u64, deposits: Vec<Deposit>) -> RollupInputs {
        let anchor = anchor(number);
        RollupInputs {
            anchor_number: number,
            anchor_hash: anchor.hash(),
            rate: U256::from(rate),
            deposit_end: deposits.len() as u64,
            anchor,
            deposits,
            ..self.inputs()
        }
    }

    pub(super) fn open(&self, inputs: RollupInputs) -> Result<Block<MemoryHost>, Fault> {
        Block::open_rollup(self.config.clone(), self.host.clone(), &self.head, inputs)
    }

    /// Executes a block and makes it the head.
    pub(super) fn extend(&mut self, inputs: RollupInputs, transactions: &[Vec<u8>]) -> Sealed {
        let mut block = self.open(inputs).unwrap();
        for transaction in transactions {
            block.add_posted(transaction).unwrap();
        }
        let sealed = block.seal(None).unwrap();
        self.host.follow(&sealed.seal);
        self.head = sealed.seal.header.clone();
        sealed
    }
}

fn put_account(out: &mut Vec<u8>, address: Address, balance: U256, code: &[u8], slots: &[(u8, U256)]) {
    rlp::put_list(out, |out| {
        rlp::put(out, address);
        rlp::put(out, 0u8);
        rlp::put(out, balance);
        rlp::put_bytes(out, code);
        rlp::put_list(out, |out| {
            for (slot, value) in slots {
                rlp::put_list(out, |out| {
                    rlp::put(out, B256::with_last_byte(*slot));
                    rlp::put(out, *value);
                });
            }
        });
    });
}

/// ALICE's transfer, signed, as EIP-1559 bytes.
pub(super) fn signed(nonce: u64, to: Address, value: U256, gas_limit: u64, max_fee: u64) -> Vec<u8> {
    let blank = blank(nonce, TxKind::Call(to));
    sign(SignedTransaction { value, gas_limit, max_fee: U256::from(max_fee), ..blank })
}

/// ALICE's call with data, or creation, signed, as EIP-1559 bytes.
pub(super) fn signed_call(nonce: u64, to: TxKind, data: Vec<u8>) -> Vec<u8> {
    sign(SignedTransaction { data: data.into(), ..blank(nonce, to) })
}

/// A transaction of 300,000 gas that does nothing, without signature.
pub(super) fn blank(nonce: u64, to: TxKind) -> SignedTransaction {
    SignedTransaction {
        tx_type: 2,
        chain_id: Some(CHAIN_ID),
        nonce,
        max_fee: U256::from(5_000),
        max_priority_fee: Some(U256::from(10)),
        gas_limit: 300_000,
        to,
        value: U256::ZERO,
        data: Bytes::new(),
        access_list: Vec::new(),
        max_fee_per_blob_gas: U256::ZERO,
        blob_hashes: Vec::new(),
        authorizations: Vec::new(),
        signature: Signature::default(),
    }
}

/// The bytes with ALICE's signature.
pub(super) fn sign(mut tx: SignedTransaction) -> Vec<u8> {
    tx.signature = signature(tx.signing_hash());
    assert_eq!(tx.sender().unwrap(), ALICE);
    tx.encode()
}

/// ALICE's signature of a hash.
pub(super) fn signature(hash: B256) -> Signature {
    let key = SigningKey::from_bytes(&[0x11; 32].into()).unwrap();
    let (signature, recovery) = key.sign_prehash_recoverable(hash.as_slice()).unwrap();
    Signature {
        y_parity: recovery.is_y_odd(),
        r: U256::from_be_slice(&signature.r().to_bytes()),
        s: U256::from_be_slice(&signature.s().to_bytes()),
    }
}

/// A deposit with this index.
pub(super) fn deposit(index: u64, from: Address, to: Address, mint: U256, value: U256) -> Deposit {
    Deposit {
        index,
        l1_block_number: 2,
        from,
        to,
        mint,
        value,
        gas_limit: 50_000,
        is_creation: false,
        data: Bytes::new(),
    }
}
