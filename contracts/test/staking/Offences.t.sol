// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {EpochAttendance, ISlashingManager, Offence, Slash} from "../../src/interfaces/ISlashingManager.sol";
import {ILockingPool} from "../../src/interfaces/ILockingPool.sol";
import {Certificates} from "../../src/libraries/Certificates.sol";
import {Certificate, SetMember} from "../../src/types/Certificate.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {SeatStatus} from "../../src/types/Seat.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {RewardsFixture} from "./Rewards.t.sol";

/// @notice Absence by the attendance that L2 reports, and claims that a contract of disputes found wrong.
contract OffencesTest is RewardsFixture {
    uint64 private constant BLOCKS = 100;
    address private immutable REPORTER = makeAddress("reporter");
    address private immutable DISPUTES = makeAddress("disputes");

    function test_LessThanHalfCostsAThousandthAndAPlaceInTheSet() public {
        uint256[] memory words = _attested(100, 100, 49, 100);
        _report(1, BLOCKS, words);
        vm.prank(REPORTER);
        uint256 slashId = slashing.reportAbsence(EpochAttendance(1, members, BLOCKS, words), 2);
        _assertAbsent(3, slashId, REPORTER);
    }

    function test_WhoWasAbsentComesBackByUnjail() public {
        uint256[] memory words = _attested(0, 100, 100, 100);
        _report(1, BLOCKS, words);
        slashing.reportAbsence(EpochAttendance(1, members, BLOCKS, words), 0);
        uint64 until = pool.sequencers(1).jailedUntil;
        address owner = _owner(1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.StillJailed.selector, 1, until));
        pool.unjail(1);
        vm.warp(until);
        vm.prank(owner);
        pool.unjail(1);
        (,, SetMember[] memory next) = pool.nextSet();
        vm.assertEq(next.length, 4);
    }

    function test_HalfIsEnough() public {
        uint256[] memory words = _attested(50, 100, 100, 100);
        _report(1, BLOCKS, words);
        bytes memory refusal =
            abi.encodeWithSelector(ISlashingManager.WasPresent.selector, members[0].signer, 50, BLOCKS);
        _refuseAbsence(refusal, EpochAttendance(1, members, BLOCKS, words), 0);
    }

    function test_AnEpochWithoutBlocksAccusesNobody() public {
        uint256[] memory words = new uint256[](0);
        _report(1, 0, words);
        bytes memory refusal = abi.encodeWithSelector(ISlashingManager.WasPresent.selector, members[0].signer, 0, 0);
        _refuseAbsence(refusal, EpochAttendance(1, members, 0, words), 0);
    }

    function test_AnAbsenceCountsOnceAnEpoch() public {
        uint256[] memory words = _attested(0, 100, 100, 100);
        _report(1, BLOCKS, words);
        _report(2, BLOCKS, words);
        slashing.reportAbsence(EpochAttendance(1, members, BLOCKS, words), 0);
        bytes32 evidenceId = keccak256(abi.encode(Offence.Absence, uint256(1), uint64(1)));
        bytes memory refusal = abi.encodeWithSelector(ISlashingManager.EvidenceUsed.selector, evidenceId);
        _refuseAbsence(refusal, EpochAttendance(1, members, BLOCKS, words), 0);
        slashing.reportAbsence(EpochAttendance(2, members, BLOCKS, words), 0);
        vm.assertEq(pool.sequencers(1).amount, 50_000 ether * 999 / 1000 * 999 / 1000);
    }

    function test_OnlyWhatL2ReportedCounts() public {
        uint256[] memory words = _attested(100, 100, 100, 100);
        _report(1, BLOCKS, words);
        bytes memory refusal = abi.encodeWithSelector(ISlashingManager.WrongAttendance.selector, 1);
        _refuseAbsence(refusal, EpochAttendance(1, members, BLOCKS, _attested(0, 100, 100, 100)), 0);
        _refuseAbsence(refusal, EpochAttendance(1, members, 3 * BLOCKS, words), 0);
        refusal = abi.encodeWithSelector(ISlashingManager.WrongAttendance.selector, 2);
        _refuseAbsence(refusal, EpochAttendance(2, members, BLOCKS, words), 0);
    }

    function test_OnlyTheEpochsSetCounts() public {
        uint256[] memory words = _attested(0, 100, 100, 100);
        _report(1, BLOCKS, words);
        SetMember[] memory swapped = members;
        (swapped[0], swapped[1]) = (swapped[1], swapped[0]);
        bytes memory refusal = abi.encodeWithSelector(
            ISlashingManager.WrongSet.selector, keccak256(abi.encode(members)), keccak256(abi.encode(swapped))
        );
        _refuseAbsence(refusal, EpochAttendance(1, swapped, BLOCKS, words), 0);
    }

    /// @dev What is in the exit queue pays for the epoch that it served; there is nothing left to jail.
    function test_WhoLeftPaysForItsLastEpoch() public {
        uint256[] memory words = _attested(0, 100, 100, 100);
        _report(1, BLOCKS, words);
        uint256 exitId = _unlock(1, 50_000 ether);
        slashing.reportAbsence(EpochAttendance(1, members, BLOCKS, words), 0);
        vm.assertEq(pool.exitOf(exitId).amount, 49_950 ether);
        vm.assertEq(pool.sequencers(1).jailedUntil, 0);
    }

    function test_WhoWasAbsentEarnsNothingBesides() public {
        uint256[] memory words = _attested(49, 100, 100, 100);
        _report(1, BLOCKS, words);
        _distribute(1, BLOCKS, words);
        vm.assertEq(_rewardsOf(members[0].signer), 0);
        vm.assertGt(_rewardsOf(members[1].signer), 0);
    }

    function test_EverySignerOfAWrongClaimLosesAll() public {
        (uint64 batch, StateClaim memory claim, Certificate memory certificate) = _wrongClaim(7);
        _nameDisputes();
        vm.prank(DISPUTES);
        uint256 slashed = slashing.punishSigners(batch, claim, certificate, REPORTER);
        vm.assertEq(slashed, 3);
        for (uint256 seqId = 1; seqId <= 3; ++seqId) {
            vm.assertEq(uint256(pool.sequencers(seqId).status), uint256(SeatStatus.Tombstoned));
            Slash memory slash = slashing.slashOf(seqId);
            vm.assertEq(uint256(slash.offence), uint256(Offence.WrongClaim));
        }
        vm.assertEq(pool.sequencers(4).amount, 50_000 ether);
        vm.assertEq(slashing.credits(REPORTER), 30_000 ether);
        vm.assertEq(slashing.credits(DISPUTES), 0);
    }

    /// @dev Whoever has nothing any more, by whatever offence, is passed over.
    function test_OneWhoHasNothingLeftProtectsNobody() public {
        (uint64 batch, StateClaim memory claim, Certificate memory certificate) = _wrongClaim(7);
        _report(REPORTER, members[0].signer, 7);
        _nameDisputes();
        vm.startPrank(DISPUTES);
        vm.assertEq(slashing.punishSigners(batch, claim, certificate, REPORTER), 2);
        vm.assertEq(slashing.punishSigners(batch, claim, certificate, REPORTER), 0);
        vm.stopPrank();
        vm.assertEq(slashing.totalSlashes(), 3);
    }

    function test_NobodyElseSaysThatAClaimIsWrong() public {
        (uint64 batch, StateClaim memory claim, Certificate memory certificate) = _wrongClaim(7);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotDisputes.selector, address(this)));
        slashing.punishSigners(batch, claim, certificate, REPORTER);
        _nameDisputes();
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotDisputes.selector, OWNER));
        slashing.punishSigners(batch, claim, certificate, REPORTER);
    }

    function test_OnlyWhatTheySignedCounts() public {
        (uint64 batch, StateClaim memory claim, Certificate memory certificate) = _wrongClaim(7);
        _nameDisputes();
        claim.outputRoot = keccak256("not theirs");
        vm.prank(DISPUTES);
        vm.expectPartialRevert(Certificates.BadSignature.selector);
        slashing.punishSigners(batch, claim, certificate, REPORTER);
    }

    function test_SomebodyIsTheReporter() public {
        (uint64 batch, StateClaim memory claim, Certificate memory certificate) = _wrongClaim(7);
        _nameDisputes();
        vm.prank(DISPUTES);
        vm.expectRevert(ISlashingManager.NullAddress.selector);
        slashing.punishSigners(batch, claim, certificate, address(0));
    }

    function test_TheContractOfDisputesIsNamedOnceByTheSystemsOwner() public {
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotSystemOwner.selector, address(this)));
        slashing.nameDisputes(DISPUTES);
        vm.startPrank(OWNER);
        vm.expectRevert(ISlashingManager.NullAddress.selector);
        slashing.nameDisputes(address(0));
        slashing.nameDisputes(DISPUTES);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.DisputesNamed.selector, DISPUTES));
        slashing.nameDisputes(REPORTER);
        vm.stopPrank();
        vm.assertEq(slashing.disputes(), DISPUTES);
    }

    function test_NobodyButTheHandoverPunishesByItself() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotHandover.selector, OWNER));
        slashing.punish(1, Offence.Silence, keccak256("evidence"), 1e16, true, REPORTER);
    }

    function _nameDisputes() private {
        vm.prank(OWNER);
        slashing.nameDisputes(DISPUTES);
    }

    /// @dev A batch with a claim that the members of `bitmap` certified.
    function _wrongClaim(uint256 bitmap)
        private
        returns (uint64 batch, StateClaim memory claim, Certificate memory certificate)
    {
        DataHeader memory header = _nextHeader();
        claim = _claim(header, GENESIS_OUTPUT, 1, keccak256("wrong"));
        certificate = _certify(claim, bitmap);
        inbox.submitBatch(header, claim, certificate, PAYLOAD);
        batch = header.batchIndex;
    }

    function _attested(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (uint256[] memory words) {
        words = new uint256[](1);
        words[0] = (a << 32) | (b << 96) | (c << 160) | (d << 224);
    }

    function _refuseAbsence(bytes memory reason, EpochAttendance memory attendance, uint256 index) private {
        vm.expectRevert(reason);
        slashing.reportAbsence(attendance, index);
    }
}
