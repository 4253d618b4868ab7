// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";

/// @notice The transaction tries of blocks of two, built the other way round from how the contract reads them.
library TransactionTrie {
    using RLP for *;

    /// @notice Keys rlp(0) = 0x80 and rlp(1) = 0x01 part at the first nibble: a branch over two leaves.
    function ofTwo(bytes memory first, bytes memory second)
        internal
        pure
        returns (bytes32 root, bytes[] memory firstProof, bytes[] memory secondProof)
    {
        // One nibble is left of each path: odd leaf, flag 3.
        bytes memory firstLeaf = _leaf(0x30, first);
        bytes memory secondLeaf = _leaf(0x31, second);
        bytes[] memory children = new bytes[](17);
        for (uint256 i = 0; i < 17; ++i) {
            children[i] = bytes("").encode();
        }
        children[8] = keccak256(firstLeaf).encode();
        children[0] = keccak256(secondLeaf).encode();
        bytes memory branch = children.encode();
        root = keccak256(branch);
        (firstProof, secondProof) = (new bytes[](2), new bytes[](2));
        (firstProof[0], firstProof[1]) = (branch, firstLeaf);
        (secondProof[0], secondProof[1]) = (branch, secondLeaf);
    }

    function _leaf(uint8 path, bytes memory value) private pure returns (bytes memory) {
        bytes[] memory items = new bytes[](2);
        items[0] = abi.encodePacked(path).encode();
        items[1] = value.encode();
        return items.encode();
    }
}
