// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What one L2 block is made of, before execution (docs/spec/structs.md, "Block inputs leaf").
struct BlockInputs {
    uint64 number;
    uint64 time;
    uint32 generation;
    uint8 flags;
    address proposer;
    uint64 anchorNumber;
    bytes32 anchorHash;
    uint64 depositStart;
    uint64 depositEnd;
    uint256 rate;
    /// keccak256 of the attendance bytes
    bytes32 attendanceHash;
    /// keccak256 of the RLP list of the transactions as posted
    bytes32 transactionsHash;
}

/// @title BlockInputsHash
library BlockInputsHash {
    /// @notice Leaf of `inputsRoot`.
    function leaf(BlockInputs memory inputs) internal pure returns (bytes32) {
        return keccak256(abi.encode(inputs));
    }
}

using BlockInputsHash for BlockInputs global;
