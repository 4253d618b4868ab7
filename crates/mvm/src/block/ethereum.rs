//! Pure mode: a block by Ethereum's rules, from system calls to withdrawals and requests.

use super::{Block, env::blob_parameters, requests};
use crate::{
    config::Config,
    error::Fault,
    fee::{INITIAL_BASE_FEE, next_base_fee, next_excess_blob_gas},
    fork::Fork,
    header::{EMPTY_OMMERS, Header},
    predeploys::BEACON_ROOTS,
    rlp::{self, Reader},
    state::Host,
    trie::ordered_root,
};
use alloc::{rc::Rc, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, U256};

const GWEI: u64 = 1_000_000_000;

/// EIP-4895.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Withdrawal {
    pub index: u64,
    pub validator_index: u64,
    pub address: Address,
    /// In Gwei.
    pub amount: u64,
}

/// What a proposer chooses.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct PureInputs {
    pub timestamp: u64,
    pub coinbase: Address,
    pub prev_randao: B256,
    pub gas_limit: u64,
    pub extra_data: Bytes,
    pub parent_beacon_root: B256,
    pub withdrawals: Vec<Withdrawal>,
}

impl Withdrawal {
    /// Reads a list of withdrawals.
    pub fn read_list(mut items: Reader<'_>) -> Result<Vec<Self>, Fault> {
        let mut list = Vec::new();
        while !items.is_empty() {
            let mut fields = items.list()?;
            list.push(Self {
                index: fields.u64()?,
                validator_index: fields.u64()?,
                address: fields.address()?,
                amount: fields.u64()?,
            });
            fields.end()?;
        }
        Ok(list)
    }

    fn encode(&self) -> Vec<u8> {
        rlp::list(|out| {
            rlp::put(out, self.index);
            rlp::put(out, self.validator_index);
            rlp::put(out, self.address);
            rlp::put(out, self.amount);
        })
    }

    /// Root of a block's withdrawals.
    pub fn root(list: &[Self]) -> B256 {
        ordered_root(&list.iter().map(Self::encode).collect::<Vec<_>>())
    }
}

impl PureInputs {
    /// Reads `[timestamp, coinbase, prevRandao, gasLimit, extraData, parentBeaconRoot, withdrawals]`.
    pub fn read(items: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut fields = items.list()?;
        let inputs = Self {
            timestamp: fields.u64()?,
            coinbase: fields.address()?,
            prev_randao: fields.b256()?,
            gas_limit: fields.u64()?,
            extra_data: fields.owned()?,
            parent_beacon_root: fields.b256()?,
            withdrawals: Withdrawal::read_list(fields.list()?)?,
        };
        fields.end()?;
        Ok(inputs)
    }
}

/// Base fee of the block after `parent`, from London on.
pub(super) fn expected_base_fee(parent: &Header, fork: Fork) -> Option<u64> {
    let next = || match parent.base_fee {
        Some(base_fee) => next_base_fee(base_fee, parent.gas_used, parent.gas_limit),
        None => INITIAL_BASE_FEE,
    };
    (fork >= Fork::London).then(next)
}

/// Excess blob gas of a block after `parent`, from Cancun on.
pub(super) fn expected_excess_blob_gas(config: &Config, parent: &Header, timestamp: u64, fork: Fork) -> Option<u64> {
    let parameters = blob_parameters(config, timestamp)?;
    (fork >= Fork::Cancun).then(|| next_excess_blob_gas(parent, &parameters, fork >= Fork::Osaka))
}

impl<H: Host> Block<H> {
    /// Starts a post-merge block to be built.
    pub fn open_pure(config: Rc<Config>, host: H, parent: &Header, inputs: PureInputs) -> Result<Self, Fault> {
        let number = parent.number + 1;
        let fork = config.fork_at(number, inputs.timestamp);
        if inputs.timestamp <= parent.timestamp {
            return Err(Fault::new("bad-inputs", "time does not rise"));
        }
        let from = |start: Fork| fork >= start;
        let header = Header {
            parent_hash: parent.hash(),
            ommers_hash: EMPTY_OMMERS,
            coinbase: inputs.coinbase,
            number,
            gas_limit: inputs.gas_limit,
            timestamp: inputs.timestamp,
            extra_data: inputs.extra_data,
            mix_hash: inputs.prev_randao,
            base_fee: expected_base_fee(parent, fork),
            withdrawals_root: from(Fork::Shanghai).then(|| Withdrawal::root(&inputs.withdrawals)),
            blob_gas_used: from(Fork::Cancun).then_some(0),
            excess_blob_gas: expected_excess_blob_gas(&config, parent, inputs.timestamp, fork),
            parent_beacon_root: from(Fork::Cancun).then_some(inputs.parent_beacon_root),
            requests_hash: from(Fork::Prague).then_some(B256::ZERO),
            ..Header::default()
        };
        let mut block = Self::start(config, host, header, parent.state_root);
        block.withdrawals = inputs.withdrawals;
        block.begin_ethereum()?;
        Ok(block)
    }

    /// Starts a block with exactly this header, without system calls: state tests.
    pub fn open_bare(config: Rc<Config>, host: H, header: Header) -> Self {
        let state_root = header.state_root;
        let mut block = Self::start(config, host, header, state_root);
        block.bare = true;
        block
    }

    /// EIP-4788 and EIP-2935.
    pub(super) fn begin_ethereum(&mut self) -> Result<(), Fault> {
        if let (true, Some(root)) = (self.fork() >= Fork::Cancun, self.header.parent_beacon_root) {
            self.machine.system_call(BEACON_ROOTS, Bytes::copy_from_slice(root.as_slice()))?;
        }
        if self.fork() >= Fork::Prague {
            self.record_parent(self.header.parent_hash)?;
        }
        Ok(())
    }

    /// What follows the last transaction: block rewards, withdrawals, requests.
    pub(super) fn end_ethereum(&mut self) -> Result<(), Fault> {
        if self.bare {
            return Ok(());
        }
        if self.fork() < Fork::Paris {
            self.reward_miners()?;
        }
        for withdrawal in core::mem::take(&mut self.withdrawals) {
            let wei = U256::from(withdrawal.amount) * U256::from(GWEI);
            self.machine.overlay().credit(&withdrawal.address, wei, false)?;
        }
        if self.fork() >= Fork::Prague {
            self.header.requests_hash = Some(requests::collect(self)?);
        }
        Ok(())
    }

    fn reward_miners(&mut self) -> Result<(), Fault> {
        let ether = match self.fork() {
            Fork::Frontier | Fork::Homestead | Fork::TangerineWhistle | Fork::SpuriousDragon => 5u64,
            Fork::Byzantium => 3,
            _ => 2,
        };
        let reward = U256::from(ether) * U256::from(GWEI) * U256::from(GWEI);
        let number = self.header.number;
        let overlay = self.machine.overlay();
        for (coinbase, ommer_number) in &self.ommers {
            let distance = U256::from(8 + ommer_number - number);
            overlay.credit(coinbase, reward * distance / U256::from(8), true)?;
        }
        let bonus = reward * U256::from(self.ommers.len()) / U256::from(32);
        overlay.credit(&self.header.coinbase, reward + bonus, true)
    }
}
