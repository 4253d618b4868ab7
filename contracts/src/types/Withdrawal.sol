// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Entry of L2ToL1MessagePasser (docs/spec/structs.md, "Withdrawal").
struct Withdrawal {
    uint256 nonce;
    address sender;
    address target;
    uint256 value;
    uint256 gasLimit;
    bytes data;
}

/// @notice Preimage of an output root.
struct OutputRootProof {
    bytes32 version;
    bytes32 stateRoot;
    bytes32 messagePasserStorageRoot;
    bytes32 blockHash;
}

/// @title WithdrawalHash
library WithdrawalHash {
    /// @notice Names a withdrawal on both layers.
    function hash(Withdrawal memory withdrawal) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                withdrawal.nonce,
                withdrawal.sender,
                withdrawal.target,
                withdrawal.value,
                withdrawal.gasLimit,
                withdrawal.data
            )
        );
    }

    /// @notice Slot of L2ToL1MessagePasser that holds 1 when the withdrawal was made: entry of the mapping at slot 0.
    function slot(bytes32 withdrawalHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(withdrawalHash, uint256(0)));
    }
}

/// @title OutputRootHash
library OutputRootHash {
    /// @notice The output root that `proof` opens.
    function hash(OutputRootProof memory proof) internal pure returns (bytes32) {
        return keccak256(abi.encode(proof));
    }
}

using WithdrawalHash for Withdrawal global;
using OutputRootHash for OutputRootProof global;
