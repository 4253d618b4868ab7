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
        bytes32[] memory leaves = _leaves(seed, count);
        bytes32 top = _top(leaves, 0, count);
        vm.assertEq(this.compute(leaves), keccak256(abi.encodePacked(bytes1(0x02), uint64(count), top)));
    }

    function testFuzz_CountIsBound(bytes32 leaf) public view {
        bytes32[] memory two = new bytes32[](2);
        (two[0], two[1]) = (leaf, leaf);
        vm.assertNotEq(this.compute(two), MerkleRoot.ofOne(leaf));
    }

    function testFuzz_APathLeadsToTheRootFromItsLeafAlone(bytes32 seed, uint256 count, uint256 index, uint256 other)
        public
        view
    {
        count = bound(count, 1, 130);
        (index, other) = (index % count, other % count);
        bytes32[] memory leaves = _leaves(seed, count);
        bytes32[] memory path = _path(leaves, index, 0, count);
        bytes32 leaf = leaves[index];
        bytes32 root = this.compute(leaves);
        vm.assertEq(this.ofPath(leaf, index, count, path), root);
        vm.assertNotEq(this.ofPath(~leaf, index, count, path), root);
        if (other == index) return;
        // Another place has a path of another length, or another root.
        try this.ofPath(leaf, other, count, path) returns (bytes32 found) {
            vm.assertNotEq(found, root);
        } catch {}
    }

    function ofPath(bytes32 leaf, uint256 index, uint256 count, bytes32[] calldata path)
        external
        pure
        returns (bytes32)
    {
        return MerkleRoot.ofPath(leaf, index, count, path);
    }

    function compute(bytes32[] memory leaves) external pure returns (bytes32) {
        return MerkleRoot.compute(leaves);
    }

    function _leaves(bytes32 seed, uint256 count) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = keccak256(abi.encode(seed, i));
        }
    }

    /// @dev From the leaf up: what the half that does not hold the leaf comes to is the last.
    function _path(bytes32[] memory leaves, uint256 index, uint256 from, uint256 to)
        private
        pure
        returns (bytes32[] memory path)
    {
        if (to - from == 1) return new bytes32[](0);
        uint256 middle = from + 1;
        while ((middle - from) * 2 < to - from) middle = from + (middle - from) * 2;
        bool isLeft = index < middle;
        bytes32[] memory below = isLeft ? _path(leaves, index, from, middle) : _path(leaves, index, middle, to);
        path = new bytes32[](below.length + 1);
        for (uint256 i = 0; i < below.length; ++i) {
            path[i] = below[i];
        }
        path[below.length] = isLeft ? _top(leaves, middle, to) : _top(leaves, from, middle);
    }

    /// @dev The left half is the largest power of two below the count: what pairing from the left comes to.
    function _top(bytes32[] memory leaves, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return keccak256(abi.encodePacked(bytes1(0x00), leaves[from]));
        uint256 left = 1;
        while (left * 2 < to - from) left *= 2;
        return keccak256(abi.encodePacked(bytes1(0x01), _top(leaves, from, from + left), _top(leaves, from + left, to)));
    }
}
