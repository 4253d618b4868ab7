// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBatchInbox} from "../../src/interfaces/IBatchInbox.sol";
import {Announcement, Handover, IEmergencyHandover, Presence} from "../../src/interfaces/IEmergencyHandover.sol";
import {Certificates} from "../../src/libraries/Certificates.sol";
import {Certificate, SetMember} from "../../src/types/Certificate.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {HandoverFixture} from "./HandoverFixture.sol";

/// @notice From silence to the next generation (docs/spec/below-two-thirds.md).
contract HandoverTest is HandoverFixture {
    function test_NobodyIsSilentBeforeLeakStart() public {
        L1Chain.mine(LEAK - 1, 1);
        Presence memory presence = rescue.presenceOf(members);
        vm.assertEq(presence.presentWeight, presence.totalWeight);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEmergencyHandover.EnoughPresent.selector, presence.totalWeight, presence.totalWeight
            )
        );
        rescue.announceHandover(members);
    }

    function test_TheSilentDecayInAStraightLine() public {
        _passWith(2, LEAK + (LIMIT - LEAK) / 3);
        Presence memory presence = rescue.presenceOf(members);
        uint256 weight = members[0].weight;
        vm.assertEq(presence.presentWeight, 2 * weight);
        vm.assertEq(presence.countedWeight, 2 * weight + 2 * ((weight * 50 + 74) / 75));
        vm.assertEq(presence.seats, 2);
    }

    function testFuzz_CountedWeightNeverRisesWhileAMemberIsSilent(uint256 first, uint256 second) public {
        first = bound(first, 0, 300);
        second = bound(second, first, 300);
        uint256 start = block.timestamp;
        vm.warp(start + first);
        uint256 before = rescue.presenceOf(members).countedWeight;
        vm.warp(start + second);
        uint256 later = rescue.presenceOf(members).countedWeight;
        vm.assertLe(later, before);
        vm.assertEq(later == 0, second >= LIMIT);
    }

    function test_RefusesTheAnnouncementUntilHalfOfTheOthersIsGone() public {
        _passWith(2, HALF_DECAYED - 1);
        Presence memory presence = rescue.presenceOf(members);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEmergencyHandover.NotDecayed.selector, presence.presentWeight, presence.countedWeight
            )
        );
        rescue.announceHandover(members);
        _passWith(2, 1);
        rescue.announceHandover(members);
        (Announcement memory announcement,) = rescue.announced();
        vm.assertEq(announcement.readyAt, block.timestamp + PIN_WINDOW);
    }

    function test_RefusesAHandoverWhileThreeOfFourAreThere() public {
        _passWith(3, 10 * LIMIT);
        Presence memory presence = rescue.presenceOf(members);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEmergencyHandover.EnoughPresent.selector, presence.presentWeight, presence.totalWeight
            )
        );
        rescue.announceHandover(members);
    }

    function test_RefusesAHandoverToFewerThanMinSeats() public {
        _passWith(1, LIMIT);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.TooFewSeats.selector, 1, 2));
        rescue.announceHandover(members);
    }

    function test_RefusesMembersThatAreNotTheSet() public {
        _passWith(2, HALF_DECAYED);
        SetMember[] memory others = members;
        others[0].weight += 1;
        bytes32 expected = keccak256(abi.encode(members));
        bytes32 given = keccak256(abi.encode(others));
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.WrongSet.selector, expected, given));
        rescue.announceHandover(others);
    }

    function test_RefusesASecondAnnouncement() public {
        _announce();
        (Announcement memory announcement,) = rescue.announced();
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.AlreadyAnnounced.selector, announcement.readyAt));
        rescue.announceHandover(members);
    }

    function test_RefusesTheHandoverUnannouncedAndInsidePinWindow() public {
        vm.expectRevert(IEmergencyHandover.NotAnnounced.selector);
        rescue.handover(members);
        _announce();
        uint256 readyAt = block.timestamp + PIN_WINDOW;
        _passWith(2, PIN_WINDOW - 1);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.HandoverTooEarly.selector, readyAt));
        rescue.handover(members);
        _passWith(2, 1);
        rescue.handover(members);
    }

    function test_WhoComesBackInsidePinWindowStopsIt() public {
        _announce();
        _passWith(3, PIN_WINDOW);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEmergencyHandover.EnoughPresent.selector, 3 * members[0].weight, 4 * uint256(members[0].weight)
            )
        );
        rescue.handover(members);
    }

    function test_ABatchMakesTheAnnouncementVoid() public {
        _announce();
        _post();
        (Announcement memory announcement,) = rescue.announced();
        vm.assertEq(announcement.readyAt, 0);
        _passWith(2, PIN_WINDOW);
        vm.expectRevert(IEmergencyHandover.NotAnnounced.selector);
        rescue.handover(members);
    }

    function test_AnEscapeMakesTheAnnouncementVoidAndTheLeakGoesOn() public {
        _announce();
        _passWith(2, 180);
        inbox.announceEscape();
        _passWith(2, PIN_WINDOW);
        inbox.escape();
        vm.expectRevert(IEmergencyHandover.NotAnnounced.selector);
        rescue.handover(members);
        _passWith(2, 1);
        rescue.announceHandover(members);
    }

    function test_TheHandoverGivesTheNextGenerationToThePresent() public {
        _announce();
        _passWith(2, PIN_WINDOW);
        SetMember[] memory old = members;
        _keepFirst(2);
        bytes32 setHash = keccak256(abi.encode(members));
        uint256 total = 2 * uint256(members[0].weight);
        vm.expectEmit(address(inbox));
        emit IBatchInbox.GenerationRaised(1, 1);
        vm.expectEmit(address(rescue));
        emit IEmergencyHandover.HandedOver(1, 0, setHash, total, members, 0, 0);
        rescue.handover(old);
        vm.assertEq(inbox.generation(), 1);
        (bytes32 found, uint256 weight) = rescue.setFor(0, 1);
        vm.assertEq(found, setHash);
        vm.assertEq(weight, total);
        (found,) = rescue.setFor(0, 0);
        vm.assertEq(found, keccak256(abi.encode(old)));
        (found,) = rescue.setFor(7, 5);
        vm.assertEq(found, setHash);
    }

    function test_TheSmallerSetPostsAtOnceAndTheOldOneDoesNot() public {
        SetMember[] memory old = members;
        _handOver();
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _emptyClaim(header);
        Certificate memory certificate = _certify(claim);
        certificate.members = old;
        vm.expectRevert(
            abi.encodeWithSelector(
                Certificates.WrongSet.selector, keccak256(abi.encode(members)), keccak256(abi.encode(old))
            )
        );
        inbox.submitBatch(header, claim, certificate, PAYLOAD);
        _post();
        vm.assertEq(inbox.batchCount(), 2);
    }

    function test_ClaimsOfOldBatchesAreStillTheOldSets() public {
        _post();
        SetMember[] memory old = members;
        _handOver();
        StateClaim memory claim;
        claim.batchHash = inbox.batchHashAt(1);
        claim.prevOutputRoot = GENESIS_OUTPUT;
        claim.firstBlock = 1;
        claim.lastBlock = 2;
        claim.outputRoot = keccak256("output");
        Certificate memory certificate = _certify(claim);
        vm.expectRevert(
            abi.encodeWithSelector(
                Certificates.WrongSet.selector, keccak256(abi.encode(old)), keccak256(abi.encode(members))
            )
        );
        inbox.checkClaim(1, claim, certificate);
        delete members;
        for (uint256 i = 0; i < old.length; ++i) {
            members.push(old[i]);
        }
        inbox.checkClaim(1, claim, _certify(claim));
    }

    function test_ASetFrozenAfterwardsTakesOverInItsEpoch() public {
        _handOver();
        bytes32 handedOver = keccak256(abi.encode(members));
        _lock("alice", MAX);
        uint64 epoch = _freezeNext();
        (bytes32 found,) = rescue.setFor(epoch - 1, 1);
        vm.assertEq(found, handedOver);
        (found,) = rescue.setFor(epoch, 1);
        vm.assertEq(found, pool.frozenSetOf(epoch).setHash);
        vm.assertNotEq(found, handedOver);
        (,, SetMember[] memory next) = pool.nextSet();
        vm.assertEq(next.length, 3);
    }

    function test_ASetFrozenBeforeDoesNot() public {
        uint64 epoch = _freezeNext();
        _mineTo(block.number + 30);
        _post();
        _handOver();
        (bytes32 found,) = rescue.setFor(epoch + 1, 1);
        vm.assertEq(found, keccak256(abi.encode(members)));
    }

    function test_TheSilentAreJailedAndComeBackByTheirOwners() public {
        SetMember[] memory old = members;
        _handOver();
        for (uint256 i = 0; i < 4; ++i) {
            vm.assertEq(pool.sequencers(_seatOf(old[i])).jailedUntil != 0, i >= 2);
        }
        uint256 seqId = _seatOf(old[3]);
        vm.warp(block.timestamp + 60);
        vm.prank(_owner(seqId));
        pool.unjail(seqId);
        (,, SetMember[] memory next) = pool.nextSet();
        vm.assertEq(next.length, 3);
    }

    function test_WeightsAreThoseOfNow() public {
        uint256 seqId = _seatOf(members[0]);
        _unlock(seqId, 20_000 ether);
        _passWith(2, HALF_DECAYED);
        rescue.announceHandover(members);
        _passWith(2, PIN_WINDOW);
        rescue.handover(members);
        Handover memory begun = rescue.handoverAt(0);
        vm.assertEq(begun.totalWeight, 2 * uint256(members[0].weight) - 20_000 ether);
    }

    function test_WhoHasLeftTakesNoPart() public {
        _unlock(_seatOf(members[0]), members[0].weight);
        _passWith(2, HALF_DECAYED);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.TooFewSeats.selector, 1, 2));
        rescue.announceHandover(members);
    }

    function test_ASecondHandoverShrinksTheSetAgain() public {
        _deploy(_weights(10, 25));
        _passWith(5, HALF_DECAYED);
        rescue.announceHandover(members);
        _passWith(5, PIN_WINDOW);
        rescue.handover(members);
        _keepFirst(5);
        vm.assertEq(rescue.silentSince(), block.timestamp);
        _passWith(2, LIMIT);
        rescue.announceHandover(members);
        _passWith(2, PIN_WINDOW);
        rescue.handover(members);
        vm.assertEq(inbox.generation(), 2);
        _keepFirst(2);
        (bytes32 found,) = rescue.setFor(0, 2);
        vm.assertEq(found, keccak256(abi.encode(members)));
        vm.assertEq(rescue.handoverCount(), 2);
    }

    function test_OnlyTheHandoverRaisesTheGenerationWithoutAHeader() public {
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.NotEmergencyHandover.selector, address(this)));
        inbox.raiseGeneration();
    }
}
