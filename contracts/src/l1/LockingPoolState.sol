// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBatchInbox} from "../interfaces/IBatchInbox.sol";
import {ILockingInfo} from "../interfaces/ILockingInfo.sol";
import {ExitState, ILockingPool, Sequencer, Stake} from "../interfaces/ILockingPool.sol";
import {IStateClaims} from "../interfaces/IStateClaims.sol";
import {ISystemConfig, StakingParameters} from "../interfaces/ISystemConfig.sol";
import {EpochSets} from "../libraries/EpochSets.sol";
import {SeatWeights} from "../libraries/SeatWeights.sol";
import {SignerProofs} from "../libraries/SignerProofs.sol";
import {SetMember} from "../types/Certificate.sol";
import {Exit, FrozenSet, Seat, SeatStatus} from "../types/Seat.sol";

/// @title LockingPoolState
/// @notice What LockingPool keeps, and what can be read of it.
abstract contract LockingPoolState is ILockingPool {
    using EpochSets for EpochSets.History;

    /// @custom:storage-location erc7201:metis.storage.LockingPool
    struct LockingPoolStorage {
        ISystemConfig systemConfig;
        uint64 genesisAnchorNumber;
        uint32 epochLength;
        ILockingInfo lockingInfo;
        uint64 totalSequencers;
        bool permissionless;
        IBatchInbox inbox;
        uint64 totalExits;
        IStateClaims stateClaims;
        address slashingManager;
        mapping(address user => bool) whitelist;
        mapping(address owner => uint64 seqId) seqOwners;
        /// every key that a seat has ever had
        mapping(address signer => uint64 seqId) seqSigners;
        mapping(uint256 seqId => Seat) seats;
        mapping(uint256 exitId => Exit) exits;
        /// seats that the next set is chosen from, at most MAX_LINE
        uint64[] line;
        EpochSets.History history;
        address delegation;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.LockingPool")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0x9b12b4709daf69cc2f5d2cafc7577f63bad6588f93efc5016b29d0030c92a400;

    /// @notice Seats that a freeze looks at: its gas is bounded by this.
    uint256 public constant MAX_LINE = 128;
    /// @notice Epochs before this one have the set of the deployment.
    uint64 public constant FIRST_FROZEN_EPOCH = 2;
    /// @notice Unit of fractions in `slash`.
    uint256 public constant WHOLE = 1e18;
    /// @notice What a seat's slash index starts from.
    uint128 public constant SLASH_UNIT = 1e27;

    /// @inheritdoc ILockingPool
    function permissionless() external view returns (bool) {
        return _storage().permissionless;
    }

    /// @inheritdoc ILockingPool
    function whitelist(address user) external view returns (bool) {
        return _storage().whitelist[user];
    }

    /// @inheritdoc ILockingPool
    function totalSequencers() external view returns (uint256) {
        return _storage().totalSequencers;
    }

    /// @inheritdoc ILockingPool
    function sequencers(uint256 seqId) external view returns (Sequencer memory) {
        Seat storage seat = _storage().seats[seqId];
        return Sequencer({
            owner: seat.owner,
            signer: seat.signer,
            rewardRecipient: seat.rewardRecipient,
            status: seat.status,
            amount: seat.amount,
            delegated: seat.delegated,
            exiting: seat.exiting,
            jailedUntil: seat.jailedUntil,
            inLine: seat.linePosition != 0,
            nonce: seat.nonce,
            signerPublicKey: abi.encodePacked(seat.publicKeyX, seat.publicKeyY)
        });
    }

    /// @inheritdoc ILockingPool
    function stakeOf(uint256 seqId) external view returns (Stake memory) {
        Seat storage seat = _storage().seats[seqId];
        return Stake({
            status: seat.status,
            own: seat.amount,
            delegated: seat.delegated,
            slashes: seat.slashes,
            owner: seat.owner,
            rewardRecipient: seat.rewardRecipient
        });
    }

    /// @inheritdoc ILockingPool
    function seqOwners(address owner) external view returns (uint256 seqId) {
        return _storage().seqOwners[owner];
    }

    /// @inheritdoc ILockingPool
    function seqSigners(address signer) external view returns (uint256 seqId) {
        return _storage().seqSigners[signer];
    }

    /// @inheritdoc ILockingPool
    function line() external view returns (uint64[] memory seqIds) {
        return _storage().line;
    }

    /// @inheritdoc ILockingPool
    function weightOf(uint256 seqId) external view returns (uint256) {
        return _weight(_storage().seats[seqId], _parameters().maxLock);
    }

    /// @inheritdoc ILockingPool
    function totalExits() external view returns (uint256) {
        return _storage().totalExits;
    }

    /// @inheritdoc ILockingPool
    function exitOf(uint256 exitId) external view returns (ExitState memory state) {
        LockingPoolStorage storage $ = _storage();
        Exit storage exit = _exit(exitId);
        state.seqId = exit.seqId;
        state.owner = exit.owner;
        state.queuedAt = exit.queuedAt;
        state.claimed = exit.claimed;
        state.amount = exit.claimed ? 0 : _payout(exit);
        if (exit.setIndex == $.history.count()) return state;
        FrozenSet storage first = $.history.sets[exit.setIndex];
        state.startedAt = first.frozenAt;
        state.claimableAt = first.frozenAt + _parameters().exitDelay;
        state.lastEpoch = first.epoch - 1;
        state.settled = _settledThrough(state.lastEpoch);
    }

    /// @inheritdoc ILockingPool
    function exitsOf(uint256 seqId) external view returns (uint256[] memory exitIds) {
        LockingPoolStorage storage $ = _storage();
        uint256 count;
        for (uint64 id = $.seats[seqId].lastExit; id != 0; id = $.exits[id].previous) {
            ++count;
        }
        exitIds = new uint256[](count);
        uint256 i;
        for (uint64 id = $.seats[seqId].lastExit; id != 0; id = $.exits[id].previous) {
            exitIds[i++] = id;
        }
    }

    /// @inheritdoc ILockingPool
    function frozenSetCount() external view returns (uint256) {
        return _storage().history.count();
    }

    /// @inheritdoc ILockingPool
    function frozenSetAt(uint256 index) external view returns (FrozenSet memory) {
        return _storage().history.sets[index];
    }

    /// @inheritdoc ILockingPool
    function frozenSetOf(uint64 epoch) external view returns (FrozenSet memory) {
        return _storage().history.setAt(epoch);
    }

    /// @notice The set of an epoch, as certificates are checked against it.
    function setOf(uint64 epoch) external view returns (bytes32 setHash, uint256 totalWeight) {
        FrozenSet storage frozen = _storage().history.setAt(epoch);
        return (frozen.setHash, frozen.totalWeight);
    }

    /// @inheritdoc ILockingPool
    function freezeWindow() external view returns (uint64 epoch, uint64 firstBlock, uint64 lastBlock) {
        return _freezeWindow();
    }

    /// @inheritdoc ILockingPool
    function nextSet() external view returns (bytes32 setHash, uint256 totalWeight, SetMember[] memory members) {
        (members, totalWeight) = _nextSet();
        setHash = keccak256(abi.encode(members));
    }

    /// @inheritdoc ILockingPool
    function signerProofDigest(address owner, address signer) external view returns (bytes32) {
        return SignerProofs.digest(address(this), owner, signer);
    }

    /// @dev The heaviest seats of the line, their weights capped, sorted by signer. Gas is bounded by MAX_LINE.
    function _nextSet() internal view returns (SetMember[] memory members, uint256 totalWeight) {
        LockingPoolStorage storage $ = _storage();
        StakingParameters memory parameters = _parameters();
        uint64[] memory candidates = $.line;
        uint256[] memory keys = new uint256[](candidates.length);
        uint256 count;
        for (uint256 i = 0; i < candidates.length; ++i) {
            Seat storage seat = $.seats[candidates[i]];
            if (seat.amount < parameters.ejectionBelow || seat.jailedUntil != 0) continue;
            keys[count++] = SeatWeights.keyOf(_weight(seat, parameters.maxLock), candidates[i]);
        }
        assembly {
            mstore(keys, count)
        }
        SeatWeights.select(keys, parameters.maxSeats);
        address[] memory signers = new address[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            signers[i] = $.seats[SeatWeights.seqIdOf(keys[i])].signer;
        }
        return SeatWeights.members(signers, SeatWeights.weightsOf(keys));
    }

    /// @dev L1 blocks in which the set of `epoch` may be frozen: the first half of the epoch before, so that whoever
    ///      joins has the other half to get ready, and no batch of the epoch can exist yet.
    function _windowOf(uint64 epoch) internal view returns (uint64 firstBlock, uint64 lastBlock) {
        LockingPoolStorage storage $ = _storage();
        firstBlock = $.genesisAnchorNumber + (epoch - 1) * $.epochLength;
        lastBlock = firstBlock + $.epochLength / 2 - 1;
    }

    function _freezeWindow() internal view returns (uint64 epoch, uint64 firstBlock, uint64 lastBlock) {
        LockingPoolStorage storage $ = _storage();
        epoch = (uint64(block.number) - $.genesisAnchorNumber) / $.epochLength + 1;
        if (epoch < FIRST_FROZEN_EPOCH) epoch = FIRST_FROZEN_EPOCH;
        (firstBlock, lastBlock) = _windowOf(epoch);
        if (block.number <= lastBlock && $.history.last().epoch < epoch) return (epoch, firstBlock, lastBlock);
        ++epoch;
        (firstBlock, lastBlock) = _windowOf(epoch);
    }

    /// @dev Whether every batch of an epoch up to `epoch` is settled and no further one can come: epochs of batches
    ///      never fall, so the first batch that is not settled decides.
    function _settledThrough(uint64 epoch) internal view returns (bool) {
        LockingPoolStorage storage $ = _storage();
        uint64 first = $.stateClaims.settledCount();
        return (first < $.inbox.batchCount() ? $.inbox.epochAt(first) : $.inbox.nextEpoch()) > epoch;
    }

    /// @dev What was queued, less the same part of it as of everything else in the seat since. Rounded down: what all
    ///      exits of a seat are worth together never exceeds `exiting`.
    function _payout(Exit storage exit) internal view returns (uint256) {
        return uint256(exit.amount) * _storage().seats[exit.seqId].slashIndex / exit.slashIndex;
    }

    function _weight(Seat storage seat, uint256 maxLock) internal view returns (uint256) {
        return SeatWeights.ofStake(seat.amount, seat.delegated, maxLock);
    }

    function _exit(uint256 exitId) internal view returns (Exit storage exit) {
        exit = _storage().exits[exitId];
        if (exit.owner == address(0)) revert UnknownExit(exitId);
    }

    function _parameters() internal view returns (StakingParameters memory) {
        return _storage().systemConfig.stakingParameters();
    }

    function _storage() internal pure returns (LockingPoolStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
