//! Chain configuration (docs/spec/structs.md, "Chain config"; docs/spec/kernel.md, "configure").

use crate::{
    error::Fault,
    fork::{Activation, BlobParameters, Fork, ForkSchedule},
    rlp::Reader,
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, U256};

/// What changes derivation or execution.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct ChainConfig {
    pub version: u64,
    pub l1_chain_id: u64,
    pub l2_chain_id: u64,
    pub pure: bool,
    pub block_time: u64,
    pub heartbeat: u64,
    pub term: u64,
    pub gas_limit: u64,
    pub deposit_gas_limit: u64,
    pub max_block_bytes: u64,
    pub max_batch_bytes: u64,
    pub max_batch_age: u64,
    pub max_drift: u64,
    pub max_anchor_step: u64,
    pub max_batch_anchors: u64,
    pub epoch_length: u64,
    pub l1_depth: u64,
    pub genesis_anchor_number: u64,
    pub genesis_anchor_hash: B256,
    pub genesis_anchor_time: u64,
    pub initial_rate: U256,
    pub l1_base_fee_scalar: u64,
    pub l1_blob_base_fee_scalar: u64,
    /// L1's price curve: timestamp and update fraction.
    pub blob_schedule: Vec<(u64, u64)>,
    /// Names of L2 forks and their L2 timestamps.
    pub forks: Vec<(Vec<u8>, u64)>,
}

/// Ethereum's schedules, used when `pure`.
#[derive(Clone, Debug, Default)]
pub struct PureConfig {
    /// When each fork starts.
    pub forks: ForkSchedule,
    /// Blob limits, ascending by timestamp.
    pub blobs: Vec<BlobParameters>,
    /// EIP-6110; `None`: mainnet's.
    pub deposit_contract: Option<Address>,
}

/// What an instance is configured with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The chain.
    pub chain: ChainConfig,
    /// Its Ethereum schedules.
    pub pure: PureConfig,
}

impl ChainConfig {
    /// Decodes the list that `chainConfigHash` covers.
    pub fn decode(items: &mut Reader<'_>) -> Result<Self, Fault> {
        let config = Self {
            version: items.u64()?,
            l1_chain_id: items.u64()?,
            l2_chain_id: items.u64()?,
            pure: items.flag()?,
            block_time: items.u64()?,
            heartbeat: items.u64()?,
            term: items.u64()?,
            gas_limit: items.u64()?,
            deposit_gas_limit: items.u64()?,
            max_block_bytes: items.u64()?,
            max_batch_bytes: items.u64()?,
            max_batch_age: items.u64()?,
            max_drift: items.u64()?,
            max_anchor_step: items.u64()?,
            max_batch_anchors: items.u64()?,
            epoch_length: items.u64()?,
            l1_depth: items.u64()?,
            genesis_anchor_number: items.u64()?,
            genesis_anchor_hash: items.b256()?,
            genesis_anchor_time: items.u64()?,
            initial_rate: items.u256()?,
            l1_base_fee_scalar: items.u64()?,
            l1_blob_base_fee_scalar: items.u64()?,
            blob_schedule: pairs(items.list()?, Reader::u64)?,
            forks: pairs(items.list()?, |entry| entry.bytes().map(<[u8]>::to_vec))?,
        };
        items.end()?;
        Ok(config)
    }
}

fn pairs<'a, T>(
    mut entries: Reader<'a>,
    first: impl Fn(&mut Reader<'a>) -> Result<T, Fault>,
) -> Result<Vec<(T, u64)>, Fault> {
    let mut list = Vec::new();
    while !entries.is_empty() {
        let mut entry = entries.list()?;
        list.push((first(&mut entry)?, entry.u64()?));
        entry.end()?;
    }
    Ok(list)
}

impl PureConfig {
    fn decode(items: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut pure = Self::default();
        let mut forks = items.list()?;
        while !forks.is_empty() {
            let mut entry = forks.list()?;
            let fork = Fork::named(entry.bytes()?).ok_or_else(|| Fault::new("unknown-fork", "no fork of this name"))?;
            let activation: fn(u64) -> Activation = if entry.flag()? { Activation::Time } else { Activation::Block };
            pure.forks.0.push((fork, activation(entry.u64()?)));
            entry.end()?;
        }
        let mut blobs = items.list()?;
        while !blobs.is_empty() {
            let mut entry = blobs.list()?;
            let (timestamp, target, max, update_fraction) = (entry.u64()?, entry.u64()?, entry.u64()?, entry.u64()?);
            entry.end()?;
            pure.blobs.push(BlobParameters { timestamp, target, max, update_fraction });
        }
        pure.deposit_contract = items.optional_address()?;
        Ok(pure)
    }
}

impl Config {
    /// Decodes `[chainConfig, [[fork, 0 block | 1 time, value]...], [[timestamp, target, max, fraction]...], depositContract]`.
    pub fn decode(request: &[u8]) -> Result<Self, Fault> {
        let mut items = Reader::list_of(request)?;
        let chain = ChainConfig::decode(&mut items.list()?)?;
        let pure = PureConfig::decode(&mut items)?;
        items.end()?;
        Ok(Self { chain, pure })
    }

    /// A pure chain with these schedules and zeros.
    #[cfg(test)]
    pub(crate) fn for_tests(pure: PureConfig) -> Self {
        let zeros = crate::rlp::list(|out| {
            for index in 0..25 {
                match index {
                    3 => crate::rlp::put(out, true),
                    18 => crate::rlp::put(out, B256::ZERO),
                    23 | 24 => crate::rlp::put_list(out, |_| {}),
                    _ => crate::rlp::put(out, 0u8),
                }
            }
        });
        let chain = Reader::list_of(&zeros).and_then(|mut items| ChainConfig::decode(&mut items));
        Self { chain: chain.expect("zeros are a config"), pure }
    }

    /// Rules of a block.
    pub fn fork_at(&self, number: u64, timestamp: u64) -> Fork {
        if self.chain.pure { self.pure.forks.at(number, timestamp) } else { Fork::Osaka }
    }

    /// L1's blob price curve at an L1 timestamp; Prague's before the schedule starts.
    pub fn l1_blob_fraction(&self, l1_timestamp: u64) -> u64 {
        let schedule = self.chain.blob_schedule.iter().rev();
        schedule.clone().find(|(start, _)| l1_timestamp >= *start).map_or(5_007_716, |(_, fraction)| *fraction)
    }
}
