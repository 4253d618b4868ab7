// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {L1StandardBridge} from "../bridge/L1StandardBridge.sol";
import {DelegationParameters, IDelegation, SequencerMetadata} from "../interfaces/IDelegation.sol";
import {ILockingPool, Stake} from "../interfaces/ILockingPool.sol";
import {ISystemConfig, L1Addresses} from "../interfaces/ISystemConfig.sol";
import {DelegationState} from "./DelegationState.sol";

/// @title Delegation
/// @notice Whose the delegated stake of a seat is. The METIS lies in LockingInfo, and leaves by LockingPool's exit queue.
/// @dev Invariants: a seat's shares are those of its delegators together; what all of them are worth is at most what
///      LockingPool counts as delegated, so no one's worth depends on who leaves first. The price of a share only falls
///      by slashes (and rises by what rounding leaves): nothing can be given to a seat to lift it.
contract Delegation is DelegationState, Initializable {
    using Checkpoints for Checkpoints.Trace224;
    using SafeERC20 for IERC20;

    uint256 private constant METIS = 1e18;
    uint16 private constant BASIS_POINTS = 10_000;
    uint256 private constant MAX_NAME = 96;
    uint256 private constant MAX_ADDRESS = 256;
    uint256 private constant MAX_DESCRIPTION = 800;

    constructor() {
        _disableInitializers();
    }

    /// @param systemConfig must be initialised before
    function initialize(ISystemConfig systemConfig, DelegationParameters calldata parameters_) external initializer {
        DelegationStorage storage $ = _storage();
        $.systemConfig = systemConfig;
        L1Addresses memory addresses = systemConfig.addresses();
        $.pool = ILockingPool(addresses.lockingPool);
        $.emissionReserve = addresses.emissionReserve;
        $.token = IERC20(addresses.metisToken);
        $.bridge = L1StandardBridge(payable(addresses.l1StandardBridge));
        _setParameters(parameters_);
    }

    /// @inheritdoc IDelegation
    function delegate(uint256 seqId, uint256 amount) external returns (uint256 shares) {
        ILockingPool pool = _storage().pool;
        shares = _addShares(seqId, msg.sender, amount, pool.stakeOf(seqId));
        pool.delegateFor(seqId, msg.sender, amount);
    }

    /// @inheritdoc IDelegation
    function undelegate(uint256 seqId, uint256 shares) external returns (uint256 exitId) {
        return _undelegate(seqId, shares);
    }

    /// @inheritdoc IDelegation
    function redelegate(uint256 fromSeqId, uint256 toSeqId, uint256 shares) external returns (uint256 exitId) {
        if (fromSeqId == toSeqId) revert SameSeat(toSeqId);
        exitId = _undelegate(fromSeqId, shares);
        _storage().redelegations[exitId] = Redelegation(msg.sender, SafeCast.toUint64(toSeqId));
        emit Redelegating(exitId, fromSeqId, toSeqId);
    }

    /// @inheritdoc IDelegation
    function completeRedelegation(uint256 exitId) external returns (uint256 shares) {
        DelegationStorage storage $ = _storage();
        Redelegation memory redelegation = $.redelegations[exitId];
        if (redelegation.toSeqId == 0) revert NotRedelegating(exitId);
        delete $.redelegations[exitId];
        Stake memory stake = $.pool.stakeOf(redelegation.toSeqId);
        uint256 amount = $.pool.moveExit(exitId, redelegation.toSeqId);
        emit Redelegated(exitId, redelegation.toSeqId, amount);
        return _addShares(redelegation.toSeqId, redelegation.delegator, amount, stake);
    }

    /// @inheritdoc IDelegation
    function setCommission(uint256 seqId, uint16 commission) external {
        Stake memory stake = _ownSeat(seqId);
        DelegationStorage storage $ = _storage();
        SeatShares storage seat = $.seats[seqId];
        uint16 highest = $.parameters.maxCommission;
        uint256 now_ = seat.commission.latest();
        if (commission > now_ && stake.delegated != 0) {
            uint64 allowedAt = _raisableAt(seat);
            if (block.timestamp < allowedAt) revert CommissionTooSoon(seqId, allowedAt);
            uint256 next = now_ + $.parameters.commissionStep;
            if (next < highest) highest = uint16(next);
        }
        if (commission > highest) revert CommissionTooHigh(commission, highest);
        if (commission > now_) seat.raisedAt = uint64(block.timestamp);
        (uint64 epoch,,) = $.pool.freezeWindow();
        seat.commission.push(SafeCast.toUint32(epoch), commission);
        emit CommissionChanged(seqId, epoch, commission);
    }

    /// @inheritdoc IDelegation
    function setMetadata(uint256 seqId, SequencerMetadata calldata metadata) external {
        _ownSeat(seqId);
        if (bytes(metadata.name).length == 0) revert NameMissing();
        _checkLength("name", metadata.name, MAX_NAME);
        _checkLength("avatar", metadata.avatar, MAX_ADDRESS);
        _checkLength("desc", metadata.desc, MAX_DESCRIPTION);
        _checkLength("url", metadata.url, MAX_ADDRESS);
        _checkLength("media", metadata.media, MAX_ADDRESS);
        _storage().metadata[seqId] = metadata;
        emit MetadataChanged(seqId, metadata);
    }

    /// @inheritdoc IDelegation
    function creditRewards(uint64 epoch, uint256[] calldata seqIds, uint256[] calldata rewards) external {
        if (msg.sender != _storage().emissionReserve) revert NotEmissionReserve(msg.sender);
        for (uint256 i = 0; i < seqIds.length; ++i) {
            if (rewards[i] != 0) _creditReward(epoch, seqIds[i], rewards[i]);
        }
    }

    /// @inheritdoc IDelegation
    function withdrawRewards(uint256[] calldata seqIds) external returns (uint256 amount) {
        amount = _takeRewards(seqIds);
        emit RewardsWithdrawn(msg.sender, amount);
        _storage().token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IDelegation
    function withdrawRewardsToL2(uint256[] calldata seqIds, address to, uint32 minGasLimit)
        external
        returns (uint256 amount)
    {
        DelegationStorage storage $ = _storage();
        amount = _takeRewards(seqIds);
        emit RewardsBridged(msg.sender, to, amount);
        $.token.forceApprove(address($.bridge), amount);
        $.bridge.bridgeMETISTo(to, amount, minGasLimit, "");
    }

    /// @inheritdoc IDelegation
    function setParameters(DelegationParameters calldata parameters_) external {
        if (msg.sender != Ownable(address(_storage().systemConfig)).owner()) revert NotSystemOwner(msg.sender);
        _setParameters(parameters_);
    }

    /// @dev The delegators' part of the reward is that of the stake that is theirs, less commission and rounding.
    function _creditReward(uint64 epoch, uint256 seqId, uint256 reward) private {
        DelegationStorage storage $ = _storage();
        SeatShares storage seat = $.seats[seqId];
        Stake memory stake = $.pool.stakeOf(seqId);
        uint256 toDelegators;
        if (stake.delegated != 0) {
            uint256 commission = seat.commission.upperLookupRecent(SafeCast.toUint32(epoch));
            toDelegators =
                reward * stake.delegated * (BASIS_POINTS - commission) / ((stake.own + stake.delegated) * BASIS_POINTS);
            seat.earnedPerShare += toDelegators * REWARD_UNIT / seat.total.latest();
        }
        $.credits[stake.rewardRecipient] += reward - toDelegators;
        emit RewardCredited(seqId, epoch, reward - toDelegators, toDelegators);
    }

    function _takeRewards(uint256[] calldata seqIds) private returns (uint256 amount) {
        DelegationStorage storage $ = _storage();
        for (uint256 i = 0; i < seqIds.length; ++i) {
            _creditEarned($.seats[seqIds[i]], msg.sender);
        }
        amount = $.credits[msg.sender];
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        $.credits[msg.sender] = 0;
    }

    /// @dev Before every change of a delegator's shares, so that what they earned is counted with what they were.
    function _creditEarned(SeatShares storage seat, address delegator) private {
        uint256 earned = _earned(seat, delegator);
        seat.creditedPerShare[delegator] = seat.earnedPerShare;
        if (earned != 0) _storage().credits[delegator] += earned;
    }

    /// @dev Shares are rounded down, so that whoever comes never takes from those who are there. Where nobody is, a share
    ///      is a wei; the minimum keeps a first delegator from making shares worth so much that rounding matters.
    /// @param stake of the seat, before `amount` is in it
    function _addShares(uint256 seqId, address delegator, uint256 amount, Stake memory stake)
        private
        returns (uint256 shares)
    {
        SeatShares storage seat = _storage().seats[seqId];
        uint256 minimum = _storage().parameters.minDelegation;
        if (amount < minimum) revert TooLittle(amount, minimum);
        uint256 total = seat.total.latest();
        if (total != 0 && stake.delegated == 0) revert DelegationLost(seqId);
        shares = total == 0 ? amount : amount * total / stake.delegated;
        _setShares(seat, delegator, seat.held[delegator].latest() + shares, total + shares, stake.slashes);
        emit Delegated(seqId, delegator, amount, shares);
    }

    function _undelegate(uint256 seqId, uint256 shares) private returns (uint256 exitId) {
        DelegationStorage storage $ = _storage();
        SeatShares storage seat = $.seats[seqId];
        Stake memory stake = $.pool.stakeOf(seqId);
        uint256 available = seat.held[msg.sender].latest();
        if (shares == 0 || shares > available) revert WrongShares(shares, available);
        uint256 total = seat.total.latest();
        uint256 amount = _worth(shares, total, stake.delegated);
        if (amount == 0) revert DelegationLost(seqId);
        uint256 left = available - shares;
        if (left != 0) {
            uint256 worth = _worth(left, total, stake.delegated);
            uint256 minimum = $.parameters.minDelegation;
            if (worth < minimum) revert TooLittle(worth, minimum);
        }
        _setShares(seat, msg.sender, left, total - shares, stake.slashes);
        exitId = $.pool.undelegateFor(seqId, msg.sender, amount);
        $.exits[msg.sender].push(exitId);
        emit Undelegated(seqId, msg.sender, exitId, amount, shares);
    }

    function _setShares(SeatShares storage seat, address delegator, uint256 held, uint256 total, uint32 slashes)
        private
    {
        _creditEarned(seat, delegator);
        seat.held[delegator].push(slashes, SafeCast.toUint224(held));
        seat.total.push(slashes, SafeCast.toUint224(total));
    }

    function _setParameters(DelegationParameters calldata given) private {
        bool devnet = _storage().systemConfig.DEVNET();
        _bound("minDelegation", given.minDelegation, METIS, 1000 * METIS);
        _bound("maxCommission", given.maxCommission, 0, BASIS_POINTS / 2);
        _bound("commissionStep", given.commissionStep, 1, BASIS_POINTS / 10);
        _bound("commissionPeriod", given.commissionPeriod, devnet ? 10 : 1 days, 90 days);
        _storage().parameters = given;
        emit ParametersChanged(given);
    }

    function _bound(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) revert OutOfBounds(name, value, minimum, maximum);
    }

    function _checkLength(bytes32 field, string calldata text, uint256 maximum) private pure {
        uint256 length = bytes(text).length;
        if (length > maximum) revert TextTooLong(field, length, maximum);
    }

    function _ownSeat(uint256 seqId) private view returns (Stake memory stake) {
        stake = _storage().pool.stakeOf(seqId);
        if (stake.owner != msg.sender) revert NotSeqOwner(seqId, msg.sender);
    }
}
