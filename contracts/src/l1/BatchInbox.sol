// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {BatchHead, IBatchInbox} from "../interfaces/IBatchInbox.sol";
import {IEmergencyHandover} from "../interfaces/IEmergencyHandover.sol";
import {IPortal} from "../interfaces/IPortal.sol";
import {IStateClaims} from "../interfaces/IStateClaims.sol";
import {ISystemConfig, L1Addresses, Parameters} from "../interfaces/ISystemConfig.sol";
import {AnchorHistory} from "../libraries/AnchorHistory.sol";
import {Certificates} from "../libraries/Certificates.sol";
import {PayloadRules} from "../libraries/PayloadRules.sol";
import {Certificate} from "../types/Certificate.sol";
import {ChainRules} from "../types/ChainConfig.sol";
import {DataHeader, DataHeaders, DataMode} from "../types/DataHeader.sol";
import {GenesisConfig} from "../types/GenesisConfig.sol";
import {StateClaim, StateClaimHash} from "../types/StateClaim.sol";

/// @title BatchInbox
/// @notice Takes certified batches one after the other. What it has taken is the order of the chain, for good.
/// @dev Invariants: each header's parent is the one before; anchors and deposit counts never fall; the deposits of a batch
///      are exactly those up to its anchor; the generation never falls.
contract BatchInbox is IBatchInbox, Initializable {
    using AnchorHistory for AnchorHistory.Checkpoints;

    /// @dev Of every batch: what later claims about it need.
    struct Batch {
        bytes32 hash;
        uint64 epoch;
        uint64 postedAt;
        uint32 generation;
    }

    /// @custom:storage-location erc7201:metis.storage.BatchInbox
    struct BatchInboxStorage {
        // What the next batch builds on.
        uint64 batchCount;
        uint64 lastTimestamp;
        uint64 postedAt;
        uint32 generation;
        uint64 anchorNumber;
        uint64 depositCount;
        /// 0: no escape announced
        uint64 escapeReadyAt;
        bytes32 anchorHash;
        mapping(uint64 batchIndex => Batch) batches;
        AnchorHistory.Checkpoints checkpoints;
        // Fixed at initialisation.
        bytes32 domainSeparator;
        bytes32 genesisConfigHash;
        IEmergencyHandover emergencyHandover;
        uint64 genesisAnchorNumber;
        uint32 epochLength;
        IPortal portal;
        uint32 maxBatchAnchors;
        uint32 l1Depth;
        IStateClaims stateClaims;
        ISystemConfig systemConfig;
        /// of the last batch that members have signed
        uint64 certifiedAt;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.BatchInbox")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0xaae4495b825d2e0c409a9d35a14bad57e77edb361af6cc7bd8d1366ea795e400;

    constructor() {
        _disableInitializers();
    }

    /// @notice Fixes what the chain is and takes batch 0. SystemConfig, Portal and StateClaims must be initialised before.
    /// @param l2GenesisHash hash of L2 block 0
    /// @param genesisOutputRoot its output root
    function initialize(ISystemConfig systemConfig, bytes32 l2GenesisHash, bytes32 genesisOutputRoot)
        external
        initializer
    {
        ChainRules memory rules = systemConfig.chainRules();
        _fix(systemConfig, rules, l2GenesisHash);
        _storage().checkpoints.check(rules.genesisAnchorNumber, rules.genesisAnchorHash);

        DataHeader memory header =
            DataHeaders.genesis(rules.genesisAnchorNumber, rules.genesisAnchorHash, rules.genesisAnchorTime);
        bytes32 batchHash = _append(header, new bytes32[](0));
        _storage().certifiedAt = uint64(block.timestamp);
        _storage().stateClaims.recordGenesis(StateClaimHash.genesis(batchHash, l2GenesisHash, genesisOutputRoot));
    }

    /// @inheritdoc IBatchInbox
    function submitBatch(
        DataHeader calldata header,
        StateClaim calldata claim,
        Certificate calldata certificate,
        bytes calldata data
    ) external {
        _checkOrder(header);
        _checkAnchor(header);
        _checkDeposits(header);
        if (header.lastTimestamp > block.timestamp) {
            revert TimestampInFuture(header.lastTimestamp, uint64(block.timestamp));
        }
        bytes32[] memory versionedHashes = PayloadRules.check(header, data);
        bytes32 batchHash = header.hash();
        _checkClaim(batchHash, header.epoch, header.generation, claim, certificate);

        _append(header, versionedHashes);
        _storage().certifiedAt = uint64(block.timestamp);
        if (header.dataMode == DataMode.CALLDATA) emit BatchData(header.batchIndex, data);
        _voidEscape();
        if (!claim.isEmpty()) _storage().stateClaims.recordClaim(header.batchIndex, claim);
    }

    /// @inheritdoc IBatchInbox
    function checkpointAnchor(bytes[] calldata headers) external {
        (uint64 number, bytes32 hash) = _storage().checkpoints.extend(headers);
        emit AnchorCheckpointed(number, hash);
    }

    /// @inheritdoc IBatchInbox
    function announceEscape() external {
        BatchInboxStorage storage $ = _storage();
        if ($.escapeReadyAt != 0) revert EscapeAlreadyAnnounced($.escapeReadyAt);
        Parameters memory parameters = $.systemConfig.parameters();
        _requireCause(parameters);
        uint64 readyAt = uint64(block.timestamp) + parameters.pinWindow;
        $.escapeReadyAt = readyAt;
        emit EscapeAnnounced(readyAt);
    }

    /// @inheritdoc IBatchInbox
    function escape() external {
        BatchInboxStorage storage $ = _storage();
        uint64 readyAt = $.escapeReadyAt;
        if (readyAt == 0) revert EscapeNotAnnounced();
        if (block.timestamp < readyAt) revert EscapeTooEarly(readyAt);
        _requireCause($.systemConfig.parameters());

        $.escapeReadyAt = 0;
        $.generation += 1;
        emit GenerationRaised($.generation, $.batchCount);
        _append(_escapeHeader(), new bytes32[](0));
    }

    /// @inheritdoc IBatchInbox
    function raiseGeneration() external {
        BatchInboxStorage storage $ = _storage();
        if (msg.sender != address($.emergencyHandover)) revert NotEmergencyHandover(msg.sender);
        $.generation += 1;
        emit GenerationRaised($.generation, $.batchCount);
    }

    /// @inheritdoc IBatchInbox
    function certifiedAt() external view returns (uint64) {
        return _storage().certifiedAt;
    }

    /// @inheritdoc IBatchInbox
    function batchCount() external view returns (uint64) {
        return _storage().batchCount;
    }

    /// @inheritdoc IBatchInbox
    function batchHashAt(uint64 batchIndex) external view returns (bytes32) {
        return _batch(batchIndex).hash;
    }

    /// @inheritdoc IBatchInbox
    function epochAt(uint64 batchIndex) external view returns (uint64) {
        return _batch(batchIndex).epoch;
    }

    /// @inheritdoc IBatchInbox
    function head() external view returns (BatchHead memory) {
        BatchInboxStorage storage $ = _storage();
        uint64 last = $.batchCount - 1;
        return BatchHead({
            batchIndex: last,
            batchHash: $.batches[last].hash,
            lastTimestamp: $.lastTimestamp,
            depositCount: $.depositCount,
            anchorNumber: $.anchorNumber,
            anchorHash: $.anchorHash,
            postedAt: $.postedAt
        });
    }

    /// @inheritdoc IBatchInbox
    function nextEpoch() external view returns (uint64) {
        return _nextEpoch();
    }

    /// @inheritdoc IBatchInbox
    function generation() external view returns (uint32) {
        return _storage().generation;
    }

    /// @inheritdoc IBatchInbox
    function genesisConfigHash() external view returns (bytes32) {
        return _storage().genesisConfigHash;
    }

    /// @inheritdoc IBatchInbox
    function domainSeparator() external view returns (bytes32) {
        return _storage().domainSeparator;
    }

    /// @inheritdoc IBatchInbox
    function escapeReadyAt() external view returns (uint64) {
        return _storage().escapeReadyAt;
    }

    /// @inheritdoc IBatchInbox
    function escapeCauseAt() external view returns (uint64) {
        return _causeAt(_storage().systemConfig.parameters());
    }

    /// @inheritdoc IBatchInbox
    function anchorHashAt(uint64 number) external view returns (bytes32) {
        return _storage().checkpoints.hashAt(number);
    }

    /// @inheritdoc IBatchInbox
    function checkClaim(uint64 batchIndex, StateClaim calldata claim, Certificate calldata certificate) external view {
        Batch storage batch = _batch(batchIndex);
        _checkClaim(batch.hash, batch.epoch, batch.generation, claim, certificate);
    }

    /// @dev Stores what never changes.
    function _fix(ISystemConfig systemConfig, ChainRules memory rules, bytes32 l2GenesisHash) private {
        L1Addresses memory addresses = systemConfig.addresses();
        BatchInboxStorage storage $ = _storage();
        $.systemConfig = systemConfig;
        $.portal = IPortal(addresses.portal);
        $.stateClaims = IStateClaims(addresses.stateClaims);
        $.emergencyHandover = IEmergencyHandover(addresses.emergencyHandover);
        $.genesisAnchorNumber = rules.genesisAnchorNumber;
        $.epochLength = rules.epochLength;
        $.maxBatchAnchors = rules.maxBatchAnchors;
        $.l1Depth = rules.l1Depth;

        GenesisConfig memory genesis = GenesisConfig({
            l1ChainId: block.chainid,
            l2ChainId: rules.l2ChainId,
            batchInbox: address(this),
            portal: addresses.portal,
            stateClaims: addresses.stateClaims,
            systemConfig: address(systemConfig),
            metisToken: addresses.metisToken,
            l1Messenger: addresses.l1Messenger,
            l1StandardBridge: addresses.l1StandardBridge,
            l2GenesisHash: l2GenesisHash
        });
        $.genesisConfigHash = genesis.hash();
        $.domainSeparator = genesis.domainSeparator();
    }

    function _checkOrder(DataHeader calldata header) private view {
        BatchInboxStorage storage $ = _storage();
        uint64 index = $.batchCount;
        if (header.version != DataHeaders.VERSION) revert WrongVersion(header.version);
        if (header.batchIndex != index) revert WrongIndex(index, header.batchIndex);
        bytes32 parent = $.batches[index - 1].hash;
        if (header.parentHash != parent) revert WrongParent(parent, header.parentHash);
        if (header.generation != $.generation) revert WrongGeneration($.generation, header.generation);
        uint64 epoch = _nextEpoch();
        if (header.epoch != epoch) revert WrongEpoch(epoch, header.epoch);
        if (header.extraHash != 0) revert NonZeroExtraHash(header.extraHash);
    }

    function _checkAnchor(DataHeader calldata header) private view {
        BatchInboxStorage storage $ = _storage();
        uint64 parent = $.anchorNumber;
        if (header.anchorNumber < parent) revert AnchorFell(parent, header.anchorNumber);
        uint64 maximum = parent + $.maxBatchAnchors;
        if (header.anchorNumber > maximum) revert AnchorTooFar(maximum, header.anchorNumber);
        if (header.anchorNumber != parent) {
            $.checkpoints.check(header.anchorNumber, header.anchorHash);
        } else if (header.anchorHash != $.anchorHash) {
            revert WrongAnchorHash(parent, $.anchorHash, header.anchorHash);
        }
    }

    function _checkDeposits(DataHeader calldata header) private view {
        (bool exact, bytes32 queueHash) = _storage().portal.queueStateAt(header.depositCount, header.anchorNumber);
        if (!exact) revert WrongDepositCount(header.depositCount, header.anchorNumber);
        if (queueHash != header.depositQueueHash) revert WrongDepositQueueHash(queueHash, header.depositQueueHash);
    }

    function _checkClaim(
        bytes32 batchHash,
        uint64 epoch,
        uint32 generation_,
        StateClaim calldata claim,
        Certificate calldata certificate
    ) private view {
        if (claim.batchHash != batchHash) revert WrongBatchHash(batchHash, claim.batchHash);
        BatchInboxStorage storage $ = _storage();
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", $.domainSeparator, claim.hash()));
        (bytes32 setHash, uint256 totalWeight) = $.emergencyHandover.setFor(epoch, generation_);
        Certificates.check(certificate, digest, setHash, totalWeight);
    }

    /// @dev Takes a header whose every field has been checked or made here.
    function _append(DataHeader memory header, bytes32[] memory versionedHashes) private returns (bytes32 batchHash) {
        BatchInboxStorage storage $ = _storage();
        batchHash = header.hash();
        $.batches[header.batchIndex] = Batch(batchHash, header.epoch, uint64(block.timestamp), header.generation);
        $.batchCount = header.batchIndex + 1;
        $.lastTimestamp = header.lastTimestamp;
        $.postedAt = uint64(block.timestamp);
        $.anchorNumber = header.anchorNumber;
        $.anchorHash = header.anchorHash;
        $.depositCount = header.depositCount;
        emit BatchPosted(header.batchIndex, batchHash, header, versionedHashes);
    }

    /// @dev Anchor: as far as one batch may go, l1Depth below L1's head, never below the parent's.
    function _escapeHeader() private view returns (DataHeader memory header) {
        BatchInboxStorage storage $ = _storage();
        uint256 deep = block.number - $.l1Depth;
        uint64 anchor = $.anchorNumber + $.maxBatchAnchors;
        if (deep < anchor) anchor = deep > $.anchorNumber ? uint64(deep) : $.anchorNumber;

        header.version = DataHeaders.VERSION;
        header.batchIndex = $.batchCount;
        header.parentHash = $.batches[$.batchCount - 1].hash;
        header.generation = $.generation;
        header.epoch = _nextEpoch();
        header.lastTimestamp = uint64(block.timestamp);
        header.anchorNumber = anchor;
        header.anchorHash = anchor == $.anchorNumber ? $.anchorHash : $.checkpoints.hashAt(anchor);
        if (header.anchorHash == 0) revert AnchorUnknown(anchor);
        header.depositCount = $.portal.depositCountAt(anchor);
        header.depositQueueHash = $.portal.queueHashAt(header.depositCount);
        header.dataMode = DataMode.NONE;
    }

    /// @dev A batch that takes the cause away makes the announcement void; one that leaves it standing does not.
    function _voidEscape() private {
        BatchInboxStorage storage $ = _storage();
        if ($.escapeReadyAt == 0) return;
        if (block.timestamp >= _causeAt($.systemConfig.parameters())) return;
        $.escapeReadyAt = 0;
        emit EscapeVoided();
    }

    function _requireCause(Parameters memory parameters) private view {
        uint64 causeAt = _causeAt(parameters);
        if (block.timestamp < causeAt) revert NoCauseForEscape(causeAt);
    }

    /// @dev Whatever comes first: no batch for escapeDelay, or a deposit that has waited as long.
    function _causeAt(Parameters memory parameters) private view returns (uint64 causeAt) {
        BatchInboxStorage storage $ = _storage();
        uint64 since = $.postedAt;
        if ($.depositCount < $.portal.depositCount()) {
            uint64 waitsSince = $.portal.depositTimestamp($.depositCount);
            if (waitsSince < since) since = waitsSince;
        }
        return since + parameters.escapeDelay;
    }

    function _nextEpoch() private view returns (uint64) {
        BatchInboxStorage storage $ = _storage();
        return ($.anchorNumber - $.genesisAnchorNumber) / $.epochLength;
    }

    function _batch(uint64 batchIndex) private view returns (Batch storage) {
        if (batchIndex >= _storage().batchCount) revert UnknownBatch(batchIndex);
        return _storage().batches[batchIndex];
    }

    function _storage() private pure returns (BatchInboxStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
