// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {DelegationParameters, IDelegation} from "../../src/interfaces/IDelegation.sol";
import {ILockingPool} from "../../src/interfaces/ILockingPool.sol";
import {SeatStatus} from "../../src/types/Seat.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice Stake of others behind a seat: in, out, from one seat to another, and what a slash takes of it.
contract DelegationTest is StakingFixture {
    uint256 private constant WHOLE = 1e18;
    address private immutable ALICE = makeAddress("alice");
    address private immutable BOB = makeAddress("bob");

    function test_ADelegationCountsInTheNextSet() public {
        uint256 before = pool.weightOf(1);
        _delegate("alice", 1, 100 ether);
        vm.assertEq(pool.weightOf(1), before + 100 ether);
        vm.assertEq(pool.sequencers(1).delegated, 100 ether);
        vm.assertEq(delegation.delegationOf(1, ALICE), 100 ether);
        vm.assertEq(escrow.totalLocked(), 200_100 ether);
        _freezeNext();
        vm.assertEq(pool.frozenSetAt(1).totalWeight, 200_100 ether);
    }

    function test_MoreThanCountsIsRefused() public {
        // 50,000 own: up to maxLock.
        vm.assertEq(delegation.roomOf(1), 50_000 ether);
        _fund(ALICE, 200_000 ether);
        vm.startPrank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(ILockingPool.DelegationFull.selector, 1, 100_000 ether + 1, 100_000 ether)
        );
        delegation.delegate(1, 50_000 ether + 1);
        delegation.delegate(1, 50_000 ether);
        vm.assertEq(delegation.roomOf(1), 0);
        vm.stopPrank();
        // 19,000 own: five times that.
        _slash(2, 0.62e18);
        vm.assertEq(delegation.roomOf(2), 76_000 ether);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.DelegationFull.selector, 2, 95_000 ether + 1, 95_000 ether));
        delegation.delegate(2, 76_000 ether + 1);
        delegation.delegate(2, 76_000 ether);
        vm.stopPrank();
    }

    function test_DustIsRefused() public {
        _fund(ALICE, 10 ether);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.TooLittle.selector, 1 ether - 1, 1 ether));
        delegation.delegate(1, 1 ether - 1);
        delegation.delegate(1, 3 ether);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.TooLittle.selector, 1 ether - 1, 1 ether));
        delegation.undelegate(1, 2 ether + 1);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.WrongShares.selector, 0, 3 ether));
        delegation.undelegate(1, 0);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.WrongShares.selector, 3 ether + 1, 3 ether));
        delegation.undelegate(1, 3 ether + 1);
        delegation.undelegate(1, 2 ether);
        delegation.undelegate(1, 1 ether);
        vm.stopPrank();
        vm.assertEq(pool.sequencers(1).delegated, 0);
        vm.assertEq(delegation.totalShares(1), 0);
    }

    function test_OutByTheQueueOfTheSeat() public {
        _delegate("alice", 1, 100 ether);
        uint256 exitId = _undelegateAll("alice", 1);
        vm.assertEq(pool.exitOf(exitId).owner, ALICE);
        vm.assertEq(pool.sequencers(1).exiting, 100 ether);
        vm.assertEq(delegation.exitsOf(ALICE).length, 1);
        vm.assertEq(pool.exitsOf(1).length, 0);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.ExitNotStarted.selector, exitId));
        pool.unlockClaim(exitId);
        _passExits();
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.NotExitOwner.selector, exitId, address(this)));
        pool.unlockClaim(exitId);
        vm.prank(ALICE);
        pool.unlockClaim(exitId);
        vm.assertEq(token.balanceOf(ALICE), 100 ether);
        vm.assertEq(escrow.totalLocked(), 200_000 ether);
    }

    function test_WhoIsInTheQueueIsSlashedUntilTheClaim() public {
        _delegate("alice", 1, 100 ether);
        uint256 exitId = _undelegateAll("alice", 1);
        _passExits();
        _slash(1, 0.25e18);
        vm.prank(ALICE);
        pool.unlockClaim(exitId);
        vm.assertEq(token.balanceOf(ALICE), 75 ether);
    }

    function test_ASlashTakesTheSamePartOfEveryDelegation() public {
        _delegate("alice", 1, 100 ether);
        _delegate("bob", 1, 300 ether);
        _slash(1, 0.1e18);
        vm.assertEq(delegation.delegationOf(1, ALICE), 90 ether);
        vm.assertEq(delegation.delegationOf(1, BOB), 270 ether);
        // Whoever comes after has no part in it.
        _delegate("carol", 1, 90 ether);
        vm.assertEq(delegation.delegationOf(1, makeAddress("carol")), 90 ether);
        vm.assertEq(delegation.sharesOf(1, makeAddress("carol")), 100 ether);
    }

    function test_ARedelegationStaysUnderTheOldSeatsSlashesUntilItsExitIsOver() public {
        uint256 shares = _delegate("alice", 1, 100 ether);
        vm.prank(ALICE);
        uint256 exitId = delegation.redelegate(1, 2, shares);
        vm.assertEq(delegation.targetOf(exitId), 2);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.ExitNotStarted.selector, exitId));
        delegation.completeRedelegation(exitId);
        vm.assertEq(pool.sequencers(2).delegated, 0);
        _passExits();
        _slash(1, 0.5e18);
        _slash(2, 0.5e18);
        delegation.completeRedelegation(exitId);
        vm.assertEq(delegation.delegationOf(2, ALICE), 50 ether);
        vm.assertEq(pool.sequencers(1).exiting, 0);
        vm.assertEq(delegation.targetOf(exitId), 0);
        // From here on it is the new seat's.
        _slash(1, 0.5e18);
        vm.assertEq(delegation.delegationOf(2, ALICE), 50 ether);
        _slash(2, 0.5e18);
        vm.assertEq(delegation.delegationOf(2, ALICE), 25 ether);
    }

    function test_ARedelegationGoesOnOnceAndNotIntoTheSameSeat() public {
        uint256 shares = _delegate("alice", 1, 100 ether);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.SameSeat.selector, 1));
        delegation.redelegate(1, 1, shares);
        uint256 first = delegation.redelegate(1, 2, shares / 2);
        uint256 second = delegation.redelegate(1, 2, shares / 2);
        vm.stopPrank();
        _passExits();
        delegation.completeRedelegation(first);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.NotRedelegating.selector, first));
        delegation.completeRedelegation(first);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.ExitClaimed.selector, first));
        pool.unlockClaim(first);
        // The METIS may be taken out instead.
        pool.unlockClaim(second);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.ExitClaimed.selector, second));
        delegation.completeRedelegation(second);
        vm.assertEq(token.balanceOf(ALICE), 50 ether);
        vm.assertEq(delegation.delegationOf(2, ALICE), 50 ether);
    }

    function test_AnOverSeatTakesNoneAndItsDelegatorsLeave() public {
        _delegate("alice", 1, 100 ether);
        _unlock(1, 50_000 ether);
        vm.assertEq(delegation.roomOf(1), 0);
        _fund(BOB, 10 ether);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.SeqNotActive.selector, 1, SeatStatus.Inactive));
        delegation.delegate(1, 10 ether);
        uint256 exitId = _undelegateAll("alice", 1);
        _passExits();
        vm.prank(ALICE);
        pool.unlockClaim(exitId);
        vm.assertEq(token.balanceOf(ALICE), 100 ether);
    }

    function test_ATombstonedSeatTakesNoneAndHasNothingToLeaveWith() public {
        _delegate("alice", 1, 100 ether);
        _report(address(0xbeef), members[0].signer, 7);
        vm.assertEq(delegation.delegationOf(1, ALICE), 0);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.DelegationLost.selector, 1));
        delegation.undelegate(1, 100 ether);
        _fund(BOB, 10 ether);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.DelegationLost.selector, 1));
        delegation.delegate(1, 10 ether);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.SeqNotActive.selector, 9, SeatStatus.Unavailable));
        delegation.delegate(9, 10 ether);
    }

    /// @dev The first delegator of a vault may give it tokens, so that a share is worth more than the next one brings.
    ///      Here nothing that is given to any of the contracts changes what a share is worth.
    function testFuzz_TheFirstDelegatorCannotInflateAShare(uint256 given, uint256 amount) public {
        given = bound(given, 1, 1_000_000 ether);
        amount = bound(amount, 1 ether, 40_000 ether);
        _delegate("mallory", 1, 1 ether);
        _fund(address(delegation), given);
        _fund(address(pool), given);
        _fund(address(escrow), given);
        _delegate("alice", 1, amount);
        vm.assertEq(delegation.delegationOf(1, ALICE), amount);
        vm.assertEq(delegation.delegationOf(1, makeAddress("mallory")), 1 ether);
    }

    /// @dev In and out again, in as many parts as one likes, never pays more than was put in, and takes from nobody.
    function testFuzz_RoundingNeverFavoursTheCaller(uint256 fraction, uint256 amount, uint256 part) public {
        fraction = bound(fraction, 0, WHOLE - 1e9);
        amount = bound(amount, 1 ether, 20_000 ether);
        _delegate("bob", 1, 1234.567 ether + 1);
        _slash(1, fraction);
        uint256 others = delegation.delegationOf(1, BOB);
        if (delegation.roomOf(1) < amount) return;
        uint256 shares = _delegate("alice", 1, amount);
        vm.assertGe(delegation.delegationOf(1, BOB), others);
        vm.assertLe(delegation.delegationOf(1, ALICE), amount);
        uint256 paid;
        part = bound(part, 1, shares);
        uint256 left = shares - part;
        uint256 worth = pool.sequencers(1).delegated * left / delegation.totalShares(1);
        if (left != 0 && worth >= 1 ether && pool.sequencers(1).delegated * part / delegation.totalShares(1) > 0) {
            vm.prank(ALICE);
            paid = pool.exitOf(delegation.undelegate(1, part)).amount;
        }
        paid += pool.exitOf(_undelegateAll("alice", 1)).amount;
        vm.assertLe(paid, amount);
        vm.assertGe(delegation.delegationOf(1, BOB), others);
    }

    function test_OnlyDelegationMovesDelegatedStake() public {
        bytes memory refusal = abi.encodeWithSelector(ILockingPool.NotDelegation.selector, address(this));
        vm.expectRevert(refusal);
        pool.delegateFor(1, TREASURY, 1 ether);
        vm.expectRevert(refusal);
        pool.undelegateFor(1, address(this), 1 ether);
        vm.expectRevert(refusal);
        pool.moveExit(1, 2);
    }

    function test_ParametersStayWithinTheirBounds() public {
        DelegationParameters memory given = _delegationParameters();
        vm.expectRevert(abi.encodeWithSelector(IDelegation.NotSystemOwner.selector, address(this)));
        delegation.setParameters(given);
        given.minDelegation = 1 ether - 1;
        _refuse(given, "minDelegation", 1 ether - 1, 1 ether, 1000 ether);
        given.minDelegation = 1000 ether;
        given.maxCommission = 5001;
        _refuse(given, "maxCommission", 5001, 0, 5000);
        given.maxCommission = 5000;
        given.commissionStep = 0;
        _refuse(given, "commissionStep", 0, 1, 1000);
        given.commissionStep = 1001;
        _refuse(given, "commissionStep", 1001, 1, 1000);
        given.commissionStep = 1000;
        given.commissionPeriod = 9;
        _refuse(given, "commissionPeriod", 9, 10, 90 days);
        given.commissionPeriod = 90 days;
        vm.prank(OWNER);
        delegation.setParameters(given);
        vm.assertEq(abi.encode(delegation.parameters()), abi.encode(given));
    }

    function _refuse(DelegationParameters memory given, bytes32 name, uint256 value, uint256 least, uint256 most)
        private
    {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.OutOfBounds.selector, name, value, least, most));
        delegation.setParameters(given);
    }
}
