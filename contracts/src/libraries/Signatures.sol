// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Signatures
/// @notice 65-byte ECDSA signatures (r ‖ s ‖ v) of which each digest and key have one form only.
library Signatures {
    uint256 internal constant SIZE = 65;

    /// @dev secp256k1's order halved: of a signature's two forms only the one with s up to here counts (EIP-2).
    uint256 internal constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Not 65 bytes.
    error SignatureLength(uint256 given);
    /// @notice s is in the upper half of the order.
    error HighS();
    /// @notice Nobody's signature.
    error NoSigner();

    /// @notice Who signed `digest`; reverts for anything that is not a signature in its one form.
    function recover(bytes calldata signature, bytes32 digest) internal pure returns (address signer) {
        if (signature.length != SIZE) revert SignatureLength(signature.length);
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > HALF_ORDER) revert HighS();
        signer = ecrecover(digest, uint8(signature[64]), bytes32(signature[0:32]), s);
        if (signer == address(0)) revert NoSigner();
    }
}
