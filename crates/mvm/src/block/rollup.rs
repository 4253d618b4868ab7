//! Opening an L2 block (docs/spec/execution.md).

use super::{Block, deposit::SystemTransaction};
use crate::{
    config::Config,
    error::Fault,
    fee::{L1Prices, blob_base_fee, clamp_rate, next_base_fee},
    header::{EMPTY_OMMERS, Header},
    predeploys::{BEACON_ROOTS, SEQUENCER_FEE_VAULT},
    rlp::Reader,
    state::Host,
    types::Deposit,
};
use alloc::{format, rc::Rc, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, U256, b256, keccak256};

/// Gas of the system transaction.
const SYSTEM_GAS: u64 = 1_000_000;
const MAX_ATTENDANCE: usize = 64;
/// docs/spec/execution.md: the system transaction's function.
const SET_L1_BLOCK_VALUES: &str = "setL1BlockValues(uint64,uint64,uint256,uint256,bytes32,bytes32,uint256,bytes)";
/// sha256 of nothing: EIP-7685 without requests.
pub(super) const NO_REQUESTS: B256 = b256!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

/// The leaf's fields but the transactions, and what its hashes stand for.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct RollupInputs {
    pub number: u64,
    pub time: u64,
    pub generation: u32,
    pub flags: u8,
    pub proposer: Address,
    pub anchor_number: u64,
    pub anchor_hash: B256,
    pub deposit_start: u64,
    pub deposit_end: u64,
    pub rate: U256,
    pub attendance: Bytes,
    pub anchor: Header,
    pub deposits: Vec<Deposit>,
}

fn refuse(message: &str) -> Fault {
    Fault::new("bad-inputs", message)
}

impl RollupInputs {
    /// Reads `[number, time, generation, flags, proposer, anchorNumber, anchorHash, depositStart, depositEnd, rate,
    /// attendance]`, the anchor's header, and the deposits.
    pub fn read(items: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut leaf = items.list()?;
        let mut inputs = Self {
            number: leaf.u64()?,
            time: leaf.u64()?,
            generation: u32::try_from(leaf.u64()?).map_err(|_| refuse("a generation above 32 bits"))?,
            flags: leaf.u8()?,
            proposer: leaf.address()?,
            anchor_number: leaf.u64()?,
            anchor_hash: leaf.b256()?,
            deposit_start: leaf.u64()?,
            deposit_end: leaf.u64()?,
            rate: leaf.u256()?,
            attendance: leaf.owned()?,
            anchor: Header::default(),
            deposits: Vec::new(),
        };
        leaf.end()?;
        let anchor = items.bytes()?;
        if keccak256(anchor) != inputs.anchor_hash {
            return Err(refuse("the anchor header is not the one the inputs name"));
        }
        inputs.anchor = Header::decode_foreign(anchor)?;
        let mut deposits = items.list()?;
        while !deposits.is_empty() {
            inputs.deposits.push(Deposit::decode(&mut deposits.list()?)?);
        }
        inputs.check_self()?;
        Ok(inputs)
    }

    /// What must hold whatever the parent is.
    fn check_self(&self) -> Result<(), Fault> {
        if self.anchor.number != self.anchor_number {
            return Err(refuse("the anchor header is not the one the inputs name"));
        }
        if self.anchor.base_fee.is_none() || self.anchor.parent_beacon_root.is_none() {
            return Err(refuse("the anchor header is older than Cancun"));
        }
        if self.attendance.len() > MAX_ATTENDANCE || self.flags > 3 {
            return Err(refuse("attendance above 64 bytes or unknown flags"));
        }
        let span = self.deposit_end.checked_sub(self.deposit_start);
        let indexes = self.deposits.iter().map(|deposit| deposit.index);
        if span != Some(self.deposits.len() as u64) || !indexes.eq(self.deposit_start..self.deposit_end) {
            return Err(refuse("the deposits are not those the inputs name"));
        }
        Ok(())
    }

    /// extraData of the block (docs/spec/structs.md).
    pub fn extra_data(&self) -> Bytes {
        let mut extra = Vec::from([1, self.flags]);
        extra.extend_from_slice(&self.generation.to_be_bytes());
        extra.extend_from_slice(self.proposer.as_slice());
        extra.into()
    }

    fn header(&self, config: &Config, parent: &Header) -> Result<Header, Fault> {
        if self.number != parent.number + 1 || self.time <= parent.timestamp {
            return Err(refuse(&format!("block {} does not follow its parent {}", self.number, parent.number)));
        }
        let base_fee = parent.base_fee.ok_or_else(|| refuse("the parent has no base fee"))?;
        Ok(Header {
            parent_hash: parent.hash(),
            ommers_hash: EMPTY_OMMERS,
            coinbase: SEQUENCER_FEE_VAULT,
            number: self.number,
            gas_limit: config.chain.gas_limit,
            timestamp: self.time,
            extra_data: self.extra_data(),
            mix_hash: self.anchor.mix_hash,
            base_fee: Some(next_base_fee(base_fee, parent.gas_used, parent.gas_limit)),
            withdrawals_root: Some(B256::ZERO),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_root: self.anchor.parent_beacon_root,
            requests_hash: Some(NO_REQUESTS),
            ..Header::default()
        })
    }

    /// Calldata of the system transaction.
    fn l1_block_values(&self, config: &Config, rate: U256) -> Vec<u8> {
        let fraction = config.l1_blob_fraction(self.anchor.timestamp);
        let blob_base_fee = blob_base_fee(self.anchor.excess_blob_gas.unwrap_or_default(), fraction);
        let words: [U256; 8] = [
            U256::from(self.anchor_number),
            U256::from(self.anchor.timestamp),
            U256::from(self.anchor.base_fee.unwrap_or_default()),
            U256::from(blob_base_fee),
            self.anchor_hash.into(),
            self.anchor.mix_hash.into(),
            rate,
            U256::from(8 * 32),
        ];
        let mut data = keccak256(SET_L1_BLOCK_VALUES)[..4].to_vec();
        for word in words {
            data.extend_from_slice(&word.to_be_bytes::<32>());
        }
        data.extend_from_slice(&U256::from(self.attendance.len()).to_be_bytes::<32>());
        data.extend_from_slice(&self.attendance);
        data.resize(4 + (9 * 32) + self.attendance.len().next_multiple_of(32), 0);
        data
    }
}

impl<H: Host> Block<H> {
    /// Starts an L2 block: system calls, the system transaction if the anchor moves, deposits.
    pub fn open_rollup(config: Rc<Config>, host: H, parent: &Header, inputs: RollupInputs) -> Result<Self, Fault> {
        Self::begin_rollup(config, host, parent, inputs, |block, _| block.record_parent(block.header.parent_hash))
    }

    /// As `open_rollup`, for a block that ends with `execute_only`: `parent` may be a draft (`Executed`).
    pub fn open_on_draft(config: Rc<Config>, host: H, parent: &Header, inputs: RollupInputs) -> Result<Self, Fault> {
        if config.chain.pure {
            return Err(Fault::new(
                "not-rollup",
                "blocks of a pure chain are executed apart from their roots by run_import",
            ));
        }
        Self::begin_rollup(config, host, parent, inputs, Self::record_parent_late)
    }

    fn begin_rollup(
        config: Rc<Config>,
        host: H,
        parent: &Header,
        inputs: RollupInputs,
        record_parent: impl FnOnce(&mut Self, &RollupInputs) -> Result<(), Fault>,
    ) -> Result<Self, Fault> {
        let header = inputs.header(&config, parent)?;
        let mut block = Self::start(config, host, header, parent.state_root);
        let beacon_root = inputs.anchor.parent_beacon_root.unwrap_or_default();
        block.machine.system_call(BEACON_ROOTS, Bytes::copy_from_slice(beacon_root.as_slice()))?;
        record_parent(&mut block, &inputs)?;
        block.move_anchor(&inputs)?;
        for deposit in &inputs.deposits {
            block.run_deposit(deposit)?;
        }
        block.prices = L1Prices::read(block.machine.overlay())?;
        block.rollup = Some(inputs);
        Ok(block)
    }

    fn move_anchor(&mut self, inputs: &RollupInputs) -> Result<(), Fault> {
        let known = L1Prices::read(self.machine.overlay())?;
        if inputs.anchor_number < known.number {
            return Err(refuse("the anchor falls"));
        }
        if inputs.anchor_number == known.number {
            let same = U256::from_be_bytes(inputs.anchor_hash.0) == known.hash;
            let still = inputs.rate.is_zero() && inputs.attendance.is_empty() && inputs.deposits.is_empty();
            return if same && still {
                Ok(())
            } else {
                Err(refuse("something changes though the anchor does not move"))
            };
        }
        let seconds = inputs.anchor.timestamp.saturating_sub(known.rate_time);
        let rate = clamp_rate(known.rate, inputs.rate, seconds);
        let data = inputs.l1_block_values(&self.config, rate);
        if self.run_system(&SystemTransaction::anchor(inputs.number, SYSTEM_GAS, data), false)? {
            Ok(())
        } else {
            Err(Fault::new("system-transaction-failed", "L1Block refused the anchor's values"))
        }
    }
}
