// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ISlashingManager, SlashStatus} from "../../src/interfaces/ISlashingManager.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice A slash that the council takes back goes to those it was taken from, whatever they have done since.
contract RefundsTest is StakingFixture {
    address private immutable ALICE = makeAddress("alice");
    address private immutable BOB = makeAddress("bob");

    function test_EachGetsBackOfWhatWasTakenFromThem() public {
        _delegate("alice", 1, 100 ether);
        _delegate("bob", 1, 300 ether);
        uint256 exitOfBob = _undelegateAll("bob", 1);
        uint256 exitOfOwner = _unlock(1, 10_000 ether);
        uint256 slashId = _report(address(0xbeef), members[0].signer, 7);
        vm.prank(COUNCIL);
        slashing.refund(slashId);
        // A fifth is the reporter's.
        vm.assertEq(slashing.credits(_owner(1)), 32_000 ether);
        vm.assertEq(slashing.claimDelegatorRefund(slashId, ALICE), 80 ether);
        vm.assertEq(slashing.claimExitRefund(slashId, exitOfBob), 240 ether);
        vm.assertEq(slashing.claimExitRefund(slashId, exitOfOwner), 8000 ether);
        vm.assertEq(slashing.credits(_owner(1)), 40_000 ether);
        vm.prank(ALICE);
        slashing.withdraw();
        vm.assertEq(token.balanceOf(ALICE), 80 ether);
        vm.prank(BOB);
        slashing.withdraw();
        vm.assertEq(token.balanceOf(BOB), 240 ether);
        vm.prank(_owner(1));
        slashing.withdraw();
        vm.prank(address(0xbeef));
        slashing.withdraw();
        vm.assertEq(token.balanceOf(address(slashing)), 0);
    }

    function test_ARefundIsClaimedOnceAndOnlyWhenItIsOne() public {
        _delegate("alice", 1, 100 ether);
        uint256 slashId = _report(address(0xbeef), members[0].signer, 7);
        bytes memory pending =
            abi.encodeWithSelector(ISlashingManager.NotRefunded.selector, slashId, SlashStatus.Pending);
        vm.expectRevert(pending);
        slashing.claimDelegatorRefund(slashId, ALICE);
        vm.expectRevert(pending);
        slashing.claimExitRefund(slashId, 1);
        vm.prank(COUNCIL);
        slashing.refund(slashId);
        bytes memory nothing = abi.encodeWithSelector(ISlashingManager.NothingToRefund.selector, slashId);
        vm.expectRevert(nothing);
        slashing.claimDelegatorRefund(slashId, BOB);
        slashing.claimDelegatorRefund(slashId, ALICE);
        vm.expectRevert(nothing);
        slashing.claimDelegatorRefund(slashId, ALICE);
    }

    /// @dev Shares and exits count as they were when the slash came, not as they are when it is refunded.
    function test_WhoComesOrGoesAfterTheSlashChangesNothing() public {
        _delegate("alice", 1, 100 ether);
        uint256 early = _unlock(1, 1000 ether);
        _slash(1, 0.5e18);
        // Half of each METIS that was there is left.
        _delegate("carol", 1, 100 ether);
        uint256 late = _undelegateAll("alice", 1);
        uint32 number = pool.stakeOf(1).slashes;
        (uint256 shares, uint256 total) = delegation.sharesBefore(1, ALICE, number);
        vm.assertEq(shares, 100 ether);
        vm.assertEq(total, 100 ether);
        (shares, total) = delegation.sharesBefore(1, makeAddress("carol"), number);
        vm.assertEq(shares, 0);
        (, uint256 loss) = pool.lossOf(early, 1, 1e27, 0.5e27);
        vm.assertEq(loss, 500 ether);
        (, loss) = pool.lossOf(late, 1, 1e27, 0.5e27);
        vm.assertEq(loss, 0);
        (, loss) = pool.lossOf(early, 2, 1e27, 0.5e27);
        vm.assertEq(loss, 0);
    }

    function test_AnExitThatWasPaidBeforeTheSlashLostNothing() public {
        _delegate("alice", 1, 100 ether);
        uint256 exitId = _undelegateAll("alice", 1);
        _passExits();
        vm.prank(ALICE);
        pool.unlockClaim(exitId);
        _slash(1, 0.5e18);
        (, uint256 loss) = pool.lossOf(exitId, 1, 1e27, 0.5e27);
        vm.assertEq(loss, 0);
    }
}
