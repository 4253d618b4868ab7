// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IBatchInbox} from "../interfaces/IBatchInbox.sol";
import {ClaimStatus, IStateClaims} from "../interfaces/IStateClaims.sol";
import {ISystemConfig} from "../interfaces/ISystemConfig.sol";
import {Certificate} from "../types/Certificate.sol";
import {StateClaim} from "../types/StateClaim.sol";

/// @title StateClaims
/// @notice What state the ordered batches lead to. A claim that nobody has overturned when challengeWindow is over
///         settles on its settled parent; only settled outputs pay withdrawals.
/// @dev Invariant: settled claims form one chain without gaps from claim 0, each with the output root of the one before
///      as prevOutputRoot and its last block + 1 as first block. A claim is named by (batchIndex, prevOutputRoot), so
///      disputes and bonds attach to that name without touching this storage.
contract StateClaims is IStateClaims, Initializable {
    struct Claim {
        bytes32 claimHash;
        bytes32 outputRoot;
        uint64 firstBlock;
        uint64 lastBlock;
        uint64 postedAt;
        ClaimStatus status;
    }

    /// @custom:storage-location erc7201:metis.storage.StateClaims
    struct StateClaimsStorage {
        ISystemConfig systemConfig;
        uint64 settledCount;
        IBatchInbox inbox;
        mapping(uint64 batchIndex => mapping(bytes32 prevOutputRoot => Claim)) claims;
        mapping(uint64 batchIndex => bytes32) settledRoots;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.StateClaims")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0x5552ca62db2fdaff29a3a8ba2a1ab46cf0a7d2dab82960c817c4082a1112fa00;

    /// @notice Claims that one call may settle.
    uint64 public constant MAX_SETTLEMENTS = 64;

    constructor() {
        _disableInitializers();
    }

    /// @param systemConfig_ must be initialised before
    function initialize(ISystemConfig systemConfig_) external initializer {
        _storage().systemConfig = systemConfig_;
        _storage().inbox = IBatchInbox(systemConfig_.addresses().batchInbox);
    }

    /// @inheritdoc IStateClaims
    function postClaim(uint64 batchIndex, StateClaim calldata claim, Certificate calldata certificate) external {
        if (claim.isEmpty()) revert EmptyClaim();
        _storage().inbox.checkClaim(batchIndex, claim, certificate);
        _record(batchIndex, claim);
    }

    /// @inheritdoc IStateClaims
    function recordClaim(uint64 batchIndex, StateClaim calldata claim) external {
        _onlyInbox();
        _record(batchIndex, claim);
    }

    /// @inheritdoc IStateClaims
    function recordGenesis(StateClaim calldata claim) external {
        _onlyInbox();
        StateClaimsStorage storage $ = _storage();
        if ($.settledCount != 0) revert GenesisAlreadyPosted();
        _store(0, claim);
        _settle(0, $.claims[0][0]);
    }

    /// @inheritdoc IStateClaims
    function settle(uint64 batchIndex) external {
        StateClaimsStorage storage $ = _storage();
        uint64 first = $.settledCount;
        uint256 window = $.systemConfig.parameters().challengeWindow;
        bool changed;
        for (uint64 index = first; index <= batchIndex && index < first + MAX_SETTLEMENTS; ++index) {
            Claim storage claim = $.claims[index][$.settledRoots[index - 1]];
            if (claim.status != ClaimStatus.Posted) break;
            if (claim.firstBlock != _lastBlock(index - 1) + 1) {
                claim.status = ClaimStatus.Void;
                emit ClaimVoided(index, claim.claimHash);
                changed = true;
                break;
            }
            if (block.timestamp < claim.postedAt + window) break;
            _settle(index, claim);
            changed = true;
        }
        if (!changed) revert NothingToSettle(first);
    }

    /// @inheritdoc IStateClaims
    function claimOf(uint64 batchIndex, bytes32 prevOutputRoot)
        external
        view
        returns (ClaimStatus status, bytes32 claimHash, bytes32 outputRoot, uint64 lastBlock, uint64 postedAt)
    {
        Claim storage claim = _storage().claims[batchIndex][prevOutputRoot];
        return (claim.status, claim.claimHash, claim.outputRoot, claim.lastBlock, claim.postedAt);
    }

    /// @inheritdoc IStateClaims
    function settledCount() external view returns (uint64) {
        return _storage().settledCount;
    }

    /// @inheritdoc IStateClaims
    function settledOutput(uint64 batchIndex) external view returns (bytes32 outputRoot, uint64 lastBlock) {
        if (batchIndex >= _storage().settledCount) revert NotSettled(batchIndex);
        return (_storage().settledRoots[batchIndex], _lastBlock(batchIndex));
    }

    function _record(uint64 batchIndex, StateClaim calldata claim) private {
        StateClaimsStorage storage $ = _storage();
        if (claim.extraHash != 0) revert NonZeroExtraHash(claim.extraHash);
        if (claim.firstBlock == 0 || claim.lastBlock < claim.firstBlock || claim.lastBlock == type(uint64).max) {
            revert NoBlocks(claim.firstBlock, claim.lastBlock);
        }
        if (batchIndex < $.settledCount) revert AlreadySettled(batchIndex);
        if (batchIndex == $.settledCount) _checkContinues(batchIndex, claim);

        ClaimStatus status = $.claims[batchIndex][claim.prevOutputRoot].status;
        if (status == ClaimStatus.Posted || status == ClaimStatus.Proven) {
            revert AlreadyClaimed(batchIndex, claim.prevOutputRoot);
        }
        _store(batchIndex, claim);
    }

    /// @dev The parent is settled, so a claim that does not continue it can be refused at once.
    function _checkContinues(uint64 batchIndex, StateClaim calldata claim) private view {
        bytes32 parentRoot = _storage().settledRoots[batchIndex - 1];
        if (claim.prevOutputRoot != parentRoot) revert WrongPrevOutputRoot(parentRoot, claim.prevOutputRoot);
        uint64 expected = _lastBlock(batchIndex - 1) + 1;
        if (claim.firstBlock != expected) revert WrongFirstBlock(expected, claim.firstBlock);
    }

    function _store(uint64 batchIndex, StateClaim calldata claim) private {
        bytes32 claimHash = claim.hash();
        _storage().claims[batchIndex][claim.prevOutputRoot] = Claim({
            claimHash: claimHash,
            outputRoot: claim.outputRoot,
            firstBlock: claim.firstBlock,
            lastBlock: claim.lastBlock,
            postedAt: uint64(block.timestamp),
            status: ClaimStatus.Posted
        });
        emit ClaimPosted(batchIndex, claimHash, claim);
    }

    function _settle(uint64 batchIndex, Claim storage claim) private {
        StateClaimsStorage storage $ = _storage();
        claim.status = ClaimStatus.Settled;
        $.settledRoots[batchIndex] = claim.outputRoot;
        $.settledCount = batchIndex + 1;
        emit ClaimSettled(batchIndex, claim.outputRoot, claim.lastBlock);
    }

    /// @dev Last block of a settled batch. The claim is found under its parent's settled root; claim 0 under zero.
    function _lastBlock(uint64 batchIndex) private view returns (uint64) {
        StateClaimsStorage storage $ = _storage();
        bytes32 prevOutputRoot = batchIndex == 0 ? bytes32(0) : $.settledRoots[batchIndex - 1];
        return $.claims[batchIndex][prevOutputRoot].lastBlock;
    }

    function _onlyInbox() private view {
        if (msg.sender != address(_storage().inbox)) revert NotBatchInbox(msg.sender);
    }

    function _storage() private pure returns (StateClaimsStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
