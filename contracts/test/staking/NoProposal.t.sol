// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AttendanceCount, EpochAttendance, ISlashingManager, Offence} from "../../src/interfaces/ISlashingManager.sol";
import {RewardsFixture} from "./Rewards.t.sol";

/// @notice Members that attest and never lead. Four seats of a quarter each and terms of ten: 480 attested blocks are
///         twelve terms of each.
contract NoProposalTest is RewardsFixture {
    uint64 private constant TWELVE_TERMS = 480;
    address private immutable REPORTER = makeAddress("reporter");

    function test_TwelveOwnTermsWithoutABlockCostAThousandthAndAPlaceInTheSet() public {
        AttendanceCount[] memory counts = _counted(1, 1, TWELVE_TERMS);
        vm.prank(REPORTER);
        uint256 slashId = slashing.reportNoProposal(1, members, counts, 2);
        _assertAbsent(3, slashId, REPORTER);
    }

    function test_OneBlockLessAccusesNobody() public {
        AttendanceCount[] memory counts = _counted(1, 1, TWELVE_TERMS - 1);
        _refuse(_tooFew(2, TWELVE_TERMS - 1), 1, counts, 2);
        _refuse(_tooFew(2, 0), 1, new AttendanceCount[](0), 2);
    }

    function test_EpochsThatFollowOneAnotherAddUp() public {
        AttendanceCount[] memory counts = _counted(1, 4, TWELVE_TERMS / 4);
        slashing.reportNoProposal(1, members, counts, 2);
        vm.assertEq(pool.sequencers(3).amount, 49_950 ether);
        vm.assertEq(slashing.totalSlashes(), 1);
    }

    /// @dev Who was away did not miss a turn by that: the blocks that it attested count, not those of the epoch.
    function test_OnlyWhatTheMemberAttestedCounts() public {
        uint256[] memory words = _words(TWELVE_TERMS - 1, 0);
        _report(1, 900, words);
        AttendanceCount[] memory counts = new AttendanceCount[](1);
        counts[0] = AttendanceCount(900, words);
        _refuse(_tooFew(2, TWELVE_TERMS - 1), 1, counts, 2);
    }

    function test_OneBlockInAnyOfTheEpochsIsEnough() public {
        AttendanceCount[] memory counts = _counted(1, 2, TWELVE_TERMS);
        uint256[] memory words = _words(TWELVE_TERMS, 1);
        _report(3, TWELVE_TERMS, words);
        AttendanceCount[] memory more = new AttendanceCount[](3);
        (more[0], more[1]) = (counts[0], counts[1]);
        more[2] = AttendanceCount(TWELVE_TERMS, words);
        bytes memory refusal =
            abi.encodeWithSelector(ISlashingManager.HasProposed.selector, members[2].signer, uint64(3));
        _refuse(refusal, 1, more, 2);
        // The other members did propose.
        refusal = abi.encodeWithSelector(ISlashingManager.HasProposed.selector, members[0].signer, uint64(1));
        _refuse(refusal, 1, counts, 0);
    }

    function test_NoEpochIsLeftOut() public {
        AttendanceCount[] memory counts = _counted(1, 1, TWELVE_TERMS / 2);
        AttendanceCount[] memory later = _counted(3, 1, TWELVE_TERMS / 2 + 1);
        AttendanceCount[] memory both = new AttendanceCount[](2);
        (both[0], both[1]) = (counts[0], later[0]);
        _refuse(abi.encodeWithSelector(ISlashingManager.WrongAttendance.selector, 2), 1, both, 2);
    }

    function test_OnlyWhatL2ReportedCounts() public {
        AttendanceCount[] memory counts = _counted(1, 1, TWELVE_TERMS / 2);
        counts[0].words = _words(TWELVE_TERMS, 0);
        _refuse(abi.encodeWithSelector(ISlashingManager.WrongAttendance.selector, 1), 1, counts, 2);
    }

    /// @dev Another set begins the order of its leaders anew: nobody's wait goes on through it.
    function test_EpochsOfTwoSetsDoNotAddUp() public {
        _lock("newcomer", 50_000 ether);
        uint64 epoch = _freezeNext();
        (bytes32 setHash,) = pool.setOf(epoch);
        AttendanceCount[] memory counts = _counted(epoch - 1, 2, TWELVE_TERMS);
        bytes memory refusal =
            abi.encodeWithSelector(ISlashingManager.WrongSet.selector, setHash, keccak256(abi.encode(members)));
        _refuse(refusal, epoch - 1, counts, 2);
    }

    function test_AnEpochsAbsenceCountsOnceOfWhicheverKind() public {
        AttendanceCount[] memory counts = _counted(1, 2, TWELVE_TERMS);
        uint256[] memory words = new uint256[](0);
        _report(3, 1000, words);
        slashing.reportAbsence(EpochAttendance(3, members, 1000, words), 2);
        AttendanceCount[] memory three = new AttendanceCount[](3);
        (three[0], three[1], three[2]) = (counts[0], counts[1], AttendanceCount(1000, words));
        _refuse(_used(3), 1, three, 2);
        slashing.reportNoProposal(1, members, counts, 2);
        AttendanceCount[] memory last = new AttendanceCount[](1);
        last[0] = counts[1];
        _refuse(_used(2), 2, last, 2);
        last[0] = counts[0];
        _refuse(_used(1), 1, last, 2);
    }

    /// @dev Four members attested `attested` blocks of each of `epochs`; all but the third proposed.
    function _counted(uint64 first, uint64 epochs, uint64 attested) private returns (AttendanceCount[] memory counts) {
        counts = new AttendanceCount[](epochs);
        for (uint64 i = 0; i < epochs; ++i) {
            uint256[] memory words = _words(attested, 0);
            _report(first + i, attested, words);
            counts[i] = AttendanceCount(attested, words);
        }
    }

    function _words(uint256 attested, uint256 proposedByThird) private pure returns (uint256[] memory words) {
        words = new uint256[](1);
        for (uint256 i = 0; i < 4; ++i) {
            words[0] |= (attested << 32 | (i == 2 ? proposedByThird : 1)) << (64 * i);
        }
    }

    function _tooFew(uint256 index, uint256 attested) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISlashingManager.TooFewTurns.selector, members[index].signer, attested);
    }

    function _used(uint64 epoch) private pure returns (bytes memory) {
        bytes32 evidenceId = keccak256(abi.encode(Offence.Absence, uint256(3), epoch));
        return abi.encodeWithSelector(ISlashingManager.EvidenceUsed.selector, evidenceId);
    }

    function _refuse(bytes memory reason, uint64 firstEpoch, AttendanceCount[] memory counts, uint256 index) private {
        vm.expectRevert(reason);
        slashing.reportNoProposal(firstEpoch, members, counts, index);
    }
}
