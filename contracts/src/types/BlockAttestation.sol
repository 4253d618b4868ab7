// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What a member signs for one block (docs/spec/structs.md, "BlockAttestation").
struct BlockAttestation {
    uint32 generation;
    uint64 epoch;
    uint64 number;
    bytes32 blockHash;
    bytes32 outputRoot;
    uint64 anchorNumber;
    bytes32 anchorHash;
}

/// @title BlockAttestationHash
library BlockAttestationHash {
    bytes32 internal constant TYPEHASH = keccak256(
        "BlockAttestation(uint32 generation,uint64 epoch,uint64 number,bytes32 blockHash,bytes32 outputRoot,uint64 anchorNumber,bytes32 anchorHash)"
    );

    /// @notice EIP-712 hashStruct.
    function hash(BlockAttestation memory attestation) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, attestation));
    }
}

using BlockAttestationHash for BlockAttestation global;
