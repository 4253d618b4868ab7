// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MerkleRoot} from "../libraries/MerkleRoot.sol";

/// @notice State that a batch is claimed to lead to (docs/spec/structs.md, "StateClaim").
struct StateClaim {
    bytes32 batchHash;
    bytes32 prevOutputRoot;
    bytes32 inputsRoot;
    bytes32 outputsRoot;
    uint64 firstBlock;
    uint64 lastBlock;
    bytes32 lastBlockHash;
    bytes32 outputRoot;
    bytes32 extraHash;
}

/// @title StateClaimHash
/// @notice Hash of a StateClaim, and the claims with a meaning of their own.
library StateClaimHash {
    bytes32 internal constant TYPEHASH = keccak256(
        "StateClaim(bytes32 batchHash,bytes32 prevOutputRoot,bytes32 inputsRoot,bytes32 outputsRoot,uint64 firstBlock,uint64 lastBlock,bytes32 lastBlockHash,bytes32 outputRoot,bytes32 extraHash)"
    );

    /// @notice EIP-712 hashStruct.
    function hash(StateClaim memory claim) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, claim));
    }

    /// @notice True when nothing but the batch is named: the certificate then certifies the order alone.
    function isEmpty(StateClaim memory claim) internal pure returns (bool) {
        return claim.prevOutputRoot == 0 && claim.inputsRoot == 0 && claim.outputsRoot == 0 && claim.firstBlock == 0
            && claim.lastBlock == 0 && claim.lastBlockHash == 0 && claim.outputRoot == 0 && claim.extraHash == 0;
    }

    /// @notice StateClaim 0: block 0 and its output root.
    function genesis(bytes32 headerHash, bytes32 l2GenesisHash, bytes32 outputRoot)
        internal
        pure
        returns (StateClaim memory claim)
    {
        claim.batchHash = headerHash;
        claim.outputsRoot = MerkleRoot.ofOne(outputRoot);
        claim.lastBlockHash = l2GenesisHash;
        claim.outputRoot = outputRoot;
    }
}

using StateClaimHash for StateClaim global;
