// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ExitState, Sequencer} from "../../src/interfaces/ILockingPool.sol";
import {Delegation} from "../../src/l1/Delegation.sol";
import {LockingInfo} from "../../src/l1/LockingInfo.sol";
import {LockingPool} from "../../src/l1/LockingPool.sol";
import {MetisToken} from "../../src/l1/MetisToken.sol";
import {SlashingManager} from "../../src/l1/SlashingManager.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {Histories} from "../base/Histories.sol";
import {DelegationActors} from "./DelegationActors.sol";
import {StakingActors} from "./StakingActors.sol";

/// @notice What holds whatever everybody does with seats, in any order.
contract StakingInvariants is Histories {
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;

    StakingActors private actors;
    LockingPool private pool;
    LockingInfo private escrow;
    SlashingManager private slashing;
    Delegation private delegation;
    MetisToken private token;

    function setUp() public {
        actors = new StakingActors();
        actors.start();
        (address pool_, address escrow_, address slashing_, address delegation_, address token_) = actors.world();
        (pool, escrow, delegation) = (LockingPool(pool_), LockingInfo(escrow_), Delegation(delegation_));
        (slashing, token) = (SlashingManager(slashing_), MetisToken(token_));
        _play(address(actors), _selectors());
    }

    function _selectors() private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](23);
        selectors[0] = StakingActors.lock.selector;
        selectors[1] = StakingActors.relock.selector;
        selectors[2] = StakingActors.unlock.selector;
        selectors[3] = StakingActors.eject.selector;
        selectors[4] = StakingActors.updateSigner.selector;
        selectors[5] = StakingActors.freeze.selector;
        selectors[6] = StakingActors.wait.selector;
        selectors[7] = StakingActors.settle.selector;
        selectors[8] = StakingActors.claim.selector;
        selectors[9] = StakingActors.slash.selector;
        selectors[10] = StakingActors.equivocate.selector;
        selectors[11] = StakingActors.refund.selector;
        selectors[12] = StakingActors.release.selector;
        selectors[13] = StakingActors.withdraw.selector;
        selectors[14] = StakingActors.jail.selector;
        // Twice: sets and claims need many of them.
        selectors[15] = StakingActors.freeze.selector;
        selectors[16] = DelegationActors.delegate.selector;
        selectors[17] = DelegationActors.undelegate.selector;
        selectors[18] = DelegationActors.move.selector;
        selectors[19] = DelegationActors.claimRefund.selector;
        selectors[20] = DelegationActors.delegate.selector;
        selectors[21] = StakingActors.settle.selector;
        selectors[22] = StakingActors.offend.selector;
    }

    /// @dev One campaign of random histories for all of them: histories are what costs time.
    /// forge-config: default.invariant.runs = 32
    function invariant_WhatHoldsWhateverEverybodyDoes() public view {
        _checkTheEscrowHoldsWhatTheSeatsHoldToTheWei();
        _checkExitsOfASeatAreCovered();
        _checkDelegationsOfASeatAreCovered();
        _checkNothingIsMadeOrLost();
        _checkSlashingManagerCoversCreditsPendingSlashesAndRefunds();
        _checkTheQueueKeepsItsOrder();
        _checkFrozenSetsAreTheModelsAndNeverChange();
        _checkNoSeatOfFourOrMoreHasAThird();
        _checkAKeyIsOneSeats();
    }

    function _checkTheEscrowHoldsWhatTheSeatsHoldToTheWei() private view {
        uint256 sum;
        for (uint256 i = 1; i <= pool.totalSequencers(); ++i) {
            Sequencer memory seat = pool.sequencers(i);
            sum += seat.amount + seat.delegated + seat.exiting;
        }
        vm.assertEq(escrow.totalLocked(), sum);
        vm.assertEq(token.balanceOf(address(escrow)), sum);
    }

    function _checkExitsOfASeatAreCovered() private view {
        uint256[] memory sums = new uint256[](pool.totalSequencers() + 1);
        for (uint256 i = 1; i <= pool.totalExits(); ++i) {
            ExitState memory exit = pool.exitOf(i);
            sums[exit.seqId] += exit.amount;
        }
        for (uint256 i = 1; i <= pool.totalSequencers(); ++i) {
            vm.assertLe(sums[i], pool.sequencers(i).exiting);
        }
    }

    /// @dev Whoever leaves first or last, each delegator's worth is there.
    function _checkDelegationsOfASeatAreCovered() private view {
        for (uint256 i = 1; i <= pool.totalSequencers(); ++i) {
            (uint256 worth, uint256 shares) = actors.crowdOf(i);
            uint256 delegated = pool.sequencers(i).delegated;
            vm.assertLe(worth, delegated);
            // Each of the five may lose less than a wei by rounding.
            vm.assertLe(delegated - worth, 5);
            vm.assertEq(shares, delegation.totalShares(i));
        }
    }

    function _checkNothingIsMadeOrLost() private view {
        uint256 outside = actors.paidOut() + token.balanceOf(BURN) + token.balanceOf(address(slashing));
        uint256 withdrawn = token.balanceOf(address(0xbeef)) + _refundsWithdrawn();
        vm.assertEq(actors.lockedIn(), token.balanceOf(address(escrow)) + outside + withdrawn);
    }

    function _checkSlashingManagerCoversCreditsPendingSlashesAndRefunds() private view {
        vm.assertGe(
            token.balanceOf(address(slashing)), actors.creditOfAll() + actors.pendingSlashes() + actors.refundsLeft()
        );
    }

    function _checkTheQueueKeepsItsOrder() private view {
        uint64 latest;
        for (uint256 i = 1; i <= pool.totalExits(); ++i) {
            uint64 startedAt = pool.exitOf(i).startedAt;
            // None starts after one that has not.
            vm.assertTrue(startedAt == 0 || latest != type(uint64).max);
            if (startedAt != 0) vm.assertGe(startedAt, latest);
            latest = startedAt == 0 ? type(uint64).max : startedAt;
        }
    }

    function _checkFrozenSetsAreTheModelsAndNeverChange() private view {
        for (uint256 i = 0; i < pool.frozenSetCount(); ++i) {
            SetMember[] memory model = actors.modelSet(i);
            vm.assertEq(pool.frozenSetAt(i).setHash, keccak256(abi.encode(model)));
            for (uint256 j = 1; j < model.length; ++j) {
                vm.assertTrue(model[j - 1].signer < model[j].signer);
            }
        }
        (bytes32 setHash,,) = pool.nextSet();
        vm.assertEq(setHash, keccak256(abi.encode(actors.nextModel())));
    }

    function _checkNoSeatOfFourOrMoreHasAThird() private view {
        (, uint256 totalWeight, SetMember[] memory members) = pool.nextSet();
        for (uint256 i = 0; members.length >= 4 && i < members.length; ++i) {
            vm.assertLt(3 * uint256(members[i].weight), totalWeight);
        }
    }

    function _checkAKeyIsOneSeats() private view {
        for (uint256 i = 1; i <= pool.totalSequencers(); ++i) {
            vm.assertEq(pool.seqSigners(pool.sequencers(i).signer), i);
        }
    }

    /// @dev The invariants would be worth nothing if the actors never got anywhere.
    function test_TheActorsGetEverywhere() public {
        bytes4[] memory selectors = _selectors();
        uint256 last = selectors.length - 1;
        for (uint256 i = 0; i < 660; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(i)));
            // At the end offences alone.
            bytes4 selector = selectors[i < 600 ? draw % last : last];
            uint256[4] memory words = [draw << 64 >> 192, draw << 128 >> 192, draw >> 255, draw & 1];
            (bool success,) = address(actors).call(abi.encodePacked(selector, abi.encode(words)));
            vm.assertTrue(success);
        }
        vm.assertGt(actors.claims(), 5);
        vm.assertGt(actors.refusals(), 10);
        vm.assertGt(actors.slashes(), 10);
        vm.assertGt(actors.orders(), 5);
        vm.assertGt(actors.absences(), 1);
        vm.assertGt(actors.waits(), 1);
        vm.assertGt(pool.frozenSetCount(), 10);
        vm.assertGt(token.balanceOf(BURN), 0);
        vm.assertGt(actors.refunds(), 0);
        vm.assertGt(actors.delegations(), 20);
        vm.assertGt(actors.moves(), 2);
        vm.assertGt(actors.refundClaims(), 1);
    }

    /// @dev What owners got back from slashes; they had spent all else on stakes.
    function _refundsWithdrawn() private view returns (uint256 sum) {
        for (uint256 i = 1; i <= pool.totalSequencers(); ++i) {
            address owner = pool.sequencers(i).owner;
            sum += token.balanceOf(owner);
        }
        return sum + actors.balanceOfCrowd() - actors.paidOut();
    }
}
