//! L1 data fee and rate clamp (docs/spec/execution.md).

use super::FastLz;
use crate::{config::ChainConfig, error::Fault, predeploys::L1_BLOCK, state::Host};
use alloy_primitives::{U256, uint};
use revm::database_interface::Database;

/// Seconds in which the rate may at most double or vanish: 20 hours.
const CLAMP_SECONDS: u64 = 72_000;
const MIN_SIZE: i64 = 100_000_000;
const INTERCEPT: i64 = -42_585_600;
const SLOPE: i64 = 836_500;
const SCALE: U256 = uint!(1_000_000_000_000_U256);
const ETHER: U256 = uint!(1_000_000_000_000_000_000_U256);

/// What L1Block holds of the anchor, by its slots (docs/spec/contracts.md).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct L1Prices {
    pub number: u64,
    pub timestamp: u64,
    pub base_fee: U256,
    pub hash: U256,
    pub blob_base_fee: U256,
    /// METIS wei per 1 ETH.
    pub rate: U256,
    /// Anchor timestamp at which the rate was last written.
    pub rate_time: u64,
}

impl L1Prices {
    /// Reads L1Block's storage.
    pub fn read<H: Host>(state: &mut crate::state::Overlay<H>) -> Result<Self, Fault> {
        let mut slot = |index: u64| state.storage(L1_BLOCK, U256::from(index));
        let place = slot(0)?;
        let limbs = place.as_limbs();
        Ok(Self {
            number: limbs[0],
            timestamp: limbs[1],
            base_fee: slot(1)?,
            hash: slot(2)?,
            blob_base_fee: slot(3)?,
            rate: slot(4)?,
            rate_time: slot(5)?.as_limbs()[0],
        })
    }
}

/// The data fee of one transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataFee {
    /// METIS wei.
    pub fee: U256,
    /// Size in bytes of the linear fit, rounded up.
    pub size: U256,
    /// METIS wei per byte of that size, rounded up.
    pub price: U256,
}

impl DataFee {
    /// Fee of signed EIP-2718 bytes.
    pub fn of(transaction: &[u8], sizes: &mut FastLz, prices: &L1Prices, chain: &ChainConfig) -> Self {
        Self::with_scalars(sizes.size(transaction), prices, chain.l1_base_fee_scalar, chain.l1_blob_base_fee_scalar)
    }

    /// As `of`, for a compressed size and the two numbers it takes of the chain's configuration.
    pub fn with_scalars(compressed: u64, prices: &L1Prices, base_fee_scalar: u64, blob_scalar: u64) -> Self {
        let fit = INTERCEPT + SLOPE * i64::try_from(compressed).unwrap_or(i64::MAX / SLOPE / 2);
        let size = U256::from(fit.max(MIN_SIZE) as u64);
        let calldata = U256::from(base_fee_scalar).saturating_mul(U256::from(16)).saturating_mul(prices.base_fee);
        let blobs = U256::from(blob_scalar).saturating_mul(prices.blob_base_fee);
        let price = calldata.saturating_add(blobs);
        let wei_eth = size.saturating_mul(price) / SCALE;
        Self {
            fee: wei_eth.saturating_mul(prices.rate).div_ceil(ETHER),
            size: size.div_ceil(uint!(1_000_000_U256)),
            price: (price.saturating_mul(prices.rate)).div_ceil(ETHER * uint!(1_000_000_U256)),
        }
    }
}

/// The rate to write: `wanted`, no further from `previous` than the seconds since allow; 0 (unchanged) stays 0.
pub fn clamp_rate(previous: U256, wanted: U256, seconds: u64) -> U256 {
    if wanted.is_zero() {
        return wanted;
    }
    let step = previous.saturating_mul(U256::from(seconds)) / U256::from(CLAMP_SECONDS);
    wanted.clamp(previous.saturating_sub(step), previous.saturating_add(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_moves_no_faster_than_the_clamp_allows() {
        let rate = |wanted: u64, seconds| clamp_rate(U256::from(72_000), U256::from(wanted), seconds).to::<u64>();
        assert_eq!(rate(0, 12), 0);
        assert_eq!(rate(100_000, 12), 72_012);
        assert_eq!(rate(1, 12), 71_988);
        assert_eq!(rate(72_005, 12), 72_005);
        assert_eq!(rate(1, 144_000), 1);
    }
}
