// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {LibSort} from "solady/utils/LibSort.sol";
import {SetMember} from "../types/Certificate.sol";

/// @title SeatWeights
/// @notice What a stake counts in a set (docs/spec/staking.md, "Weights").
library SeatWeights {
    /// @dev From this many seats on, the loss of any one must leave more than two thirds.
    uint256 internal constant CAPPED_FROM = 4;
    /// @dev The own stake is at least this part of what counts.
    uint256 internal constant OWN_PART = 5;

    /// @notice Weight of a stake: own and delegated, up to `maxLock` and to five times the own.
    function ofStake(uint256 own, uint256 delegated, uint256 maxLock) internal pure returns (uint256 weight) {
        weight = own + delegated;
        if (weight > own * OWN_PART) weight = own * OWN_PART;
        if (weight > maxLock) weight = maxLock;
    }

    /// @notice The largest c with 3c below the sum of the weights capped at c; the largest weight when none passes it.
    /// @dev At most two weights can lie above c: were there three, 3c would always be below the sum. So either the
    ///      heaviest alone is capped (3c < c + rest) or the two heaviest are (3c < 2c + rest).
    /// @param weights descending, at least CAPPED_FROM of them, none zero
    function cap(uint256[] memory weights) internal pure returns (uint256) {
        uint256 sum;
        for (uint256 i = 0; i < weights.length; ++i) {
            sum += weights[i];
        }
        if (3 * weights[0] < sum) return weights[0];
        uint256 rest = sum - weights[0];
        uint256 one = (rest - 1) / 2;
        return weights[1] <= one ? one : rest - weights[1] - 1;
    }

    /// @notice Descending order by weight, the older seat first among equals, of which the first `maxSeats` are kept.
    /// @param keys made by `keyOf`; sorted in place
    function select(uint256[] memory keys, uint256 maxSeats) internal pure {
        LibSort.sort(keys);
        LibSort.reverse(keys);
        if (keys.length > maxSeats) {
            assembly {
                mstore(keys, maxSeats)
            }
        }
    }

    /// @notice A seat as a number that orders it.
    function keyOf(uint256 weight, uint64 seqId) internal pure returns (uint256) {
        return (weight << 64) | (type(uint64).max - seqId);
    }

    function seqIdOf(uint256 key) internal pure returns (uint64) {
        return type(uint64).max - uint64(key);
    }

    function weightsOf(uint256[] memory keys) internal pure returns (uint256[] memory weights) {
        weights = new uint256[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            weights[i] = keys[i] >> 64;
        }
    }

    /// @notice Members with their capped weights, strictly ascending by signer.
    /// @param signers as many as `weights`, all different
    /// @param weights descending; capped in place
    function members(address[] memory signers, uint256[] memory weights)
        internal
        pure
        returns (SetMember[] memory list, uint256 totalWeight)
    {
        uint256 most = weights.length >= CAPPED_FROM ? cap(weights) : type(uint96).max;
        uint256[] memory packed = new uint256[](signers.length);
        for (uint256 i = 0; i < signers.length; ++i) {
            uint256 weight = weights[i] < most ? weights[i] : most;
            totalWeight += weight;
            packed[i] = (uint256(uint160(signers[i])) << 96) | weight;
        }
        LibSort.sort(packed);
        list = new SetMember[](signers.length);
        for (uint256 i = 0; i < packed.length; ++i) {
            list[i] = SetMember(address(uint160(packed[i] >> 96)), uint96(packed[i]));
        }
    }
}
