// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Entry of the deposit queue (docs/spec/structs.md, "Deposit").
struct Deposit {
    uint64 index;
    uint64 l1BlockNumber;
    address from;
    address to;
    uint256 mint;
    uint256 value;
    uint64 gasLimit;
    bool isCreation;
    bytes data;
}

/// @title DepositHash
library DepositHash {
    /// @notice Hash of one entry.
    function hash(Deposit memory deposit) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                deposit.index,
                deposit.l1BlockNumber,
                deposit.from,
                deposit.to,
                deposit.mint,
                deposit.value,
                deposit.gasLimit,
                deposit.isCreation,
                keccak256(deposit.data)
            )
        );
    }

    /// @notice Queue hash after the entry `depositHash` follows the queue `queueHash`.
    function append(bytes32 queueHash, bytes32 depositHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(queueHash, depositHash));
    }

    /// @notice Names the deposit's transaction on L2.
    function sourceHash(uint64 index) internal pure returns (bytes32) {
        return keccak256(abi.encode(uint256(2), uint256(index)));
    }

    /// @notice Names the system transaction of L2 block `number`.
    function systemSourceHash(uint64 number) internal pure returns (bytes32) {
        return keccak256(abi.encode(uint256(1), uint256(number)));
    }
}

using DepositHash for Deposit global;
