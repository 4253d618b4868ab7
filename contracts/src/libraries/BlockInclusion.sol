// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockHeader} from "@openzeppelin/contracts/utils/BlockHeader.sol";
import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {TrieProof} from "@openzeppelin/contracts/utils/cryptography/TrieProof.sol";
import {ClaimStatus, IStateClaims} from "../interfaces/IStateClaims.sol";
import {ISlashingManager} from "../interfaces/ISlashingManager.sol";
import {Inclusion} from "../types/Inclusion.sol";
import {MerkleRoot} from "./MerkleRoot.sol";

/// @title BlockInclusion
/// @notice Shows from a settled claim that a transaction stands at a place of an L2 block, and who proposed the block.
library BlockInclusion {
    /// @notice What is proven of a place in the chain.
    struct Place {
        uint64 number;
        uint64 index;
        uint32 generation;
        address proposer;
        bytes32 transactionHash;
    }

    /// @dev The key of a transaction has at most 18 nibbles.
    uint256 private constant MAX_NODES = 19;
    /// @dev version ‖ flags ‖ generation ‖ proposer
    uint256 private constant EXTRA_DATA_SIZE = 26;

    /// @notice Reverts unless every step from the settled claim to the transaction holds.
    function prove(Inclusion calldata given, IStateClaims stateClaims) internal view returns (Place memory place) {
        _requireSettled(given, stateClaims);
        bytes32 blockHash = keccak256(given.header);
        Memory.Slice[] memory fields = BlockHeader.parseHeader(given.header);
        uint256 number = BlockHeader.getNumber(fields);
        _requireInClaim(given, number, blockHash);
        place.number = uint64(number);
        place.index = given.transactionIndex;
        (place.generation, place.proposer) = _makerOf(BlockHeader.getExtraData(fields));
        place.transactionHash = _transactionAt(BlockHeader.getTransactionsRoot(fields), given);
    }

    /// @notice Whether `a` stands before `b` in the chain.
    function isBefore(Place memory a, Place memory b) internal pure returns (bool) {
        return a.number < b.number || (a.number == b.number && a.index < b.index);
    }

    function _requireSettled(Inclusion calldata given, IStateClaims stateClaims) private view {
        (ClaimStatus status, bytes32 claimHash,,,) = stateClaims.claimOf(given.batchIndex, given.claim.prevOutputRoot);
        if (status != ClaimStatus.Settled || claimHash != given.claim.hash()) {
            revert ISlashingManager.ClaimNotSettled(given.batchIndex);
        }
    }

    /// @dev The leaf's place in outputsRoot is the block's in the claim, so the number is proven with the hash.
    function _requireInClaim(Inclusion calldata given, uint256 number, bytes32 blockHash) private pure {
        (uint256 first, uint256 last) = (given.claim.firstBlock, given.claim.lastBlock);
        if (number < first || number > last) revert ISlashingManager.BlockNotInClaim(number);
        bytes32 outputRoot =
            keccak256(abi.encodePacked(bytes32(0), given.stateRoot, given.messagePasserStorageRoot, blockHash));
        bytes32 root = MerkleRoot.ofPath(outputRoot, number - first, last - first + 1, given.outputPath);
        if (root != given.claim.outputsRoot) revert ISlashingManager.BlockNotInClaim(number);
    }

    function _makerOf(bytes memory extraData) private pure returns (uint32 generation, address proposer) {
        if (extraData.length != EXTRA_DATA_SIZE) revert ISlashingManager.UnknownExtraData(extraData);
        uint256 word = uint256(bytes32(extraData));
        generation = uint32(word >> 208);
        proposer = address(uint160(word >> 48));
    }

    function _transactionAt(bytes32 root, Inclusion calldata given) private pure returns (bytes32) {
        if (given.transactionProof.length > MAX_NODES) revert ISlashingManager.ProofTooLong();
        return keccak256(TrieProof.traverse(root, RLP.encode(uint256(given.transactionIndex)), given.transactionProof));
    }
}
