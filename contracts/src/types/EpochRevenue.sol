// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What L2 took in while an epoch's blocks were counted (docs/spec/fees.md).
struct EpochRevenue {
    /// METIS wei: base fees and priority fees
    uint256 fees;
    /// METIS wei: L1 data fees
    uint256 l1Fees;
    /// METIS wei for 1 ETH, when the epoch was last counted
    uint256 rate;
}
