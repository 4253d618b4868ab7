// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Handover} from "../../src/interfaces/IEmergencyHandover.sol";
import {Histories} from "../base/Histories.sol";
import {HandoverActors} from "./HandoverActors.sol";
import {HandoverFixture} from "./HandoverFixture.sol";

/// @notice What holds whoever is there, and in whatever order things are called.
contract HandoverInvariants is HandoverFixture, Histories {
    HandoverActors private actors;
    bytes32 private firstSet;

    function setUp() public override {
        _deploy(_weights(9, 25));
        firstSet = keccak256(abi.encode(members));
        uint256[] memory keys = new uint256[](members.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            keys[i] = keyOf[members[i].signer];
        }
        actors = new HandoverActors(rescue, inbox, pool, members, keys);
        _play(address(actors));
    }

    function invariant_EveryCallEndsAsAModelOfSilenceSays() public view {
        vm.assertEq(actors.surprises(), 0);
    }

    function invariant_ASetThatWasHandedOverNeverChanges() public view {
        uint32 last;
        vm.assertEq(rescue.handoverCount(), actors.handovers());
        for (uint256 i = 0; i < rescue.handoverCount(); ++i) {
            Handover memory given = rescue.handoverAt(i);
            vm.assertGt(given.generation, last);
            last = given.generation;
            vm.assertEq(given.setHash, actors.setHashOf(i));
            (bytes32 found,) = rescue.setFor(given.epoch, given.generation);
            vm.assertEq(found, given.setHash);
            (found,) = rescue.setFor(given.epoch, given.generation - 1);
            vm.assertNotEq(found, given.setHash);
        }
        (bytes32 first,) = rescue.setFor(0, 0);
        vm.assertEq(first, firstSet);
    }

    function invariant_TheEscrowHoldsWhatTheSeatsHold() public view {
        uint256 sum;
        for (uint256 seqId = 1; seqId <= pool.totalSequencers(); ++seqId) {
            sum += pool.sequencers(seqId).amount;
        }
        vm.assertEq(token.balanceOf(address(escrow)), sum);
    }
}
