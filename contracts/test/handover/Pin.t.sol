// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Handover, IEmergencyHandover, Pin} from "../../src/interfaces/IEmergencyHandover.sol";
import {SeatStatus} from "../../src/types/Seat.sol";
import {Certificates} from "../../src/libraries/Certificates.sol";
import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {Certificate} from "../../src/types/Certificate.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {HandoverFixture} from "./HandoverFixture.sol";

/// @notice What the next generation builds on, and what it costs to build on something else.
contract PinTest is HandoverFixture {
    function test_TheHighestCertifiedBlockIsPinned() public {
        BlockAttestation memory low = _blockAttestation(7, keccak256("seven"));
        BlockAttestation memory high = _blockAttestation(9, keccak256("nine"));
        _announce();
        rescue.pin(low, _certifyBlock(low, 3));
        vm.expectEmit(address(rescue));
        emit IEmergencyHandover.Pinned(0, 9, high.blockHash);
        rescue.pin(high, _certifyBlock(high, 3));
        Certificate memory certificate = _certifyBlock(low, 4);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.NotHigher.selector, 9, 7));
        rescue.pin(low, certificate);
        _passWith(2, PIN_WINDOW);
        rescue.handover(members);
        Handover memory begun = rescue.handoverAt(0);
        vm.assertEq(begun.pin.number, 9);
        vm.assertEq(begun.pin.blockHash, high.blockHash);
    }

    function test_RefusesAPinOutsideOfAnAnnouncement() public {
        BlockAttestation memory attestation = _blockAttestation(7, keccak256("seven"));
        Certificate memory certificate = _certifyBlock(attestation, 3);
        vm.expectRevert(IEmergencyHandover.NotAnnounced.selector);
        rescue.pin(attestation, certificate);
    }

    function test_RefusesABlockOfTwoThirdsAndLess() public {
        BlockAttestation memory attestation = _blockAttestation(7, keccak256("seven"));
        _announce();
        Certificate memory certificate = _certifyBlock(attestation, 2);
        uint256 weight = members[0].weight;
        vm.expectRevert(abi.encodeWithSelector(Certificates.WeightTooLow.selector, 2 * weight, 4 * weight));
        rescue.pin(attestation, certificate);
    }

    function test_RefusesABlockOfAnotherGeneration() public {
        _announce();
        BlockAttestation memory attestation = _blockAttestation(7, keccak256("seven"));
        attestation.generation = 1;
        Certificate memory certificate = _certifyBlock(attestation, 4);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.WrongGeneration.selector, 0, 1));
        rescue.pin(attestation, certificate);
    }

    function test_RefusesABlockWhoseAnchorIsNotOnL1() public {
        _announce();
        BlockAttestation memory attestation = _blockAttestation(7, keccak256("seven"));
        bytes32 known = attestation.anchorHash;
        attestation.anchorHash = keccak256("another L1");
        Certificate memory certificate = _certifyBlock(attestation, 4);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEmergencyHandover.WrongAnchorHash.selector, attestation.anchorNumber, known, attestation.anchorHash
            )
        );
        rescue.pin(attestation, certificate);
        attestation.anchorNumber = uint64(block.number) + 5;
        certificate = _certifyBlock(attestation, 4);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.AnchorUnknown.selector, attestation.anchorNumber));
        rescue.pin(attestation, certificate);
    }

    /// @notice Ten seats, of which five go on from block 7.
    function _handOverToFiveWithBlockSeven() private {
        _deploy(_weights(10, 25));
        BlockAttestation memory attestation = _blockAttestation(7, keccak256("seven"));
        Certificate memory certificate = _certifyBlock(attestation, 7);
        _passWith(5, HALF_DECAYED);
        rescue.announceHandover(members);
        rescue.pin(attestation, certificate);
        _passWith(5, PIN_WINDOW);
        rescue.handover(members);
        _keepFirst(5);
    }

    function test_APinThatIsNotOnL1YetIsCarriedOver() public {
        _handOverToFiveWithBlockSeven();
        _passWith(2, LIMIT);
        rescue.announceHandover(members);
        (, Pin memory pinned) = rescue.announced();
        vm.assertEq(pinned.number, 7);
    }

    function test_APinOnL1IsNotCarriedOver() public {
        _handOverToFiveWithBlockSeven();
        _post();
        _passWith(2, LIMIT);
        rescue.announceHandover(members);
        (, Pin memory pinned) = rescue.announced();
        vm.assertEq(pinned.number, 0);
    }

    function test_AttestingANumberAtOrBelowThePinCostsEverything() public {
        _handOverOn(7);
        address signer = members[0].signer;
        uint256 seqId = _seatOf(members[0]);
        BlockAttestation memory attestation = _blockAttestation(7, keccak256("another seven"));
        rescue.reportPinBroken(attestation, _sign(signer, attestation.hash()), "");
        vm.assertEq(uint256(pool.sequencers(seqId).status), uint256(SeatStatus.Tombstoned));
        vm.assertEq(slashing.credits(address(this)), 10_000 ether);
    }

    function test_AttestingAnotherParentAtTheNextNumberCostsEverything() public {
        _handOverOn(7);
        bytes memory header = L1Chain.header(8, keccak256("another seven"));
        BlockAttestation memory attestation = _blockAttestation(8, keccak256(header));
        rescue.reportPinBroken(attestation, _sign(members[1].signer, attestation.hash()), header);
        vm.assertEq(uint256(pool.sequencers(_seatOf(members[1])).status), uint256(SeatStatus.Tombstoned));
    }

    function test_BuildingOnThePinCostsNothing() public {
        _handOverOn(7);
        bytes memory header = L1Chain.header(8, keccak256("pinned 7"));
        BlockAttestation memory attestation = _blockAttestation(8, keccak256(header));
        bytes memory signature = _sign(members[0].signer, attestation.hash());
        vm.expectRevert(IEmergencyHandover.PinKept.selector);
        rescue.reportPinBroken(attestation, signature, header);
        attestation = _blockAttestation(9, keccak256("nine"));
        signature = _sign(members[0].signer, attestation.hash());
        vm.expectRevert(IEmergencyHandover.PinKept.selector);
        rescue.reportPinBroken(attestation, signature, "");
    }

    function test_AnotherHeaderIsNoEvidence() public {
        _handOverOn(7);
        BlockAttestation memory attestation = _blockAttestation(8, keccak256("eight"));
        bytes memory signature = _sign(members[0].signer, attestation.hash());
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.WrongHeader.selector, attestation.blockHash));
        rescue.reportPinBroken(attestation, signature, L1Chain.header(8, keccak256("another seven")));
    }

    function test_OldAttestationsAreNotBoundByALaterPin() public {
        BlockAttestation memory attestation = _blockAttestation(6, keccak256("six"));
        bytes memory signature = _sign(members[0].signer, attestation.hash());
        _handOverOn(7);
        vm.expectRevert(IEmergencyHandover.PinKept.selector);
        rescue.reportPinBroken(attestation, signature, "");
    }

    function test_WhoHasNoSeatBreaksNoPin() public {
        _handOverOn(7);
        BlockAttestation memory attestation = _blockAttestation(7, keccak256("another seven"));
        address stranger = vm.addr(_key("stranger"));
        bytes memory signature = _sign(stranger, attestation.hash());
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.UnknownSigner.selector, stranger));
        rescue.reportPinBroken(attestation, signature, "");
    }

    /// @dev Hands over to the first two members on block `number`.
    function _handOverOn(uint64 number) private {
        BlockAttestation memory attestation = _blockAttestation(number, keccak256("pinned 7"));
        Certificate memory certificate = _certifyBlock(attestation, 3);
        _announce();
        rescue.pin(attestation, certificate);
        _passWith(2, PIN_WINDOW);
        rescue.handover(members);
        _keepFirst(2);
    }
}
