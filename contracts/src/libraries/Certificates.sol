// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Certificate, SetMember} from "../types/Certificate.sol";

/// @title Certificates
/// @notice Path A: ECDSA signatures of members that together hold more than two thirds of an epoch's weight.
library Certificates {
    uint256 internal constant MAX_MEMBERS = 256;
    uint256 internal constant SIGNATURE_SIZE = 65;

    /// @dev secp256k1's order halved: of a signature's two forms only the one with s up to here counts (EIP-2).
    uint256 internal constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice The member list is longer than the bitmap.
    error TooManyMembers(uint256 count);
    /// @notice The member list is not the epoch's.
    error WrongSet(bytes32 expected, bytes32 given);
    /// @notice A bit stands for no member.
    error BitmapOutOfRange(uint256 bitmap, uint256 members);
    /// @notice Not 65 bytes for each set bit: what was expected of the rest, and what there was.
    error WrongSignatureLength(uint256 expected, uint256 given);
    /// @notice s is in the upper half of the order.
    error MalleableSignature(uint256 member);
    /// @notice The signature is not this member's over this digest.
    error BadSignature(uint256 member);
    /// @notice The signers do not hold more than two thirds.
    error WeightTooLow(uint256 weight, uint256 totalWeight);

    /// @notice Reverts unless members of the set with more than two thirds of `totalWeight` have signed `digest`.
    /// @param setHash keccak256(abi.encode(SetMember[])) of the epoch's set, sorted strictly ascending when stored
    function check(Certificate calldata certificate, bytes32 digest, bytes32 setHash, uint256 totalWeight)
        internal
        pure
    {
        uint256 count = certificate.members.length;
        if (count > MAX_MEMBERS) revert TooManyMembers(count);
        bytes32 given = keccak256(abi.encode(certificate.members));
        if (given != setHash) revert WrongSet(setHash, given);
        if (count < MAX_MEMBERS && certificate.bitmap >> count != 0) {
            revert BitmapOutOfRange(certificate.bitmap, count);
        }
        uint256 weight = _weightOfSigners(certificate, digest);
        if (weight * 3 <= totalWeight * 2) revert WeightTooLow(weight, totalWeight);
    }

    /// @dev Every set bit has its signature, in the order of the bits, and no signature is left over.
    function _weightOfSigners(Certificate calldata certificate, bytes32 digest) private pure returns (uint256 weight) {
        SetMember[] calldata members = certificate.members;
        bytes calldata left = certificate.signatures;
        for (uint256 i = 0; i < members.length; ++i) {
            if ((certificate.bitmap >> i) & 1 == 0) continue;
            if (left.length < SIGNATURE_SIZE) revert WrongSignatureLength(SIGNATURE_SIZE, left.length);
            _checkSignature(left[:SIGNATURE_SIZE], digest, members[i].signer, i);
            left = left[SIGNATURE_SIZE:];
            weight += members[i].weight;
        }
        if (left.length != 0) revert WrongSignatureLength(0, left.length);
    }

    function _checkSignature(bytes calldata signature, bytes32 digest, address signer, uint256 member) private pure {
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > HALF_ORDER) revert MalleableSignature(member);
        address recovered = ecrecover(digest, uint8(signature[64]), r, s);
        if (recovered == address(0) || recovered != signer) revert BadSignature(member);
    }
}
