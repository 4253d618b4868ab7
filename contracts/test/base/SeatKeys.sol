// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Vm} from "./Vm.sol";

/// @notice Public keys and proofs of possession, formulated apart from the contract's own library.
library SeatKeys {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @notice Uncompressed, without prefix.
    function publicKey(uint256 key) internal returns (bytes memory) {
        Vm.Wallet memory wallet = vm.createWallet(key);
        return abi.encodePacked(wallet.publicKeyX, wallet.publicKeyY);
    }

    /// @notice Signature of `key` over SignerProof(owner, its address) for the pool at `pool`.
    function proof(address pool, address owner, uint256 key) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Metis LockingPool"),
                keccak256("1"),
                block.chainid,
                pool
            )
        );
        bytes32 message =
            keccak256(abi.encode(keccak256("SignerProof(address owner,address signer)"), owner, vm.addr(key)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, message)));
        return abi.encodePacked(r, s, v);
    }
}
