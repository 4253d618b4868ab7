// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ExitState, ILockingPool} from "../../src/interfaces/ILockingPool.sol";
import {SeatStatus} from "../../src/types/Seat.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice The one way out of a seat.
contract ExitQueueTest is StakingFixture {
    uint64 private constant EXIT_DELAY = 600;

    function test_AStakeLeavesTheNextSetAndThenWaits() public {
        uint256 exitId = _unlock(1, 10_000 ether);
        vm.assertEq(pool.sequencers(1).amount, 40_000 ether);
        vm.assertEq(pool.sequencers(1).exiting, 10_000 ether);
        vm.assertEq(pool.exitOf(exitId).startedAt, 0);
        _refuseClaim(exitId, abi.encodeWithSelector(ILockingPool.ExitNotStarted.selector, exitId));

        uint64 epoch = _freezeNext();
        ExitState memory exit = pool.exitOf(exitId);
        vm.assertEq(exit.startedAt, block.timestamp);
        vm.assertEq(exit.claimableAt, block.timestamp + EXIT_DELAY);
        vm.assertEq(exit.lastEpoch, epoch - 1);
        vm.warp(exit.claimableAt - 1);
        _refuseClaim(exitId, abi.encodeWithSelector(ILockingPool.ExitTooEarly.selector, exitId, exit.claimableAt));
        vm.warp(exit.claimableAt);
        _refuseClaim(exitId, abi.encodeWithSelector(ILockingPool.EpochsNotSettled.selector, exitId, epoch - 1));
    }

    function test_PaidWhenEveryBatchOfTheServedEpochsIsSettled() public {
        uint256 exitId = _unlock(1, 10_000 ether);
        uint64 epoch = _freezeNext();
        vm.warp(pool.exitOf(exitId).claimableAt);

        // A batch of epoch 0 whose anchor opens epoch 2: the next is of an epoch that the stake does not serve.
        uint256 anchor = GENESIS_ANCHOR + epoch * EPOCH_LENGTH;
        _mineHistory(anchor + L1_DEPTH);
        uint64 batch = _submitWithClaim(GENESIS_OUTPUT, 1, keccak256("output 1"));
        vm.assertEq(inbox.nextEpoch(), epoch);
        vm.assertFalse(pool.exitOf(exitId).settled);
        _refuseClaim(exitId, abi.encodeWithSelector(ILockingPool.EpochsNotSettled.selector, exitId, epoch - 1));
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batch);
        vm.assertTrue(pool.exitOf(exitId).settled);

        vm.prank(_owner(1));
        pool.unlockClaim(exitId);
        vm.assertEq(token.balanceOf(_owner(1)), 10_000 ether);
        vm.assertEq(escrow.totalLocked(), 190_000 ether);
        vm.assertEq(pool.sequencers(1).exiting, 0);
        _refuseClaim(exitId, abi.encodeWithSelector(ILockingPool.ExitClaimed.selector, exitId));
    }

    /// @dev The last batch of the epoch before is settled, but another could still come.
    function test_NotPaidWhileABatchOfAServedEpochMayStillCome() public {
        uint256 exitId = _unlock(1, 10_000 ether);
        uint64 epoch = _freezeNext();
        _mineHistory(GENESIS_ANCHOR + epoch * EPOCH_LENGTH - 1 + L1_DEPTH);
        uint64 batch = _submitWithClaim(GENESIS_OUTPUT, 1, keccak256("output 1"));
        vm.warp(block.timestamp + 2 * EXIT_DELAY);
        stateClaims.settle(batch);
        vm.assertEq(inbox.nextEpoch(), epoch - 1);
        _refuseClaim(exitId, abi.encodeWithSelector(ILockingPool.EpochsNotSettled.selector, exitId, epoch - 1));
    }

    function test_OnlyItsOwnerClaimsAnExit() public {
        uint256 exitId = _unlock(1, 10_000 ether);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.NotExitOwner.selector, exitId, address(this)));
        pool.unlockClaim(exitId);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.UnknownExit.selector, 77));
        pool.unlockClaim(77);
    }

    function test_ASeatKeepsTheMinimumOrLeaves() public {
        vm.startPrank(_owner(1));
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.TooLittleLeft.selector, MIN - 1, MIN));
        pool.unlock(1, 50_000 ether - MIN + 1);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.WrongAmount.selector, 0, 50_000 ether));
        pool.unlock(1, 0);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.WrongAmount.selector, 50_000 ether + 1, 50_000 ether));
        pool.unlock(1, 50_000 ether + 1);
        pool.unlock(1, 50_000 ether - MIN);
        pool.unlock(1, MIN);
        vm.stopPrank();
        vm.assertEq(uint256(pool.sequencers(1).status), uint256(SeatStatus.Inactive));
        vm.assertFalse(pool.sequencers(1).inLine);
        vm.assertEq(pool.seqOwners(ownerOf(members[0].signer)), 0);
        uint256[] memory exits = pool.exitsOf(1);
        vm.assertEq(exits.length, 2);
        vm.assertEq(exits[0], 2);
        vm.assertEq(exits[1], 1);
    }

    function test_AnEndedSeatIsOverAndItsOwnerFree() public {
        uint256 seqId = _lock("alice", MIN);
        _unlock(seqId, MIN);
        vm.prank(makeAddress("alice"));
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.SeqNotActive.selector, seqId, SeatStatus.Inactive));
        pool.relock(seqId, MIN);
        vm.assertEq(pool.seqOwners(makeAddress("alice")), 0);
    }

    function test_AnyoneEjectsASeatBelowTheFloor() public {
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.NotBelowEjection.selector, 1, 50_000 ether, 18_000 ether));
        pool.eject(1);
        _slash(1, 0.65e18);
        uint256 left = pool.sequencers(1).amount;
        vm.assertEq(left, 17_500 ether);
        vm.expectEmit(address(pool));
        emit ILockingPool.Ejected(1, left);
        uint256 exitId = pool.eject(1);
        vm.assertEq(pool.exitOf(exitId).owner, ownerOf(members[0].signer));
        vm.assertEq(pool.exitOf(exitId).amount, left);
        vm.assertEq(uint256(pool.sequencers(1).status), uint256(SeatStatus.Inactive));
    }

    /// @dev Even when nobody ejects it: it is in no set any more.
    function test_ASeatBelowTheFloorIsNotInTheNextSet() public {
        _slash(1, 0.65e18);
        _freezeNext();
        vm.assertEq(pool.frozenSetAt(1).totalWeight, 150_000 ether);
    }

    function testFuzz_ExitsLoseWhatTheSeatLoses(uint256 first, uint256 second, uint256 fraction, uint256 again) public {
        first = bound(first, 1, 15_000 ether);
        second = bound(second, 1, 15_000 ether);
        fraction = bound(fraction, 0, 1e18 - 1);
        again = bound(again, 0, 1e18 - 1);
        uint256 one = _unlock(1, first);
        _slash(1, fraction);
        uint256 left = pool.sequencers(1).amount;
        if (left < MIN + second) return;
        uint256 two = _unlock(1, second);
        _slash(1, again);
        uint256 exiting = pool.sequencers(1).exiting;
        uint256 payable_ = pool.exitOf(one).amount + pool.exitOf(two).amount;
        // Never more than there is, and less by rounding alone.
        vm.assertLe(payable_, exiting);
        vm.assertLe(exiting - payable_, 4);
        vm.assertEq(escrow.totalLocked(), token.balanceOf(address(escrow)));
    }

    function test_WhatIsSlashedInFullPaysNothing() public {
        uint256 exitId = _unlock(1, 10_000 ether);
        _freezeNext();
        _report(address(0xbeef), members[0].signer, 7);
        vm.assertEq(pool.exitOf(exitId).amount, 0);
        vm.warp(block.timestamp + EXIT_DELAY);
        _settleEverything();
        _refuseClaim(exitId, abi.encodeWithSelector(ILockingPool.NothingLeft.selector, exitId));
    }

    /// @dev Exits that were queued later never start before earlier ones.
    function testFuzz_TheQueueKeepsItsOrder(uint8 freezesBetween) public {
        uint256 one = _unlock(1, 1 ether);
        for (uint256 i = 0; i < freezesBetween % 3; ++i) {
            _freezeNext();
        }
        uint256 two = _unlock(2, 1 ether);
        _freezeNext();
        vm.assertLe(pool.exitOf(one).claimableAt, pool.exitOf(two).claimableAt);
    }

    function _settleEverything() private {
        _mineHistory(GENESIS_ANCHOR + 2 * EPOCH_LENGTH + L1_DEPTH);
        uint64 batch = _submitWithClaim(GENESIS_OUTPUT, 1, keccak256("output 1"));
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batch);
    }

    /// @dev Blocks up to `number`, of which only the last few are needed by hash.
    function _mineHistory(uint256 number) private {
        if (number - 5 > block.number) {
            vm.warp(block.timestamp + number - 5 - block.number);
            vm.roll(number - 5);
        }
        L1Chain.mine(number - block.number, 1);
    }

    function _refuseClaim(uint256 exitId, bytes memory refusal) private {
        address owner = pool.exitOf(exitId).owner;
        vm.prank(owner);
        vm.expectRevert(refusal);
        pool.unlockClaim(exitId);
    }
}
