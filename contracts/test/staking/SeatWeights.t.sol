// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {LibSort} from "solady/utils/LibSort.sol";
import {SeatWeights} from "../../src/libraries/SeatWeights.sol";
import {Test} from "../base/Test.sol";
import {SetModel} from "./SetModel.sol";

/// @notice What a stake counts, and the cap on its share.
contract SeatWeightsTest is Test {
    function test_DelegatedStakeCountsUpToFourTimesTheOwnAndTheMaximum() public pure {
        vm.assertEq(SeatWeights.ofStake(20, 0, 100), 20);
        vm.assertEq(SeatWeights.ofStake(20, 30, 100), 50);
        vm.assertEq(SeatWeights.ofStake(20, 81, 1000), 100);
        vm.assertEq(SeatWeights.ofStake(50, 90, 100), 100);
        vm.assertEq(SeatWeights.ofStake(0, 90, 100), 0);
    }

    function test_CapByExample() public pure {
        vm.assertEq(SeatWeights.cap(_four(25, 25, 25, 25)), 25);
        vm.assertEq(SeatWeights.cap(_four(100, 20, 20, 20)), 29);
        vm.assertEq(SeatWeights.cap(_four(100, 100, 20, 20)), 39);
        vm.assertEq(SeatWeights.cap(_four(100, 100, 100, 20)), 100);
        vm.assertEq(SeatWeights.cap(_four(34, 33, 20, 13)), 32);
    }

    /// @dev Among all values: the largest c with 3c below the sum of the weights capped at c.
    function testFuzz_CapIsTheLargestThatKeepsEachSeatBelowAThird(uint96[] memory given, bool small) public pure {
        vm.assume(given.length >= 4);
        uint256[] memory weights = new uint256[](given.length > 64 ? 64 : given.length);
        for (uint256 i = 0; i < weights.length; ++i) {
            weights[i] = small ? 1 + given[i] % 9 : 18_000 ether + given[i] % 82_000 ether;
        }
        LibSort.sort(weights);
        LibSort.reverse(weights);
        uint256 cap = SeatWeights.cap(weights);
        vm.assertEq(cap, SetModel.largestCap(weights));
        uint256 heaviest = weights[0] < cap ? weights[0] : cap;
        vm.assertLt(3 * heaviest, SetModel.sumCapped(weights, cap));
        vm.assertGt(cap, 0);
    }

    function test_TheOlderSeatComesFirstAmongEquals() public pure {
        uint256[] memory keys = new uint256[](3);
        keys[0] = SeatWeights.keyOf(5, 9);
        keys[1] = SeatWeights.keyOf(5, 2);
        keys[2] = SeatWeights.keyOf(6, 30);
        SeatWeights.select(keys, 2);
        vm.assertEq(keys.length, 2);
        vm.assertEq(SeatWeights.seqIdOf(keys[0]), 30);
        vm.assertEq(SeatWeights.seqIdOf(keys[1]), 2);
    }

    function _four(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (uint256[] memory weights) {
        weights = new uint256[](4);
        (weights[0], weights[1], weights[2], weights[3]) = (a, b, c, d);
    }
}
