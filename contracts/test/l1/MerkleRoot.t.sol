// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MerkleRoot} from "../../src/libraries/MerkleRoot.sol";
import {Test} from "../base/Test.sol";

/// @notice The loop of the library against the definition, written as it is read.
contract MerkleRootTest is Test {
    function test_RefusesNoLeaves() public {
        vm.expectRevert(MerkleRoot.NoLeaves.selector);
        this.compute(new bytes32[](0));
    }

    function testFuzz_LoopIsTheDefinition(bytes32 seed, uint256 count) public view {
        count = bound(count, 1, 130);
        bytes32[] memory leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = keccak256(abi.encode(seed, i));
        }
        bytes32 top = _top(leaves, 0, count);
        vm.assertEq(this.compute(leaves), keccak256(abi.encodePacked(bytes1(0x02), uint64(count), top)));
    }

    function testFuzz_CountIsBound(bytes32 leaf) public view {
        bytes32[] memory two = new bytes32[](2);
        (two[0], two[1]) = (leaf, leaf);
        vm.assertNotEq(this.compute(two), MerkleRoot.ofOne(leaf));
    }

    function compute(bytes32[] memory leaves) external pure returns (bytes32) {
        return MerkleRoot.compute(leaves);
    }

    /// @dev The left half is the largest power of two below the count: what pairing from the left comes to.
    function _top(bytes32[] memory leaves, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return keccak256(abi.encodePacked(bytes1(0x00), leaves[from]));
        uint256 left = 1;
        while (left * 2 < to - from) left *= 2;
        return keccak256(abi.encodePacked(bytes1(0x01), _top(leaves, from, from + left), _top(leaves, from + left, to)));
    }
}
