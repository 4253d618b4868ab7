// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {L1StandardBridge} from "../bridge/L1StandardBridge.sol";
import {DelegationParameters, IDelegation, SequencerMetadata} from "../interfaces/IDelegation.sol";
import {ILockingPool, Stake} from "../interfaces/ILockingPool.sol";
import {ISystemConfig} from "../interfaces/ISystemConfig.sol";
import {SeatWeights} from "../libraries/SeatWeights.sol";
import {SeatStatus} from "../types/Seat.sol";

/// @title DelegationState
/// @notice What Delegation keeps, and what can be read of it.
abstract contract DelegationState is IDelegation {
    using Checkpoints for Checkpoints.Trace224;

    /// @dev Shares are kept with the number of slashes that the seat had had, so that a refund of one finds whom it hit.
    struct SeatShares {
        Checkpoints.Trace224 total;
        mapping(address delegator => Checkpoints.Trace224) held;
        /// by the first epoch that it holds for
        Checkpoints.Trace224 commission;
        uint64 raisedAt;
        /// what a share has earned since the first one, in METIS wei times REWARD_UNIT
        uint256 earnedPerShare;
        /// the same, up to where the delegator's earnings are in `credits`
        mapping(address delegator => uint256) creditedPerShare;
    }

    /// @custom:storage-location erc7201:metis.storage.Delegation
    struct DelegationStorage {
        ISystemConfig systemConfig;
        ILockingPool pool;
        DelegationParameters parameters;
        mapping(uint256 seqId => SeatShares) seats;
        mapping(address delegator => uint256[]) exits;
        mapping(uint256 exitId => Redelegation) redelegations;
        mapping(uint256 seqId => SequencerMetadata) metadata;
        address emissionReserve;
        IERC20 token;
        L1StandardBridge bridge;
        mapping(address account => uint256) credits;
    }

    /// @notice A stake on its way from one seat to another.
    struct Redelegation {
        address delegator;
        uint64 toSeqId;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.Delegation")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0x3792a5fd9179f1191aa2cd4f8c22c6226084c668ff4f22c97478ee594cc60300;

    /// @dev Shares are at least minDelegation, so that what a division by them loses is less than a wei.
    uint256 internal constant REWARD_UNIT = 1e27;

    /// @inheritdoc IDelegation
    function parameters() external view returns (DelegationParameters memory) {
        return _storage().parameters;
    }

    /// @inheritdoc IDelegation
    function sharesOf(uint256 seqId, address delegator) external view returns (uint256) {
        return _storage().seats[seqId].held[delegator].latest();
    }

    /// @inheritdoc IDelegation
    function totalShares(uint256 seqId) external view returns (uint256) {
        return _storage().seats[seqId].total.latest();
    }

    /// @inheritdoc IDelegation
    function sharesBefore(uint256 seqId, address delegator, uint32 slash)
        external
        view
        returns (uint256 shares, uint256 total)
    {
        SeatShares storage seat = _storage().seats[seqId];
        return (seat.held[delegator].upperLookupRecent(slash - 1), seat.total.upperLookupRecent(slash - 1));
    }

    /// @inheritdoc IDelegation
    function delegationOf(uint256 seqId, address delegator) external view returns (uint256 amount) {
        SeatShares storage seat = _storage().seats[seqId];
        uint256 total = seat.total.latest();
        if (total == 0) return 0;
        return _worth(seat.held[delegator].latest(), total, _storage().pool.stakeOf(seqId).delegated);
    }

    /// @inheritdoc IDelegation
    function roomOf(uint256 seqId) external view returns (uint256 amount) {
        Stake memory stake = _storage().pool.stakeOf(seqId);
        if (stake.status != SeatStatus.Active) return 0;
        uint256 maxLock = _storage().systemConfig.stakingParameters().maxLock;
        uint256 most = SeatWeights.ofStake(stake.own, type(uint128).max, maxLock);
        uint256 held = stake.own + stake.delegated;
        return held < most ? most - held : 0;
    }

    /// @inheritdoc IDelegation
    function exitsOf(address delegator) external view returns (uint256[] memory exitIds) {
        return _storage().exits[delegator];
    }

    /// @inheritdoc IDelegation
    function targetOf(uint256 exitId) external view returns (uint256 seqId) {
        return _storage().redelegations[exitId].toSeqId;
    }

    /// @inheritdoc IDelegation
    function commissionOf(uint256 seqId, uint64 epoch) external view returns (uint16) {
        return uint16(_storage().seats[seqId].commission.upperLookupRecent(uint32(epoch)));
    }

    /// @inheritdoc IDelegation
    function commissionRaisableAt(uint256 seqId) external view returns (uint64) {
        return _raisableAt(_storage().seats[seqId]);
    }

    /// @inheritdoc IDelegation
    function metadataOf(uint256 seqId) external view returns (SequencerMetadata memory) {
        return _storage().metadata[seqId];
    }

    /// @inheritdoc IDelegation
    function rewardsOf(address account, uint256[] calldata seqIds) external view returns (uint256 amount) {
        amount = _storage().credits[account];
        for (uint256 i = 0; i < seqIds.length; ++i) {
            amount += _earned(_storage().seats[seqIds[i]], account);
        }
    }

    /// @dev What is not in the account's credits yet. Rounded down.
    function _earned(SeatShares storage seat, address delegator) internal view returns (uint256) {
        uint256 since = seat.earnedPerShare - seat.creditedPerShare[delegator];
        return since == 0 ? 0 : seat.held[delegator].latest() * since / REWARD_UNIT;
    }

    /// @dev Zero: at once.
    function _raisableAt(SeatShares storage seat) internal view returns (uint64) {
        uint64 raisedAt = seat.raisedAt;
        return raisedAt == 0 ? 0 : raisedAt + _storage().parameters.commissionPeriod;
    }

    /// @dev Rounded down: what is left over stays with the others.
    function _worth(uint256 shares, uint256 total, uint256 delegated) internal pure returns (uint256) {
        return shares * delegated / total;
    }

    function _storage() internal pure returns (DelegationStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
