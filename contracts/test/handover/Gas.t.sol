// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {Certificate} from "../../src/types/Certificate.sol";
import {Heartbeat} from "../../src/types/Heartbeat.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {HandoverFixture} from "./HandoverFixture.sol";

/// @notice Gas of a pool's way back, as transactions of their own. Recorded in contracts/snapshots/Handover.json.
contract HandoverGasTest is HandoverFixture {
    /// forge-config: default.isolate = true
    function test_HalfOfFourSeats() public {
        _measure(4, "half of 4 seats");
    }

    /// forge-config: default.isolate = true
    function test_HalfOfSixteenSeats() public {
        _measure(16, "half of 16 seats");
    }

    function _measure(uint256 seats, string memory what) private {
        _deploy(_weights(seats, 25));
        L1Chain.mine(HALF_DECAYED, 1);
        Heartbeat memory beat = _heartbeat();
        rescue.heartbeat(beat, _sign(members[0].signer, beat.hash()));
        vm.snapshotGasLastCall("Handover", "heartbeat");
        for (uint256 i = 1; i < seats / 2; ++i) {
            _beat(members[i].signer);
        }
        rescue.announceHandover(members);
        vm.snapshotGasLastCall("Handover", string.concat("announceHandover: ", what));
        BlockAttestation memory attestation = _blockAttestation(7, keccak256("seven"));
        Certificate memory certificate = _certifyBlock(attestation, seats * 2 / 3 + 1);
        rescue.pin(attestation, certificate);
        vm.snapshotGasLastCall("Handover", string.concat("pin: ", what));
        L1Chain.mine(PIN_WINDOW, 1);
        rescue.handover(members);
        vm.snapshotGasLastCall("Handover", string.concat("handover: ", what));
    }
}
