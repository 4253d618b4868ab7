// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {FrozenSet} from "../types/Seat.sol";

/// @title EpochSets
/// @notice The sets that were frozen, one after the other. What is in it never changes.
library EpochSets {
    /// @dev Epochs asked for are almost always among the last; older ones are found by bisection.
    uint256 private constant NEAR = 3;

    struct History {
        FrozenSet[] sets;
    }

    /// @notice Appends the set of `epoch`, later than all before.
    function push(History storage history, uint64 epoch, bytes32 setHash, uint256 totalWeight) internal {
        history.sets
            .push(
                FrozenSet({
                    setHash: setHash,
                    totalWeight: uint96(totalWeight),
                    epoch: uint48(epoch),
                    frozenAt: uint48(block.timestamp),
                    blockNumber: uint48(block.number)
                })
            );
    }

    /// @notice The set last frozen for an epoch up to `epoch`. The first set is that of epoch 0.
    function setAt(History storage history, uint64 epoch) internal view returns (FrozenSet storage) {
        FrozenSet[] storage sets = history.sets;
        uint256 high = sets.length;
        for (uint256 i = 0; i < NEAR && high > 0; ++i) {
            if (sets[--high].epoch <= epoch) return sets[high];
        }
        uint256 low = 0;
        // sets[low].epoch <= epoch < sets[high].epoch
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (sets[middle].epoch <= epoch) low = middle;
            else high = middle;
        }
        return sets[low];
    }

    function last(History storage history) internal view returns (FrozenSet storage) {
        return history.sets[history.sets.length - 1];
    }

    function count(History storage history) internal view returns (uint48) {
        return uint48(history.sets.length);
    }
}
