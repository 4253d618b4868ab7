// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {WithdrawalHash} from "../../src/types/Withdrawal.sol";

/// @notice Small Merkle-Patricia tries over withdrawals, built the other way round from how the contract reads them.
library StorageTrie {
    using RLP for *;

    /// @notice Trie of one withdrawal: its root is its leaf.
    function ofOne(bytes32 withdrawalHash) internal pure returns (bytes32 root, bytes[] memory proof) {
        proof = new bytes[](1);
        proof[0] = leaf(key(withdrawalHash), 0, hex"01");
        root = keccak256(proof[0]);
    }

    /// @notice Trie of two entries whose paths part at the first nibble: a branch over two leaves.
    /// @dev Reverts when the paths share the first nibble.
    function ofTwo(bytes32 withdrawalHash, bytes32 other)
        internal
        pure
        returns (bytes32 root, bytes[] memory proof, bytes[] memory otherProof)
    {
        bytes memory own = leaf(key(withdrawalHash), 1, hex"01");
        bytes memory next = leaf(key(other), 1, hex"01");
        uint256 ownNibble = uint256(key(withdrawalHash)) >> 252;
        uint256 nextNibble = uint256(key(other)) >> 252;
        require(ownNibble != nextNibble, "paths do not part at once");

        bytes[] memory children = new bytes[](17);
        for (uint256 i = 0; i < 17; ++i) {
            children[i] = bytes("").encode();
        }
        children[ownNibble] = keccak256(own).encode();
        children[nextNibble] = keccak256(next).encode();
        bytes memory branch = children.encode();

        root = keccak256(branch);
        (proof, otherProof) = (new bytes[](2), new bytes[](2));
        (proof[0], proof[1]) = (branch, own);
        (otherProof[0], otherProof[1]) = (branch, next);
    }

    /// @notice Path of the withdrawal's slot.
    function key(bytes32 withdrawalHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(WithdrawalHash.slot(withdrawalHash)));
    }

    /// @notice Leaf node of `path` without its first `skipped` nibbles (0 or 1), holding the RLP value `value`.
    function leaf(bytes32 path, uint256 skipped, bytes memory value) internal pure returns (bytes memory) {
        bytes memory compact;
        if (skipped == 0) {
            compact = abi.encodePacked(bytes1(0x20), path);
        } else {
            // Odd length: flag 3 and the first nibble that is left share a byte.
            compact = abi.encodePacked(path);
            compact[0] = bytes1(0x30 | (uint8(compact[0]) & 0x0f));
        }
        bytes[] memory items = new bytes[](2);
        items[0] = compact.encode();
        items[1] = value.encode();
        return items.encode();
    }
}
