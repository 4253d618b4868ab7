// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title MerkleRoot
/// @notice Root over an ordered list, bound to its length (docs/spec/structs.md, "Merkle root"). Leaves, nodes and the
///         root carry different prefixes, so that none can pass for another.
library MerkleRoot {
    /// @notice A list has at least one leaf.
    error NoLeaves();
    /// @notice A path has one sibling for each level at which the leaf has one.
    error WrongPathLength(uint256 given);

    /// @notice Root of `leaves` in their order. Works in place: the array is used up.
    function compute(bytes32[] memory leaves) internal pure returns (bytes32) {
        uint256 count = leaves.length;
        if (count == 0) revert NoLeaves();
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = _leaf(leaves[i]);
        }
        for (uint256 width = count; width > 1; width = (width + 1) / 2) {
            for (uint256 i = 0; i < width / 2; ++i) {
                leaves[i] = _node(leaves[2 * i], leaves[2 * i + 1]);
            }
            // A lone right end moves up unchanged.
            if (width % 2 == 1) leaves[width / 2] = leaves[width - 1];
        }
        return _root(uint64(count), leaves[0]);
    }

    /// @notice Root of a list of `count` whose leaf `index` is `leaf`; not the list's when `path` is not the leaf's.
    /// @param path siblings from the leaf up, without those that are not there where a lone right end moves up
    function ofPath(bytes32 leaf, uint256 index, uint256 count, bytes32[] calldata path)
        internal
        pure
        returns (bytes32)
    {
        bytes32 node = _leaf(leaf);
        uint256 used;
        for (uint256 width = count; width > 1; width = (width + 1) / 2) {
            if ((index ^ 1) < width) {
                if (used == path.length) revert WrongPathLength(path.length);
                bytes32 sibling = path[used++];
                node = index % 2 == 0 ? _node(node, sibling) : _node(sibling, node);
            }
            index /= 2;
        }
        if (used != path.length) revert WrongPathLength(path.length);
        return _root(uint64(count), node);
    }

    /// @notice Root of a list of one.
    function ofOne(bytes32 leaf) internal pure returns (bytes32) {
        return _root(1, _leaf(leaf));
    }

    function _leaf(bytes32 value) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x00), value));
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }

    function _root(uint64 count, bytes32 top) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x02), count, top));
    }
}
