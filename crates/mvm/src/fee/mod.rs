//! The fees of docs/spec/execution.md: base fee, blob base fee, L1 data fee, rate.

mod fastlz;
mod l1;

pub use fastlz::FastLz;
pub use l1::{DataFee, L1Prices, clamp_rate};

use crate::{fork::BlobParameters, header::Header};
use revm::{context_interface::block::calc_blob_gasprice, primitives::eip4844::GAS_PER_BLOB};

/// Base fee of the first London block.
pub const INITIAL_BASE_FEE: u64 = 1_000_000_000;
const ELASTICITY: u64 = 2;
const DENOMINATOR: u128 = 8;
/// EIP-7918.
const BLOB_BASE_COST: u128 = 1 << 13;

/// EIP-1559's base fee after a block with these values.
pub fn next_base_fee(base_fee: u64, gas_used: u64, gas_limit: u64) -> u64 {
    let target = u128::from((gas_limit / ELASTICITY).max(1));
    let (fee, used) = (u128::from(base_fee), u128::from(gas_used));
    if used > target {
        let rise = (fee * (used - target) / target / DENOMINATOR).max(1);
        u64::try_from(fee + rise).unwrap_or(u64::MAX)
    } else {
        let fall = fee * (target - used) / target / DENOMINATOR;
        base_fee - fall as u64
    }
}

/// Excess blob gas of a block after `parent` (EIP-4844, from Osaka on EIP-7918), with the parameters of its own timestamp.
pub fn next_excess_blob_gas(parent: &Header, parameters: &BlobParameters, osaka: bool) -> u64 {
    let excess = parent.excess_blob_gas.unwrap_or_default();
    let used = parent.blob_gas_used.unwrap_or_default();
    let target = parameters.target.saturating_mul(GAS_PER_BLOB);
    let sum = excess.saturating_add(used);
    if sum < target {
        return 0;
    }
    let price = calc_blob_gasprice(excess, parameters.update_fraction);
    let reserve = BLOB_BASE_COST * u128::from(parent.base_fee.unwrap_or_default());
    if osaka && reserve > price.saturating_mul(u128::from(GAS_PER_BLOB)) {
        let scaled = u128::from(used) * u128::from(parameters.max.saturating_sub(parameters.target));
        let rise = scaled / u128::from(parameters.max.max(1));
        return excess.saturating_add(u64::try_from(rise).unwrap_or(u64::MAX));
    }
    sum - target
}

/// EIP-4844's price per blob gas.
pub fn blob_base_fee(excess_blob_gas: u64, update_fraction: u64) -> u128 {
    calc_blob_gasprice(excess_blob_gas, update_fraction)
}

#[cfg(test)]
mod vectors;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_fee_moves_by_at_most_an_eighth() {
        assert_eq!(next_base_fee(1_000, 0, 200), 875);
        assert_eq!(next_base_fee(1_000, 100, 200), 1_000);
        assert_eq!(next_base_fee(1_000, 200, 200), 1_125);
        assert_eq!(next_base_fee(0, 200, 200), 1);
    }

    #[test]
    fn excess_blob_gas_falls_to_zero_below_target() {
        let parameters = BlobParameters { timestamp: 0, target: 6, max: 9, update_fraction: 5_007_716 };
        let header = |used, excess| Header {
            blob_gas_used: Some(used * GAS_PER_BLOB),
            excess_blob_gas: Some(excess * GAS_PER_BLOB),
            base_fee: Some(7),
            ..Header::default()
        };
        assert_eq!(next_excess_blob_gas(&header(3, 2), &parameters, true), 0);
        assert_eq!(next_excess_blob_gas(&header(9, 2), &parameters, true), 5 * GAS_PER_BLOB);
        let dear = Header { base_fee: Some(1_000_000_000), ..header(9, 2) };
        assert_eq!(next_excess_blob_gas(&dear, &parameters, true), 5 * GAS_PER_BLOB);
        let dear = Header { base_fee: Some(1_000_000_000), ..header(6, 2) };
        assert_eq!(next_excess_blob_gas(&dear, &parameters, true), 4 * GAS_PER_BLOB);
    }
}
