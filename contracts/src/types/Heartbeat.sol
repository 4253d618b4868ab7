// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A member's sign of life while no batch comes (docs/spec/below-two-thirds.md). The L1 block keeps it from being
///         signed early or shown late.
struct Heartbeat {
    uint32 generation;
    uint64 epoch;
    uint64 l1BlockNumber;
    bytes32 l1BlockHash;
}

/// @title HeartbeatHash
library HeartbeatHash {
    bytes32 internal constant TYPEHASH =
        keccak256("Heartbeat(uint32 generation,uint64 epoch,uint64 l1BlockNumber,bytes32 l1BlockHash)");

    /// @notice EIP-712 hashStruct.
    function hash(Heartbeat memory beat) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, beat));
    }
}

using HeartbeatHash for Heartbeat global;
