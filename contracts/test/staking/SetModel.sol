// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILockingPool, Sequencer} from "../../src/interfaces/ILockingPool.sol";
import {StakingParameters} from "../../src/interfaces/ISystemConfig.sol";
import {SetMember} from "../../src/types/Certificate.sol";

/// @notice The set that a freeze must store, found another way: seats are taken one by one, the cap by bisection, and the
///         order by insertion.
library SetModel {
    function next(ILockingPool pool, StakingParameters memory rules) internal view returns (SetMember[] memory list) {
        uint64[] memory line = pool.line();
        list = new SetMember[](line.length < rules.maxSeats ? line.length : rules.maxSeats);
        bool[] memory taken = new bool[](line.length);
        uint256 count;
        for (; count < list.length; ++count) {
            (bool found, uint256 place) = _heaviest(pool, rules, line, taken);
            if (!found) break;
            taken[place] = true;
            list[count] = SetMember(pool.sequencers(line[place]).signer, uint96(_weight(pool, rules, line[place])));
        }
        assembly {
            mstore(list, count)
        }
        _cap(list);
        _sort(list);
    }

    function totalWeight(SetMember[] memory list) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < list.length; ++i) {
            sum += list[i].weight;
        }
    }

    /// @notice Largest c with 3c below the sum of the weights capped at c, among 1 to the largest weight.
    /// @dev The condition holds up to some c and then no more: each step of c adds 3 on one side and at most as many as
    ///      there are heavier seats on the other, and once that is below three it stays so.
    function largestCap(uint256[] memory weights) internal pure returns (uint256 low) {
        uint256 high;
        for (uint256 i = 0; i < weights.length; ++i) {
            if (weights[i] > high) high = weights[i];
        }
        ++high;
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (3 * middle < sumCapped(weights, middle)) low = middle;
            else high = middle;
        }
    }

    function sumCapped(uint256[] memory weights, uint256 cap) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < weights.length; ++i) {
            sum += weights[i] < cap ? weights[i] : cap;
        }
    }

    function _weight(ILockingPool pool, StakingParameters memory rules, uint64 seqId) private view returns (uint256) {
        Sequencer memory seat = pool.sequencers(seqId);
        if (seat.jailedUntil != 0 || seat.amount < rules.ejectionBelow) return 0;
        return pool.weightOf(seqId);
    }

    function _heaviest(ILockingPool pool, StakingParameters memory rules, uint64[] memory line, bool[] memory taken)
        private
        view
        returns (bool found, uint256 place)
    {
        uint256 most;
        for (uint256 i = 0; i < line.length; ++i) {
            uint256 weight = taken[i] ? 0 : _weight(pool, rules, line[i]);
            bool better = weight > most || (weight == most && weight > 0 && line[i] < line[place]);
            if (better) (found, place, most) = (true, i, weight);
        }
    }

    function _cap(SetMember[] memory list) private pure {
        if (list.length < 4) return;
        uint256[] memory weights = new uint256[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            weights[i] = list[i].weight;
        }
        uint256 cap = largestCap(weights);
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i].weight > cap) list[i].weight = uint96(cap);
        }
    }

    function _sort(SetMember[] memory list) private pure {
        for (uint256 i = 1; i < list.length; ++i) {
            SetMember memory member = list[i];
            uint256 j = i;
            for (; j > 0 && list[j - 1].signer > member.signer; --j) {
                list[j] = list[j - 1];
            }
            list[j] = member;
        }
    }
}
