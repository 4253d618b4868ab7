// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {GasBurnerLib} from "solady/utils/GasBurnerLib.sol";
import {Parameters} from "../interfaces/ISystemConfig.sol";
import {IPortal} from "../interfaces/IPortal.sol";

/// @title ResourceMeter
/// @notice An EIP-1559 market of its own for the gas that deposits use on L2. It is paid by burning L1 gas worth the
///         price, so that it needs no token and no one to pay.
library ResourceMeter {
    uint256 private constant WAD = 1e18;
    /// @dev L1 gas is counted as worth at least this, else an idle L1 would make deposits impossibly dear.
    uint256 private constant MINIMUM_L1_BASE_FEE = 1 gwei;
    /// @dev After so many L1 blocks without a deposit the base fee is back at its minimum, whatever it was.
    uint256 private constant MAXIMUM_IDLE_BLOCKS = 10_000;

    struct State {
        /// wei a gas in L1 block `blockNumber`
        uint128 baseFee;
        uint64 boughtGas;
        uint64 blockNumber;
    }

    /// @notice Takes `amount` gas from this L1 block's share.
    /// @param limit gas of all deposits of one L1 block
    /// @return cost in wei
    function buy(State storage state, Parameters memory parameters, uint256 limit, uint64 amount)
        internal
        returns (uint256 cost)
    {
        (uint256 baseFee, uint256 bought) = current(state, parameters, limit);
        if (bought + amount > limit) revert IPortal.DepositGasExhausted(amount, limit - bought);
        state.baseFee = uint128(baseFee);
        state.boughtGas = uint64(bought + amount);
        state.blockNumber = uint64(block.number);
        return baseFee * amount;
    }

    /// @notice Burns L1 gas worth `cost`, less what the transaction has used since `gasAtStart`.
    function burn(uint256 cost, uint256 gasAtStart) internal view {
        uint256 gasToBurn = cost / (block.basefee > MINIMUM_L1_BASE_FEE ? block.basefee : MINIMUM_L1_BASE_FEE);
        uint256 used = gasAtStart - gasleft();
        if (gasToBurn > used) GasBurnerLib.burnPure(gasToBurn - used);
    }

    /// @notice Price in this L1 block and the gas sold in it so far.
    function current(State storage state, Parameters memory parameters, uint256 limit)
        internal
        view
        returns (uint256 baseFee, uint256 bought)
    {
        (baseFee, bought) = (state.baseFee, state.boughtGas);
        uint256 passed = block.number - state.blockNumber;
        if (passed != 0) {
            baseFee = _next(baseFee, bought, limit / parameters.meterElasticity, parameters.meterDenominator);
            uint256 idle = passed - 1 > MAXIMUM_IDLE_BLOCKS ? MAXIMUM_IDLE_BLOCKS : passed - 1;
            baseFee = baseFee * _decay(parameters.meterDenominator, idle) / WAD;
            bought = 0;
        }
        baseFee = FixedPointMathLib.clamp(baseFee, parameters.meterMinimumBaseFee, parameters.meterMaximumBaseFee);
    }

    /// @dev EIP-1559's step. baseFee <= 1e18 and bought <= 6e7, so nothing overflows.
    function _next(uint256 baseFee, uint256 bought, uint256 target, uint256 denominator)
        private
        pure
        returns (uint256)
    {
        if (bought > target) {
            return baseFee + FixedPointMathLib.max(baseFee * (bought - target) / target / denominator, 1);
        }
        return baseFee - baseFee * (target - bought) / target / denominator;
    }

    /// @dev (1 - 1 / denominator) ^ blocks, in WAD.
    function _decay(uint256 denominator, uint256 blocks) private pure returns (uint256) {
        return FixedPointMathLib.rpow(WAD - WAD / denominator, blocks, WAD);
    }
}
