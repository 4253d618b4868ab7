// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {HandoverParameters, IEmergencyHandover} from "../../src/interfaces/IEmergencyHandover.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {Heartbeat} from "../../src/types/Heartbeat.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {HandoverFixture} from "./HandoverFixture.sol";

/// @notice Signs of life, and what their absence costs.
contract SilenceTest is HandoverFixture {
    function test_AnyoneMayBringAHeartbeat() public {
        L1Chain.mine(50, 1);
        Heartbeat memory beat = _heartbeat();
        bytes memory signature = _sign(members[2].signer, beat.hash());
        vm.expectEmit(address(rescue));
        emit IEmergencyHandover.HeartbeatSeen(members[2].signer, uint64(block.timestamp));
        rescue.heartbeat(beat, signature);
        vm.assertEq(rescue.lastSeen(members[2].signer), block.timestamp);
        vm.assertEq(rescue.presenceOf(members).presentWeight, members[2].weight);
    }

    function test_RefusesAHeartbeatOfAnotherTime() public {
        L1Chain.mine(50, 1);
        Heartbeat memory beat = _heartbeat();
        uint64 oldest = uint64(block.number) - 32;
        beat.l1BlockNumber = oldest - 1;
        beat.l1BlockHash = L1Chain.hashOf(oldest - 1);
        _refuse(beat, abi.encodeWithSelector(IEmergencyHandover.StaleHeartbeat.selector, oldest - 1));
        beat.l1BlockNumber = uint64(block.number);
        _refuse(beat, abi.encodeWithSelector(IEmergencyHandover.StaleHeartbeat.selector, block.number));
        beat.l1BlockNumber = oldest;
        bytes32 known = L1Chain.hashOf(oldest);
        _refuse(
            beat, abi.encodeWithSelector(IEmergencyHandover.WrongBlockHash.selector, oldest, known, beat.l1BlockHash)
        );
        beat.l1BlockHash = known;
        rescue.heartbeat(beat, _sign(members[0].signer, beat.hash()));
    }

    function test_RefusesAHeartbeatOfAnotherGenerationOrEpoch() public {
        L1Chain.mine(3, 1);
        Heartbeat memory beat = _heartbeat();
        beat.generation = 1;
        _refuse(beat, abi.encodeWithSelector(IEmergencyHandover.WrongGeneration.selector, 0, 1));
        beat.generation = 0;
        beat.epoch = 3;
        _refuse(beat, abi.encodeWithSelector(IEmergencyHandover.WrongEpoch.selector, 0, 3));
    }

    function test_RefusesAHeartbeatOfNobodysKey() public {
        L1Chain.mine(3, 1);
        Heartbeat memory beat = _heartbeat();
        address stranger = vm.addr(_key("stranger"));
        bytes memory signature = _sign(stranger, beat.hash());
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.UnknownSigner.selector, stranger));
        rescue.heartbeat(beat, signature);
    }

    function test_TheSilentLoseAHundredthOfTheWholeSeatOnce() public {
        SetMember memory silent = members[3];
        uint256 seqId = _seatOf(silent);
        _delegate("dora", seqId, 10_000 ether);
        uint64 since = rescue.silentSince();
        _handOver();
        vm.assertEq(rescue.leftOutSince(silent.signer), since);
        vm.warp(since + LIMIT - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEmergencyHandover.SilentTooShort.selector, silent.signer, since + LIMIT)
        );
        rescue.ejectSilent(silent.signer);
        vm.warp(since + LIMIT);
        rescue.ejectSilent(silent.signer);
        vm.assertEq(pool.sequencers(seqId).amount, silent.weight - silent.weight / 100);
        vm.assertEq(pool.sequencers(seqId).delegated, 9900 ether);
        vm.assertEq(slashing.credits(address(this)), 120 ether);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.NotSilent.selector, silent.signer));
        rescue.ejectSilent(silent.signer);
    }

    function test_WhoLeavesIsPunishedInTheExitQueue() public {
        SetMember memory silent = members[3];
        uint256 seqId = _seatOf(silent);
        uint64 since = rescue.silentSince();
        _handOver();
        _unlock(seqId, silent.weight);
        vm.warp(since + LIMIT);
        rescue.ejectSilent(silent.signer);
        vm.assertEq(pool.sequencers(seqId).exiting, silent.weight - silent.weight / 100);
    }

    function test_AHeartbeatWithinTheLimitIsEnough() public {
        SetMember memory late = members[3];
        uint64 since = rescue.silentSince();
        _handOver();
        vm.warp(since + LIMIT - 1);
        _beat(late.signer);
        vm.warp(since + LIMIT);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.NotSilent.selector, late.signer));
        rescue.ejectSilent(late.signer);
    }

    function test_AHeartbeatAfterTheLimitIsTooLate() public {
        SetMember memory late = members[3];
        uint64 since = rescue.silentSince();
        _handOver();
        vm.warp(since + LIMIT);
        _beat(late.signer);
        rescue.ejectSilent(late.signer);
    }

    function test_WhoTookOverIsNotSilent() public {
        _handOver();
        vm.warp(block.timestamp + LIMIT);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.NotSilent.selector, members[0].signer));
        rescue.ejectSilent(members[0].signer);
    }

    function test_ParametersKeepTheirBoundsAndRelations() public {
        HandoverParameters memory given = HandoverParameters({leakStart: 4, silenceLimit: 120, minSeats: 2});
        _refuseParameters(
            given, abi.encodeWithSelector(IEmergencyHandover.OutOfBounds.selector, bytes32("leakStart"), 4, 5, 1 days)
        );
        given.leakStart = 16;
        _refuseParameters(
            given,
            abi.encodeWithSelector(
                IEmergencyHandover.RelationBroken.selector, bytes32("heartbeat+maxBatchAge<leakStart")
            )
        );
        given.leakStart = 120;
        _refuseParameters(
            given, abi.encodeWithSelector(IEmergencyHandover.RelationBroken.selector, bytes32("leakStart<silenceLimit"))
        );
        given.silenceLimit = 150;
        _refuseParameters(
            given,
            abi.encodeWithSelector(IEmergencyHandover.RelationBroken.selector, bytes32("silenceLimit+pin<escapeDelay"))
        );
        given.silenceLimit = 149;
        vm.prank(OWNER);
        rescue.setParameters(given);
        vm.assertEq(rescue.parameters().silenceLimit, 149);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.NotSystemOwner.selector, address(this)));
        rescue.setParameters(given);
    }

    function _refuse(Heartbeat memory beat, bytes memory refusal) private {
        bytes memory signature = _sign(members[0].signer, beat.hash());
        vm.expectRevert(refusal);
        rescue.heartbeat(beat, signature);
    }

    function _refuseParameters(HandoverParameters memory given, bytes memory refusal) private {
        vm.prank(OWNER);
        vm.expectRevert(refusal);
        rescue.setParameters(given);
    }
}
