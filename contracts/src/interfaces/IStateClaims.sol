// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Certificate} from "../types/Certificate.sol";
import {StateClaim} from "../types/StateClaim.sol";

/// @notice Life of a claim. Proven, Rejected and Fraud are reached through proofs and disputes.
enum ClaimStatus {
    None,
    Posted,
    Proven,
    Settled,
    Rejected,
    Fraud,
    Void
}

/// @title IStateClaims
/// @notice What state the batches lead to: claims, and which of them are settled.
interface IStateClaims {
    error NotBatchInbox(address caller);
    error GenesisAlreadyPosted();
    error EmptyClaim();
    error NonZeroExtraHash(bytes32 extraHash);
    /// @notice A batch has at least one block.
    error NoBlocks(uint64 firstBlock, uint64 lastBlock);
    /// @notice The batch has a settled claim.
    error AlreadySettled(uint64 batchIndex);
    /// @notice There is a live claim on this batch and previous output.
    error AlreadyClaimed(uint64 batchIndex, bytes32 prevOutputRoot);
    /// @notice The parent has settled with another output root.
    error WrongPrevOutputRoot(bytes32 expected, bytes32 given);
    /// @notice The parent has settled and ends at another block.
    error WrongFirstBlock(uint64 expected, uint64 given);
    /// @notice Nothing up to this batch can be settled now.
    error NothingToSettle(uint64 settledCount);
    error NotSettled(uint64 batchIndex);

    event ClaimPosted(uint64 indexed batchIndex, bytes32 indexed claimHash, StateClaim claim);
    event ClaimSettled(uint64 indexed batchIndex, bytes32 outputRoot, uint64 lastBlock);
    /// @notice The claim does not continue its settled parent; another may take its place.
    event ClaimVoided(uint64 indexed batchIndex, bytes32 indexed claimHash);

    /// @notice Claims for a batch that came without one. Anyone may post it: the certificate is what counts.
    function postClaim(uint64 batchIndex, StateClaim calldata claim, Certificate calldata certificate) external;

    /// @notice The inbox alone: the claim that came, certified, with a batch.
    function recordClaim(uint64 batchIndex, StateClaim calldata claim) external;

    /// @notice The inbox alone, once: claim 0, settled from the start.
    function recordGenesis(StateClaim calldata claim) external;

    /// @notice Settles as many claims up to `batchIndex` as may be, in order; at most 64 a call. Reverts when none may.
    function settle(uint64 batchIndex) external;

    function claimOf(uint64 batchIndex, bytes32 prevOutputRoot)
        external
        view
        returns (ClaimStatus status, bytes32 claimHash, bytes32 outputRoot, uint64 lastBlock, uint64 postedAt);
    /// @notice Batches 0 to settledCount - 1 are settled.
    function settledCount() external view returns (uint64);
    function settledOutput(uint64 batchIndex) external view returns (bytes32 outputRoot, uint64 lastBlock);
}
