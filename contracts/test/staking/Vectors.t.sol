// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Offence} from "../../src/interfaces/ISlashingManager.sol";
import {SeatWeights} from "../../src/libraries/SeatWeights.sol";
import {Signatures} from "../../src/libraries/Signatures.sol";
import {SignerProofs} from "../../src/libraries/SignerProofs.sol";
import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {OrderReceipt} from "../../src/types/OrderReceipt.sol";
import {VectorFile} from "../base/VectorFile.sol";

/// @notice Solidity agrees with the vectors of staking.md, which TypeScript reads, too.
contract StakingVectorsTest is VectorFile {
    function test_SequencerSet() public {
        for (uint256 i = 0; _open("sequencerSet", i); ++i) {
            (uint256[] memory keys, address[] memory signerOf) = _candidates();
            SeatWeights.select(keys, _uint(".input.maxSeats"));
            address[] memory signers = new address[](keys.length);
            for (uint256 j = 0; j < keys.length; ++j) {
                signers[j] = signerOf[SeatWeights.seqIdOf(keys[j])];
            }
            (SetMember[] memory members, uint256 totalWeight) =
                SeatWeights.members(signers, SeatWeights.weightsOf(keys));
            vm.assertEq(keccak256(abi.encode(members)), _bytes32(".output.setHash"), entry);
            vm.assertEq(totalWeight, _uint(".output.totalWeight"), entry);
            uint256[] memory weights = vm.parseJsonUintArray(json, _path(".output.weights"));
            vm.assertEq(members.length, weights.length, entry);
            for (uint256 j = 0; j < weights.length; ++j) {
                vm.assertEq(members[j].weight, weights[j], entry);
            }
        }
    }

    function test_SignerProof() public {
        for (uint256 i = 0; _open("signerProof", i); ++i) {
            vm.chainId(_uint(".input.l1ChainId"));
            address signer = _address(".input.signer");
            bytes32 digest = SignerProofs.digest(_address(".input.lockingPool"), _address(".input.owner"), signer);
            vm.assertEq(digest, _bytes32(".output.digest"), entry);
            vm.assertEq(this.recover(_bytes(".output.proof"), digest), signer, entry);
        }
    }

    function test_Equivocation() public {
        for (uint256 i = 0; _open("equivocation", i); ++i) {
            BlockAttestation memory a = _attestation(".input.attestationA");
            BlockAttestation memory b = _attestation(".input.attestationB");
            _checkSide(a, ".output.digestA", ".output.signatureA");
            _checkSide(b, ".output.digestB", ".output.signatureB");
            bytes32 evidenceId =
                keccak256(abi.encode(Offence.Equivocation, _uint(".input.seqId"), a.generation, a.number));
            vm.assertEq(evidenceId, _bytes32(".output.evidenceId"), entry);
        }
    }

    function test_Receipt() public {
        for (uint256 i = 0; _open("receipt", i); ++i) {
            OrderReceipt memory receipt = OrderReceipt({
                generation: uint32(_uint(".input.generation")),
                transactionHash: _bytes32(".input.transactionHash"),
                sequence: uint64(_uint(".input.sequence")),
                firstBlock: uint64(_uint(".input.firstBlock")),
                lastBlock: uint64(_uint(".input.lastBlock"))
            });
            vm.assertEq(keccak256(abi.encode(receipt)), keccak256(_bytes(".output.encoded")), entry);
            vm.assertEq(receipt.hash(), _bytes32(".output.structHash"), entry);
            bytes32 digest = _digest(_bytes32(".output.domainSeparator"), receipt.hash());
            vm.assertEq(digest, _bytes32(".output.digest"), entry);
            vm.assertEq(this.recover(_bytes(".output.signature"), digest), _address(".output.signer"), entry);
        }
    }

    /// @dev A call of its own, for signatures in calldata.
    function recover(bytes calldata signature, bytes32 digest) external pure returns (address) {
        return Signatures.recover(signature, digest);
    }

    /// @dev Seats that may be in a set, as the pool reads them out of its line; `signerOf` is by seat id.
    function _candidates() private view returns (uint256[] memory keys, address[] memory signerOf) {
        uint256 count;
        while (vm.keyExistsJson(json, _path(string.concat(".input.seats[", vm.toString(count), "]")))) {
            ++count;
        }
        keys = new uint256[](count);
        signerOf = new address[](count + 1);
        uint256 used;
        for (uint256 i = 0; i < count; ++i) {
            string memory seat = string.concat(".input.seats[", vm.toString(i), "]");
            uint64 seqId = uint64(_uint(string.concat(seat, ".seqId")));
            uint256 own = _uint(string.concat(seat, ".own"));
            signerOf[seqId] = _address(string.concat(seat, ".signer"));
            bool jailed = vm.parseJsonBool(json, _path(string.concat(seat, ".jailed")));
            if (jailed || own < _uint(".input.ejectionBelow")) continue;
            uint256 delegated = _uint(string.concat(seat, ".delegated"));
            keys[used++] = SeatWeights.keyOf(SeatWeights.ofStake(own, delegated, _uint(".input.maxLock")), seqId);
        }
        assembly {
            mstore(keys, used)
        }
    }

    function _checkSide(BlockAttestation memory attestation, string memory digestAt, string memory signatureAt)
        private
        view
    {
        bytes32 digest = _digest(_bytes32(".input.domainSeparator"), attestation.hash());
        vm.assertEq(digest, _bytes32(digestAt), entry);
        vm.assertEq(this.recover(_bytes(signatureAt), digest), _address(".output.signer"), entry);
    }

    function _digest(bytes32 domainSeparator, bytes32 structHash) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator, structHash));
    }

    function _attestation(string memory path) private view returns (BlockAttestation memory) {
        return BlockAttestation({
            generation: uint32(_uint(string.concat(path, ".generation"))),
            epoch: uint64(_uint(string.concat(path, ".epoch"))),
            number: uint64(_uint(string.concat(path, ".number"))),
            blockHash: _bytes32(string.concat(path, ".blockHash")),
            outputRoot: _bytes32(string.concat(path, ".outputRoot")),
            anchorNumber: uint64(_uint(string.concat(path, ".anchorNumber"))),
            anchorHash: _bytes32(string.concat(path, ".anchorHash"))
        });
    }
}
