// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Certificate} from "../types/Certificate.sol";
import {DataHeader} from "../types/DataHeader.sol";
import {StateClaim} from "../types/StateClaim.sol";

/// @notice What the next batch builds on.
struct BatchHead {
    uint64 batchIndex;
    bytes32 batchHash;
    uint64 lastTimestamp;
    uint64 depositCount;
    uint64 anchorNumber;
    bytes32 anchorHash;
    /// L1 time at which the inbox took the batch
    uint64 postedAt;
}

/// @title IBatchInbox
/// @notice The order of the chain: certified batches, one after the other, and the way out when none come.
interface IBatchInbox {
    error WrongVersion(uint8 version);
    error WrongIndex(uint64 expected, uint64 given);
    error WrongParent(bytes32 expected, bytes32 given);
    error WrongGeneration(uint32 expected, uint32 given);
    error WrongEpoch(uint64 expected, uint64 given);
    error NonZeroExtraHash(bytes32 extraHash);
    /// @notice An anchor never falls.
    error AnchorFell(uint64 parent, uint64 given);
    /// @notice More than maxBatchAnchors in one batch.
    error AnchorTooFar(uint64 maximum, uint64 given);
    /// @notice The chain no longer knows this block's hash: checkpointAnchor brings it back.
    error AnchorUnknown(uint64 number);
    error WrongAnchorHash(uint64 number, bytes32 expected, bytes32 given);
    /// @notice Not exactly the deposits up to the anchor: one was left out, or one was made up.
    error WrongDepositCount(uint64 given, uint64 anchorNumber);
    error WrongDepositQueueHash(bytes32 expected, bytes32 given);
    /// @notice The batch claims to end later than L1's own clock.
    error TimestampInFuture(uint64 given, uint64 l1Time);
    /// @notice Modes 2 (no committee to vouch for the data yet) and 3 (only the inbox itself).
    error UnsupportedDataMode(uint8 mode);
    error EmptyPayload();
    error PayloadTooLarge(uint256 size, uint256 maximum);
    error WrongPayloadSize(uint256 expected, uint256 given);
    error WrongPayloadHash(bytes32 expected, bytes32 given);
    error NonZeroPayloadHash(bytes32 payloadHash);
    error WrongDataCommitment(bytes32 expected, bytes32 given);
    /// @notice Blob mode carries no data in calldata.
    error UnexpectedData(uint256 length);
    /// @notice The transaction carries more or fewer blobs than the payload fills.
    error WrongBlobCount(uint256 expected, uint256 given);
    /// @notice The claim is about another batch.
    error WrongBatchHash(bytes32 expected, bytes32 given);
    error UnknownBatch(uint64 batchIndex);
    /// @notice A batch was accepted lately and no deposit is overdue.
    error NoCauseForEscape(uint64 causeAt);
    error EscapeAlreadyAnnounced(uint64 readyAt);
    error EscapeNotAnnounced();
    error EscapeTooEarly(uint64 readyAt);
    /// @notice Only EmergencyHandover raises the generation without a header.
    error NotEmergencyHandover(address caller);
    error NoHeaders();
    /// @notice A header's hash is not the parent hash of the one before.
    error BrokenHeaderRun(uint256 position);

    event BatchPosted(
        uint64 indexed batchIndex, bytes32 indexed batchHash, DataHeader header, bytes32[] versionedHashes
    );
    /// @notice Payload of a batch in mode 0, in the transaction that posts it.
    event BatchData(uint64 indexed batchIndex, bytes payload);
    event AnchorCheckpointed(uint64 indexed number, bytes32 hash);
    event EscapeAnnounced(uint64 readyAt);
    /// @notice The cause of an announced escape has gone.
    event EscapeVoided();
    event GenerationRaised(uint32 generation, uint64 batchIndex);

    /// @notice Appends a batch. Anyone may post it: the certificate is what counts. Posts its state claim, too, unless
    ///         that is the empty claim.
    /// @param data the payload in mode 0, else empty
    function submitBatch(
        DataHeader calldata header,
        StateClaim calldata claim,
        Certificate calldata certificate,
        bytes calldata data
    ) external;

    /// @notice Remembers the hash of an L1 block that is older than the chain's own memory. In as many calls as needed.
    /// @param headers RLP headers, newest first, each the parent of the one before; the first's hash is known
    function checkpointAnchor(bytes[] calldata headers) external;

    /// @notice Begins the escape, when no batch came for escapeDelay or a deposit has waited that long.
    function announceEscape() external;

    /// @notice After pinWindow, with the cause still there: appends a header of deposits only and raises the generation.
    function escape() external;

    /// @notice EmergencyHandover alone: the next batch is of the generation after this one, on the same parent.
    function raiseGeneration() external;

    /// @notice L1 time of the last batch that members have signed; escapes do not count.
    function certifiedAt() external view returns (uint64);

    /// @notice Index of the next batch.
    function batchCount() external view returns (uint64);
    function batchHashAt(uint64 batchIndex) external view returns (bytes32);
    /// @notice Epoch whose set signs for the batch.
    function epochAt(uint64 batchIndex) external view returns (uint64);
    function head() external view returns (BatchHead memory);
    /// @notice Epoch of the next batch.
    function nextEpoch() external view returns (uint64);
    function generation() external view returns (uint32);
    function genesisConfigHash() external view returns (bytes32);
    function domainSeparator() external view returns (bytes32);
    /// @notice Time from which escape() works; 0 when none is announced.
    function escapeReadyAt() external view returns (uint64);
    /// @notice First second at which an escape has a cause, as things stand.
    function escapeCauseAt() external view returns (uint64);
    /// @notice Hash of L1 block `number` as far as the chain or a checkpoint knows it, else zero.
    function anchorHashAt(uint64 number) external view returns (bytes32);
    /// @notice Reverts unless `certificate` certifies `claim` for the batch.
    function checkClaim(uint64 batchIndex, StateClaim calldata claim, Certificate calldata certificate) external view;
}
