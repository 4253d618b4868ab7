// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IEmissionReserve} from "../../src/interfaces/IEmissionReserve.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {EpochRevenue} from "../../src/types/EpochRevenue.sol";
import {RewardsFixture} from "./Rewards.t.sol";

/// @notice L2's fees among those who proposed and those who attested, beside the rewards. feeProposerShare is 40 %.
contract FeeSharesTest is RewardsFixture {
    function test_LeadersShareByBlocksAndTheCommitteeByBlocksAndWeight() public {
        // 40 of 100 blocks by the first member, 60 by the second; the third attested 50, the fourth 49.
        uint256[] memory words = new uint256[](1);
        words[0] = (100 << 32 | 40) | (100 << 32 | 60) << 64 | (50 << 32) << 128 | (49 << 32) << 192;
        uint256 before = token.balanceOf(address(reserve));
        _report(1, 100, words, EpochRevenue(1000, 0, 1));
        vm.assertEq(reserve.feesOf(1), 1000);
        vm.assertEq(reserve.feesHeld(), 1000);
        uint256 reward = REWARD * 40 / 200 + REWARD / 8;
        vm.expectEmit(address(reserve));
        emit IEmissionReserve.SeatPaid(1, pool.seqSigners(members[0].signer), reward, 160 + 150);
        _distribute(1, 100, words);
        vm.assertEq(_rewardsOf(members[0].signer), reward + 160 + 150);
        vm.assertEq(_rewardsOf(members[1].signer), REWARD * 60 / 200 + REWARD / 8 + 240 + 150);
        vm.assertEq(_rewardsOf(members[2].signer), REWARD / 16 + 75);
        vm.assertEq(_rewardsOf(members[3].signer), 0);
        // The 225 that nobody earned are the reserve's.
        vm.assertEq(reserve.feesHeld(), 0);
        uint256 paid = reward + REWARD * 60 / 200 + REWARD / 8 + REWARD / 16;
        vm.assertEq(token.balanceOf(address(reserve)), before - paid + 225);
    }

    function test_DelegatorsShareFeesAsTheyShareRewards() public {
        uint256 seqId = pool.seqSigners(members[0].signer);
        address owner = _owner(seqId);
        vm.prank(owner);
        delegation.setCommission(seqId, 1000);
        _delegate("alice", seqId, 50_000 ether);
        uint64 epoch = _freezeNext();
        _drain();
        (,, SetMember[] memory set) = pool.nextSet();
        _report(epoch, 100, _only(0, 100), EpochRevenue(700 ether, 0, 1));
        reserve.distribute(epoch, set, 100, _only(0, 100));
        (, uint256 total) = pool.setOf(epoch);
        uint256 seat = 700 ether * (4000 * total + 6000 * uint256(set[0].weight)) / (10_000 * total);
        uint256[] memory seats = new uint256[](1);
        seats[0] = seqId;
        uint256 toDelegators = seat * 9000 / 20_000;
        _assertWeiLess(delegation.rewardsOf(ALICE, seats), toDelegators);
        vm.assertEq(delegation.rewardsOf(owner, new uint256[](0)), seat - toDelegators);
    }

    function test_RewardsNeverTakeTheFeesOfAnotherEpoch() public {
        _drain();
        _report(1, 10, _evenly(10), EpochRevenue(1 ether, 0, 1));
        vm.assertEq(reserve.rewardOf(200_000 ether), 0);
        _report(2, 10, _evenly(10));
        _distribute(2, 10, _evenly(10));
        vm.assertEq(token.balanceOf(address(delegation)), 0);
        _distribute(1, 10, _evenly(10));
        vm.assertGt(token.balanceOf(address(delegation)), 0.79 ether);
    }

    function test_DataFeesGoToThePostersVaultWithTheRate() public {
        uint256 before = token.balanceOf(address(reserve));
        vm.expectCall(address(posters), abi.encodeWithSignature("settle(uint64,uint256)", 1, 77 ether));
        _report(1, 10, _evenly(10), EpochRevenue(0, 3 ether, 77 ether));
        vm.assertEq(token.balanceOf(address(posters)), 3 ether);
        vm.assertEq(token.balanceOf(address(reserve)), before);
        vm.assertTrue(posters.epochRefunds(1).settled);
    }

    /// @dev Whatever was attended: shares and what stays are the whole, to the wei.
    function testFuzz_SharesAddUpToTheFees(uint80 fees, uint32[4] memory proposed, uint32[4] memory attended) public {
        _drain();
        uint256 blocks;
        for (uint256 i = 0; i < 4; ++i) {
            blocks += proposed[i] /= 4;
        }
        vm.assume(blocks != 0);
        uint256[] memory words = new uint256[](1);
        for (uint256 i = 0; i < 4; ++i) {
            words[0] |= (bound(attended[i], 0, blocks) << 32 | proposed[i]) << (64 * i);
        }
        _report(1, uint64(blocks), words, EpochRevenue(fees, 0, 1));
        _distribute(1, uint64(blocks), words);
        uint256 paid;
        for (uint256 i = 0; i < 4; ++i) {
            paid += _rewardsOf(members[i].signer);
        }
        vm.assertEq(token.balanceOf(address(delegation)), paid);
        vm.assertEq(token.balanceOf(address(reserve)), fees - paid);
    }

    /// @dev Nothing is left to reward with.
    function _drain() private {
        uint256 held = token.balanceOf(address(reserve));
        vm.prank(address(reserve));
        token.transfer(TREASURY, held);
    }
}
