// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILockingPool} from "../interfaces/ILockingPool.sol";
import {EpochSets} from "../libraries/EpochSets.sol";
import {SeatWeights} from "../libraries/SeatWeights.sol";
import {Exit, FrozenSet, Seat, SeatStatus} from "../types/Seat.sol";
import {LockingPoolState} from "./LockingPoolState.sol";

/// @title LockingPoolQueue
/// @notice The one way out of a seat, for its owner and for those who delegated to it; and the delegated stake.
/// @dev Shares, rewards and whose stake it is are Delegation's; here is what counts, and what is slashed.
abstract contract LockingPoolQueue is LockingPoolState {
    using EpochSets for EpochSets.History;

    /// @inheritdoc ILockingPool
    function unlockClaim(uint256 exitId) external {
        Exit storage exit = _exit(exitId);
        if (msg.sender != exit.owner) revert NotExitOwner(exitId, msg.sender);
        uint256 amount = _collect(exitId, exit);
        _storage().lockingInfo.finalizeUnlock(exit.owner, exit.seqId, amount);
    }

    /// @inheritdoc ILockingPool
    function delegateFor(uint256 seqId, address payer, uint256 amount) external {
        _onlyDelegation();
        _addDelegated(seqId, amount);
        _storage().lockingInfo.increaseDelegated(payer, seqId, amount);
    }

    /// @inheritdoc ILockingPool
    function undelegateFor(uint256 seqId, address delegator, uint256 amount) external returns (uint256 exitId) {
        _onlyDelegation();
        Seat storage seat = _storage().seats[seqId];
        if (amount == 0 || amount > seat.delegated) revert WrongAmount(amount, seat.delegated);
        seat.delegated -= uint96(amount);
        exitId = _queueExit(seqId, seat, delegator, amount, 0);
        _logExit(seqId, seat, delegator, exitId, amount, _parameters().exitDelay);
    }

    /// @inheritdoc ILockingPool
    function moveExit(uint256 exitId, uint256 seqId) external returns (uint256 amount) {
        _onlyDelegation();
        amount = _collect(exitId, _exit(exitId));
        _addDelegated(seqId, amount);
    }

    /// @inheritdoc ILockingPool
    function lossOf(uint256 exitId, uint256 seqId, uint128 indexBefore, uint128 indexAfter)
        external
        view
        returns (address owner, uint256 loss)
    {
        Exit storage exit = _exit(exitId);
        // The index only falls, so it tells what came first.
        bool there =
            exit.seqId == seqId && exit.slashIndex >= indexBefore && (!exit.claimed || exit.claimedIndex <= indexAfter);
        return (exit.owner, there ? uint256(exit.amount) * (indexBefore - indexAfter) / exit.slashIndex : 0);
    }

    function _queueExit(uint256 seqId, Seat storage seat, address owner, uint256 amount, uint64 previous)
        internal
        returns (uint64 exitId)
    {
        LockingPoolStorage storage $ = _storage();
        exitId = ++$.totalExits;
        $.exits[exitId] = Exit({
            owner: owner,
            previous: previous,
            claimed: false,
            amount: uint96(amount),
            seqId: uint64(seqId),
            queuedAt: uint48(block.timestamp),
            setIndex: $.history.count(),
            slashIndex: seat.slashIndex,
            claimedIndex: 0
        });
        seat.exiting += uint96(amount);
    }

    function _logExit(
        uint256 seqId,
        Seat storage seat,
        address owner,
        uint256 exitId,
        uint256 amount,
        uint256 exitDelay
    ) internal {
        uint64 nonce = ++seat.nonce;
        _storage().lockingInfo
            .initializeUnlock(owner, seqId, nonce, exitId, block.timestamp + exitDelay, amount, seat.amount);
    }

    /// @dev Takes an exit whose time is over out of the queue; the METIS is the caller's to pass on.
    function _collect(uint256 exitId, Exit storage exit) private returns (uint256 amount) {
        LockingPoolStorage storage $ = _storage();
        if (exit.claimed) revert ExitClaimed(exitId);
        if (exit.setIndex == $.history.count()) revert ExitNotStarted(exitId);
        FrozenSet storage first = $.history.sets[exit.setIndex];
        uint64 claimableAt = first.frozenAt + _parameters().exitDelay;
        if (block.timestamp < claimableAt) revert ExitTooEarly(exitId, claimableAt);
        if (!_settledThrough(first.epoch - 1)) revert EpochsNotSettled(exitId, first.epoch - 1);
        amount = _payout(exit);
        if (amount == 0) revert NothingLeft(exitId);
        Seat storage seat = $.seats[exit.seqId];
        exit.claimed = true;
        exit.claimedIndex = seat.slashIndex;
        seat.exiting -= uint96(amount);
    }

    /// @dev No more than counts in a set: what does not count would only thin the others' rewards.
    function _addDelegated(uint256 seqId, uint256 amount) private {
        Seat storage seat = _activeSeat(seqId);
        uint256 delegated = seat.delegated + amount;
        uint256 stake = seat.amount + delegated;
        uint256 counts = SeatWeights.ofStake(seat.amount, delegated, _parameters().maxLock);
        if (stake > counts) revert DelegationFull(seqId, stake, counts);
        seat.delegated = uint96(delegated);
    }

    function _activeSeat(uint256 seqId) internal view returns (Seat storage seat) {
        seat = _storage().seats[seqId];
        if (seat.status != SeatStatus.Active) revert SeqNotActive(seqId, seat.status);
    }

    function _onlyDelegation() private view {
        if (msg.sender != _storage().delegation) revert NotDelegation(msg.sender);
    }
}
