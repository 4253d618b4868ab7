// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILockingPool} from "../interfaces/ILockingPool.sol";
import {Signatures} from "./Signatures.sol";

/// @title SignerProofs
/// @notice Proof of possession: a key agrees to sign for an owner's seat in this pool on this L1
///         (docs/spec/staking.md, "Proof of possession").
library SignerProofs {
    bytes32 internal constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 internal constant TYPEHASH = keccak256("SignerProof(address owner,address signer)");

    /// @notice EIP-712 digest under the domain of the pool at `pool`.
    function digest(address pool, address owner, address signer) internal view returns (bytes32) {
        bytes32 domain =
            keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("Metis LockingPool"), keccak256("1"), block.chainid, pool));
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(TYPEHASH, owner, signer))));
    }

    /// @notice Address of an uncompressed public key without prefix.
    function addressOf(bytes calldata publicKey) internal pure returns (address) {
        if (publicKey.length != 64) revert ILockingPool.WrongPublicKeyLength(publicKey.length);
        return address(uint160(uint256(keccak256(publicKey))));
    }

    /// @notice Reverts unless the key of `publicKey` has signed for `owner`. Returns its address.
    function check(address owner, bytes calldata publicKey, bytes calldata proof)
        internal
        view
        returns (address signer)
    {
        signer = addressOf(publicKey);
        address recovered = Signatures.recover(proof, digest(address(this), owner, signer));
        if (recovered != signer) revert ILockingPool.WrongProof(signer, recovered);
    }
}
