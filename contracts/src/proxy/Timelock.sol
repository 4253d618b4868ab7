// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Timelock
/// @notice Owner of every proxy and of SystemConfig: what it does was announced `getMinDelay` before. It has no admin but
///         itself, and even it cannot make the delay shorter than it was at the start.
contract Timelock is TimelockController {
    uint256 private constant ETHEREUM = 1;
    uint256 private constant LEAST_ON_ETHEREUM = 7 days;
    uint256 private constant LONGEST = 90 days;

    /// @notice Seconds; the delay is never below. SystemConfig relates the challenge window to it.
    uint256 public immutable FLOOR;

    /// @notice The delay stays between the floor and 90 days.
    error DelayOutOfBounds(uint256 given, uint256 minimum, uint256 maximum);

    /// @param minDelay seconds: the delay, and its floor for ever
    constructor(uint256 minDelay, address[] memory proposers, address[] memory executors)
        TimelockController(minDelay, proposers, executors, address(0))
    {
        _bound(minDelay, block.chainid == ETHEREUM ? LEAST_ON_ETHEREUM : 0);
        FLOOR = minDelay;
    }

    /// @notice Changes the delay of what is announced from now on. By an operation of its own, like everything.
    function updateDelay(uint256 newDelay) public override {
        _bound(newDelay, FLOOR);
        super.updateDelay(newDelay);
    }

    function _bound(uint256 given, uint256 minimum) private pure {
        if (given < minimum || given > LONGEST) revert DelayOutOfBounds(given, minimum, LONGEST);
    }
}
