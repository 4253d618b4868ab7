// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ISystemConfig, Parameters, StakingParameters} from "../interfaces/ISystemConfig.sol";
import {ChainRules} from "../types/ChainConfig.sol";

/// @title ParameterBounds
/// @notice Hard bounds of every L1 parameter and the relations between them. No vote passes these.
library ParameterBounds {
    uint256 private constant MINUTE = 60;
    uint256 private constant HOUR = 60 * MINUTE;
    uint256 private constant DAY = 24 * HOUR;
    uint256 private constant GWEI = 1e9;
    uint256 private constant METIS = 1e18;

    /// @notice Bounds of `parameters` and their relations to each other and to the chain's rules.
    /// @param devnet windows may be as short as seconds
    function check(Parameters memory parameters, ChainRules memory rules, bool devnet) internal pure {
        _bound("challengeWindow", parameters.challengeWindow, devnet ? 5 : 7 * DAY, 30 * DAY);
        _bound("escapeDelay", parameters.escapeDelay, devnet ? 10 : HOUR, 7 * DAY);
        _bound("pinWindow", parameters.pinWindow, devnet ? 2 : 10 * MINUTE, DAY);
        _bound("pauseWindow", parameters.pauseWindow, devnet ? 5 : HOUR, 7 * DAY);
        _bound("meterMinimumBaseFee", parameters.meterMinimumBaseFee, 1, 100 * GWEI);
        _bound("meterMaximumBaseFee", parameters.meterMaximumBaseFee, GWEI, 1e18);
        _bound("meterElasticity", parameters.meterElasticity, 2, 100);
        _bound("meterDenominator", parameters.meterDenominator, 2, 200);

        _relation("pinWindow<escapeDelay", parameters.pinWindow < parameters.escapeDelay);
        _relation("heartbeat+maxBatchAge<escape", uint256(rules.heartbeat) + rules.maxBatchAge < parameters.escapeDelay);
        _relation("meter floor<ceiling", parameters.meterMinimumBaseFee < parameters.meterMaximumBaseFee);
    }

    /// @notice Whoever dislikes what is announced can leave before it comes: a withdrawal takes less than the timelock.
    /// @param delay seconds; least time between the announcement of a change and the change
    function checkNotice(Parameters memory parameters, ChainRules memory rules, uint256 delay) internal pure {
        _relation("withdrawal<timelock", uint256(parameters.challengeWindow) + rules.maxBatchAge < delay);
    }

    /// @notice Bounds of what seats cost, and that no stake leaves before every way to punish it is over.
    function checkStaking(StakingParameters memory staking, Parameters memory parameters, bool devnet) internal pure {
        _bound("minLock", staking.minLock, 1000 * METIS, 50_000 * METIS);
        _bound("maxLock", staking.maxLock, 20_000 * METIS, 1_000_000 * METIS);
        _bound("ejectionBelow", staking.ejectionBelow, 500 * METIS, 50_000 * METIS);
        _bound("exitDelay", staking.exitDelay, devnet ? 10 : 7 * DAY, 60 * DAY);
        _bound("traceWindow", staking.traceWindow, devnet ? 1 : 12 * HOUR, 7 * DAY);
        _bound("refuteWindow", staking.refuteWindow, devnet ? 1 : 12 * HOUR, 14 * DAY);
        _bound("evidenceWindow", staking.evidenceWindow, devnet ? 1 : DAY, 30 * DAY);
        _bound("slashEscrow", staking.slashEscrow, devnet ? 5 : 3 * DAY, 60 * DAY);
        _bound("jail", staking.jail, devnet ? 1 : HOUR, 30 * DAY);
        _bound("maxSeats", staking.maxSeats, devnet ? 1 : 4, 64);
        _bound("reporterShare", staking.reporterShare, 100, 5000);

        _relation("minLock<maxLock", staking.minLock < staking.maxLock);
        _relation("ejectionBelow<minLock", staking.ejectionBelow < staking.minLock);
        uint256 windows =
            uint256(parameters.challengeWindow) + staking.traceWindow + staking.refuteWindow + staking.evidenceWindow;
        _relation("exitDelay>windows", staking.exitDelay > windows);
    }

    /// @notice Bounds of the chain config's rules, as far as L1 counts with them.
    function checkRules(ChainRules memory rules) internal pure {
        _bound("l2ChainId", rules.l2ChainId, 1, type(uint64).max);
        _bound("depositGasLimit", rules.depositGasLimit, 1_000_000, 60_000_000);
        _bound("epochLength", rules.epochLength, 2, 1_000_000);
        _bound("maxAnchorStep", rules.maxAnchorStep, 1, 8191);
        _bound("maxBatchAnchors", rules.maxBatchAnchors, 1, 8191);
        _bound("l1Depth", rules.l1Depth, 1, 256);
        _bound("term", rules.term, 1, 1000);
        _relation("maxAnchorStep<epochLength", rules.maxAnchorStep < rules.epochLength);
        _relation("maxAnchorStep<=maxBatchAnchors", rules.maxAnchorStep <= rules.maxBatchAnchors);
    }

    function _bound(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) {
            revert ISystemConfig.OutOfBounds(name, value, minimum, maximum);
        }
    }

    function _relation(bytes32 name, bool holds) private pure {
        if (!holds) revert ISystemConfig.RelationBroken(name);
    }
}
