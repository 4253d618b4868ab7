// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBatchInbox} from "../../src/interfaces/IBatchInbox.sol";
import {Certificates} from "../../src/libraries/Certificates.sol";
import {Certificate, SetMember} from "../../src/types/Certificate.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice What counts as two thirds, seen through the inbox. Six seats; weights 30, 30, 10, 10, 10, 10, in UNITs.
contract CertificatesTest is L1Fixture {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function setUp() public override {
        uint96[] memory weights = _weights(6, 10);
        (weights[0], weights[1]) = (30, 30);
        _deploy(weights);
    }

    function test_RefusesExactlyTwoThirds() public {
        _deploy(_weights(3, 30));
        _refuse(_certificate(0x03), abi.encodeWithSelector(Certificates.WeightTooLow.selector, 60 * UNIT, 90 * UNIT));
        _accept(_certificate(0x07));
    }

    function test_CountsWeightsNotHeads() public {
        _refuse(_certificate(0x3c), abi.encodeWithSelector(Certificates.WeightTooLow.selector, 40 * UNIT, 100 * UNIT));
        _accept(_certificate(0x07));
    }

    function testFuzz_AcceptsAboveTwoThirdsOnly(uint256 bitmap) public {
        bitmap = bound(bitmap, 0, 63);
        uint256 weight;
        for (uint256 i = 0; i < 6; ++i) {
            if ((bitmap >> i) & 1 == 1) weight += members[i].weight;
        }
        Certificate memory certificate = _certificate(bitmap);
        if (weight * 3 > 200 * UNIT) _accept(certificate);
        else _refuse(certificate, abi.encodeWithSelector(Certificates.WeightTooLow.selector, weight, 100 * UNIT));
    }

    function test_RefusesSetThatDoesNotHash() public {
        bytes32 setHash = keccak256(abi.encode(members));
        Certificate memory certificate = _certificate(0x3f);
        certificate.members[5].weight += 1;
        _refuse(
            certificate,
            abi.encodeWithSelector(Certificates.WrongSet.selector, setHash, keccak256(abi.encode(certificate.members)))
        );
        certificate.members = new SetMember[](0);
        _refuse(
            certificate,
            abi.encodeWithSelector(Certificates.WrongSet.selector, setHash, keccak256(abi.encode(certificate.members)))
        );
    }

    function test_RefusesMoreMembersThanBits() public {
        Certificate memory certificate = _certificate(0x3f);
        certificate.members = new SetMember[](257);
        _refuse(certificate, abi.encodeWithSelector(Certificates.TooManyMembers.selector, 257));
    }

    function testFuzz_RefusesBitOfNobody(uint8 bit) public {
        vm.assume(bit >= 6);
        Certificate memory certificate = _certificate(0x3f);
        certificate.bitmap |= 1 << bit;
        _refuse(certificate, abi.encodeWithSelector(Certificates.BitmapOutOfRange.selector, certificate.bitmap, 6));
    }

    function test_RefusesOneSignatureForTwoSeats() public {
        Certificate memory certificate = _certificate(0x01);
        certificate.bitmap = 0x03;
        certificate.signatures = bytes.concat(certificate.signatures, certificate.signatures);
        _refuse(certificate, abi.encodeWithSelector(Certificates.BadSignature.selector, 1));
    }

    function test_RefusesSignaturesInAnotherOrder() public {
        bytes32 digest = _digest(_emptyClaim(_nextHeader()));
        Certificate memory certificate = _certificate(0x3f);
        certificate.signatures = "";
        for (uint256 i = 6; i > 0; --i) {
            certificate.signatures = bytes.concat(certificate.signatures, _signature(members[i - 1].signer, digest));
        }
        _refuse(certificate, abi.encodeWithSelector(Certificates.BadSignature.selector, 0));
    }

    function test_RefusesSignatureOverAnotherClaim() public {
        StateClaim memory other = _emptyClaim(_nextHeader());
        other.batchHash = keccak256("another batch");
        _refuse(_certify(other, 0x3f), abi.encodeWithSelector(Certificates.BadSignature.selector, 0));
    }

    function test_RefusesClaimAboutAnotherBatch() public {
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _emptyClaim(header);
        claim.batchHash = keccak256("another batch");
        Certificate memory certificate = _certify(claim);
        vm.expectRevert(
            abi.encodeWithSelector(IBatchInbox.WrongBatchHash.selector, header.hash(), keccak256("another batch"))
        );
        inbox.submitBatch(header, claim, certificate, PAYLOAD);
    }

    function test_RefusesStrangersSignature() public {
        uint256 stranger = uint256(keccak256("stranger"));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(stranger, _digest(_emptyClaim(_nextHeader())));
        Certificate memory certificate = _certificate(0x3e);
        certificate.bitmap = 0x3f;
        certificate.signatures = bytes.concat(abi.encodePacked(r, s, v), certificate.signatures);
        _refuse(certificate, abi.encodeWithSelector(Certificates.BadSignature.selector, 0));
    }

    /// @dev (r, n - s) with the other v recovers the same signer; only one of the two forms counts.
    function test_RefusesMalleableForm() public {
        bytes32 digest = _digest(_emptyClaim(_nextHeader()));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[members[0].signer], digest);
        bytes32 upper = bytes32(ORDER - uint256(s));
        v = v == 27 ? 28 : 27;
        vm.assertEq(ecrecover(digest, v, r, upper), members[0].signer);
        Certificate memory certificate = _certificate(0x3e);
        certificate.bitmap = 0x3f;
        certificate.signatures = bytes.concat(abi.encodePacked(r, upper, v), certificate.signatures);
        _refuse(certificate, abi.encodeWithSelector(Certificates.MalleableSignature.selector, 0));
    }

    function testFuzz_RefusesOtherRecoveryIds(uint8 v) public {
        vm.assume(v != 27 && v != 28);
        Certificate memory certificate = _certificate(0x3f);
        certificate.signatures[64] = bytes1(v);
        _refuse(certificate, abi.encodeWithSelector(Certificates.BadSignature.selector, 0));
    }

    function testFuzz_RefusesAnyFlippedBit(uint256 position) public {
        Certificate memory certificate = _certificate(0x3f);
        position = bound(position, 0, certificate.signatures.length * 8 - 1);
        uint256 index = position / 8;
        certificate.signatures[index] ^= bytes1(uint8(1 << (position % 8)));
        StateClaim memory claim = _emptyClaim(_nextHeader());
        DataHeader memory header = _nextHeader();
        vm.expectRevert();
        inbox.submitBatch(header, claim, certificate, PAYLOAD);
    }

    function test_RefusesMissingAndLeftOverSignatures() public {
        Certificate memory certificate = _certificate(0x1f);
        certificate.bitmap = 0x3f;
        _refuse(certificate, abi.encodeWithSelector(Certificates.WrongSignatureLength.selector, 65, 0));
        certificate = _certificate(0x3f);
        certificate.bitmap = 0x1f;
        _refuse(certificate, abi.encodeWithSelector(Certificates.WrongSignatureLength.selector, 0, 65));
        certificate = _certificate(0x3f);
        certificate.signatures = bytes.concat(certificate.signatures, hex"00");
        _refuse(certificate, abi.encodeWithSelector(Certificates.WrongSignatureLength.selector, 0, 1));
    }

    function test_RefusesSignaturesOfAnotherChain() public {
        StateClaim memory claim = _emptyClaim(_nextHeader());
        bytes32 foreign = keccak256(abi.encodePacked(hex"1901", keccak256("another domain"), claim.hash()));
        Certificate memory certificate = _certificate(0x3e);
        certificate.bitmap = 0x3f;
        certificate.signatures = bytes.concat(_signature(members[0].signer, foreign), certificate.signatures);
        _refuse(certificate, abi.encodeWithSelector(Certificates.BadSignature.selector, 0));
    }

    function _certificate(uint256 bitmap) private view returns (Certificate memory) {
        return _certify(_emptyClaim(_nextHeader()), bitmap);
    }

    function _accept(Certificate memory certificate) private {
        DataHeader memory header = _nextHeader();
        inbox.submitBatch(header, _emptyClaim(header), certificate, PAYLOAD);
    }

    function _refuse(Certificate memory certificate, bytes memory refusal) private {
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _emptyClaim(header);
        vm.expectRevert(refusal);
        inbox.submitBatch(header, claim, certificate, PAYLOAD);
    }
}
