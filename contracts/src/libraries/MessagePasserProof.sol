// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TrieProof} from "@openzeppelin/contracts/utils/cryptography/TrieProof.sol";
import {WithdrawalHash} from "../types/Withdrawal.sol";

/// @title MessagePasserProof
/// @notice Shows that L2ToL1MessagePasser holds a withdrawal.
library MessagePasserProof {
    /// @dev A path has at most 64 nibbles and thus 65 nodes.
    uint256 internal constant MAX_NODES = 65;

    /// @notice Whether `proof` leads from `storageRoot` to the value 1 in the withdrawal's slot. Reverts on malformed
    ///         RLP; never says yes to what is not in the trie.
    function holds(bytes32 withdrawalHash, bytes32 storageRoot, bytes[] memory proof) internal pure returns (bool) {
        if (proof.length > MAX_NODES) return false;
        // Storage tries are keyed by the hash of the slot; 0x01 is the RLP form of 1.
        bytes memory key = abi.encodePacked(keccak256(abi.encode(WithdrawalHash.slot(withdrawalHash))));
        return TrieProof.verify(hex"01", storageRoot, key, proof);
    }
}
