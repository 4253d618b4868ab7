// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title MerkleRoot
/// @notice Root over an ordered list, bound to its length (docs/spec/structs.md, "Merkle root"). Leaves, nodes and the
///         root carry different prefixes, so that none can pass for another.
library MerkleRoot {
    /// @notice A list has at least one leaf.
    error NoLeaves();

    /// @notice Root of `leaves` in their order. Works in place: the array is used up.
    function compute(bytes32[] memory leaves) internal pure returns (bytes32) {
        uint256 count = leaves.length;
        if (count == 0) revert NoLeaves();
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = _leaf(leaves[i]);
        }
        for (uint256 width = count; width > 1; width = (width + 1) / 2) {
            for (uint256 i = 0; i < width / 2; ++i) {
                leaves[i] = keccak256(abi.encodePacked(bytes1(0x01), leaves[2 * i], leaves[2 * i + 1]));
            }
            // A lone right end moves up unchanged.
            if (width % 2 == 1) leaves[width / 2] = leaves[width - 1];
        }
        return _root(uint64(count), leaves[0]);
    }

    /// @notice Root of a list of one.
    function ofOne(bytes32 leaf) internal pure returns (bytes32) {
        return _root(1, _leaf(leaf));
    }

    function _leaf(bytes32 value) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x00), value));
    }

    function _root(uint64 count, bytes32 top) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x02), count, top));
    }
}
