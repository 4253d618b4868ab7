// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AddressAliasing} from "../../src/libraries/AddressAliasing.sol";
import {MerkleRoot} from "../../src/libraries/MerkleRoot.sol";
import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {BlockInputs} from "../../src/types/BlockInputs.sol";
import {Certificate} from "../../src/types/Certificate.sol";
import {ChainConfig, ChainRules} from "../../src/types/ChainConfig.sol";
import {DataHeader, DataHeaders} from "../../src/types/DataHeader.sol";
import {Deposit, DepositHash} from "../../src/types/Deposit.sol";
import {GenesisConfig} from "../../src/types/GenesisConfig.sol";
import {StateClaim, StateClaimHash} from "../../src/types/StateClaim.sol";
import {OutputRootProof, Withdrawal, WithdrawalHash} from "../../src/types/Withdrawal.sol";
import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {CertificateChecker} from "./CertificateChecker.sol";
import {VectorFile} from "../base/VectorFile.sol";

/// @notice Solidity agrees with docs/spec/vectors, which TypeScript and Rust read, too.
contract VectorsTest is VectorFile {
    function test_Deposit() public {
        for (uint256 i = 0; _open("deposit", i); ++i) {
            Deposit memory deposit = _deposit();
            vm.assertEq(deposit.hash(), _bytes32(".output.depositHash"), entry);
            vm.assertEq(DepositHash.sourceHash(deposit.index), _bytes32(".output.sourceHash"), entry);
        }
    }

    function test_QueueHash() public {
        for (uint256 i = 0; _open("queueHash", i); ++i) {
            bytes32 queueHash = DepositHash.append(_bytes32(".input.previous"), _deposit().hash());
            vm.assertEq(queueHash, _bytes32(".output"), entry);
        }
    }

    function test_SourceHash() public {
        for (uint256 i = 0; _open("sourceHash", i); ++i) {
            uint64 value = uint64(_uint(".input.value"));
            bytes32 hash =
                _uint(".input.domain") == 1 ? DepositHash.systemSourceHash(value) : DepositHash.sourceHash(value);
            vm.assertEq(hash, _bytes32(".output"), entry);
        }
    }

    function test_Alias() public {
        for (uint256 i = 0; _open("alias", i); ++i) {
            address given = _address(".input");
            vm.assertEq(AddressAliasing.alias_(given), _address(".output"), entry);
            vm.assertEq(AddressAliasing.unalias(_address(".output")), given, entry);
        }
    }

    function test_BlockInputs() public {
        for (uint256 i = 0; _open("blockInputs", i); ++i) {
            BlockInputs memory inputs;
            inputs.number = uint64(_uint(".input.number"));
            inputs.time = uint64(_uint(".input.time"));
            inputs.generation = uint32(_uint(".input.generation"));
            inputs.flags = uint8(_uint(".input.flags"));
            inputs.proposer = _address(".input.proposer");
            inputs.anchorNumber = uint64(_uint(".input.anchorNumber"));
            inputs.anchorHash = _bytes32(".input.anchorHash");
            inputs.depositStart = uint64(_uint(".input.depositStart"));
            inputs.depositEnd = uint64(_uint(".input.depositEnd"));
            inputs.rate = _uint(".input.rate");
            inputs.attendanceHash = keccak256(_bytes(".input.attendance"));
            inputs.transactionsHash = keccak256(_rlpList(vm.parseJsonBytesArray(json, _path(".input.transactions"))));
            vm.assertEq(inputs.leaf(), _bytes32(".output"), entry);
        }
    }

    function test_MerkleRoot() public {
        for (uint256 i = 0; _open("merkleRoot", i); ++i) {
            bytes32[] memory leaves = vm.parseJsonBytes32Array(json, _path(".input"));
            if (leaves.length == 1) vm.assertEq(MerkleRoot.ofOne(leaves[0]), _bytes32(".output"), entry);
            vm.assertEq(MerkleRoot.compute(leaves), _bytes32(".output"), entry);
        }
    }

    function test_OutputRoot() public {
        for (uint256 i = 0; _open("outputRoot", i); ++i) {
            OutputRootProof memory proof = OutputRootProof({
                version: 0,
                stateRoot: _bytes32(".input.stateRoot"),
                messagePasserStorageRoot: _bytes32(".input.messagePasserStorageRoot"),
                blockHash: _bytes32(".input.blockHash")
            });
            vm.assertEq(proof.hash(), _bytes32(".output"), entry);
        }
    }

    function test_GenesisConfig() public {
        for (uint256 i = 0; _open("genesisConfig", i); ++i) {
            GenesisConfig memory config = GenesisConfig({
                l1ChainId: _uint(".input.l1ChainId"),
                l2ChainId: _uint(".input.l2ChainId"),
                batchInbox: _address(".input.batchInbox"),
                portal: _address(".input.portal"),
                stateClaims: _address(".input.stateClaims"),
                systemConfig: _address(".input.systemConfig"),
                metisToken: _address(".input.metisToken"),
                l1Messenger: _address(".input.l1Messenger"),
                l1StandardBridge: _address(".input.l1StandardBridge"),
                l2GenesisHash: _bytes32(".input.l2GenesisHash")
            });
            vm.assertEq(config.hash(), _bytes32(".output.genesisConfigHash"), entry);
            vm.assertEq(config.domainSeparator(), _bytes32(".output.domainSeparator"), entry);
        }
    }

    function test_DataHeader() public {
        for (uint256 i = 0; _open("dataHeader", i); ++i) {
            bytes memory encoded = _bytes(".output.encoded");
            DataHeader memory header = abi.decode(encoded, (DataHeader));
            vm.assertEq(abi.encode(header), encoded, entry);
            vm.assertEq(header.batchIndex, _uint(".input.batchIndex"), entry);
            vm.assertEq(header.anchorHash, _bytes32(".input.anchorHash"), entry);
            vm.assertEq(header.payloadSize, _uint(".input.payloadSize"), entry);
            _checkDigest(header.hash());
        }
    }

    function test_StateClaim() public {
        for (uint256 i = 0; _open("stateClaim", i); ++i) {
            bytes memory encoded = _bytes(".output.encoded");
            StateClaim memory claim = abi.decode(encoded, (StateClaim));
            vm.assertEq(abi.encode(claim), encoded, entry);
            vm.assertEq(claim.lastBlock, _uint(".input.lastBlock"), entry);
            vm.assertEq(claim.outputRoot, _bytes32(".input.outputRoot"), entry);
            _checkDigest(claim.hash());
        }
    }

    function test_BlockAttestation() public {
        for (uint256 i = 0; _open("blockAttestation", i); ++i) {
            BlockAttestation memory attestation = abi.decode(_bytes(".output.encoded"), (BlockAttestation));
            vm.assertEq(attestation.number, _uint(".input.number"), entry);
            vm.assertEq(attestation.blockHash, _bytes32(".input.blockHash"), entry);
            _checkDigest(attestation.hash());
        }
    }

    function test_Genesis() public {
        for (uint256 i = 0; _open("genesis", i); ++i) {
            DataHeader memory header = DataHeaders.genesis(
                uint64(_uint(".input.anchorNumber")), _bytes32(".input.anchorHash"), uint64(_uint(".input.anchorTime"))
            );
            vm.assertEq(abi.encode(header), _bytes(".output.headerEncoded"), entry);
            vm.assertEq(header.hash(), _bytes32(".output.batchHash"), entry);
            OutputRootProof memory output = OutputRootProof({
                version: 0,
                stateRoot: _bytes32(".input.stateRoot"),
                messagePasserStorageRoot: _bytes32(".input.messagePasserStorageRoot"),
                blockHash: _bytes32(".input.blockHash")
            });
            StateClaim memory claim = StateClaimHash.genesis(header.hash(), output.blockHash, output.hash());
            vm.assertEq(abi.encode(claim), _bytes(".output.claimEncoded"), entry);
            vm.assertEq(claim.hash(), _bytes32(".output.claimHash"), entry);
        }
    }

    function test_EscapeHeader() public {
        for (uint256 i = 0; _open("escapeHeader", i); ++i) {
            DataHeader memory header = abi.decode(_bytes(".output.encoded"), (DataHeader));
            vm.assertEq(header.hash(), _bytes32(".output.batchHash"), entry);
            vm.assertEq(header.generation, _uint(".input.generation") + 1, entry);
            uint256 passed = _uint(".input.parent.anchorNumber") - _uint(".input.genesisAnchorNumber");
            vm.assertEq(header.epoch, passed / _uint(".input.epochLength"), entry);
        }
    }

    function test_Certificate() public {
        CertificateChecker checker = new CertificateChecker();
        for (uint256 i = 0; _open("certificate", i); ++i) {
            bytes memory encoded = _bytes(".output.encoded");
            Certificate memory certificate = abi.decode(encoded, (Certificate));
            vm.assertEq(abi.encode(certificate), encoded, entry);
            vm.assertEq(keccak256(abi.encode(certificate.members)), _bytes32(".output.setHash"), entry);
            (bool accepted,) = address(checker)
                .call(
                    abi.encodeCall(
                        CertificateChecker.check,
                        (
                            certificate,
                            _bytes32(".input.digest"),
                            _bytes32(".output.setHash"),
                            _uint(".output.totalWeight")
                        )
                    )
                );
            vm.assertEq(accepted, vm.parseJsonBool(json, _path(".output.quorum")), entry);
        }
    }

    function test_Withdrawal() public {
        for (uint256 i = 0; _open("withdrawal", i); ++i) {
            Withdrawal memory withdrawal = Withdrawal({
                nonce: _uint(".input.nonce"),
                sender: _address(".input.sender"),
                target: _address(".input.target"),
                value: _uint(".input.value"),
                gasLimit: _uint(".input.gasLimit"),
                data: _bytes(".input.data")
            });
            vm.assertEq(withdrawal.hash(), _bytes32(".output.withdrawalHash"), entry);
            vm.assertEq(WithdrawalHash.slot(withdrawal.hash()), _bytes32(".output.slot"), entry);
        }
    }

    function test_ChainConfig() public {
        for (uint256 i = 0; _open("chainConfig", i); ++i) {
            bytes memory encoded = _bytes(".output.rlp");
            vm.assertEq(keccak256(encoded), _bytes32(".output.chainConfigHash"), entry);
            ChainRules memory rules = ChainConfig.decode(encoded);
            vm.assertEq(rules.l1ChainId, _uint(".input.l1ChainId"), entry);
            vm.assertEq(rules.l2ChainId, _uint(".input.l2ChainId"), entry);
            vm.assertEq(rules.genesisAnchorNumber, _uint(".input.genesisAnchorNumber"), entry);
            vm.assertEq(rules.genesisAnchorTime, _uint(".input.genesisAnchorTime"), entry);
            vm.assertEq(rules.genesisAnchorHash, _bytes32(".input.genesisAnchorHash"), entry);
            vm.assertEq(rules.depositGasLimit, _uint(".input.depositGasLimit"), entry);
            vm.assertEq(rules.epochLength, _uint(".input.epochLength"), entry);
            vm.assertEq(rules.maxAnchorStep, _uint(".input.maxAnchorStep"), entry);
            vm.assertEq(rules.maxBatchAnchors, _uint(".input.maxBatchAnchors"), entry);
            vm.assertEq(rules.l1Depth, _uint(".input.l1Depth"), entry);
            vm.assertEq(rules.heartbeat, _uint(".input.heartbeat"), entry);
            vm.assertEq(rules.maxBatchAge, _uint(".input.maxBatchAge"), entry);
            vm.assertEq(rules.term, _uint(".input.term"), entry);
        }
    }

    function _checkDigest(bytes32 structHash) private view {
        vm.assertEq(structHash, _bytes32(".output.structHash"), entry);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", _bytes32(".output.domainSeparator"), structHash));
        vm.assertEq(digest, _bytes32(".output.digest"), entry);
    }

    function _deposit() private view returns (Deposit memory) {
        return Deposit({
            index: uint64(_uint(".input.index")),
            l1BlockNumber: uint64(_uint(".input.l1BlockNumber")),
            from: _address(".input.from"),
            to: _address(".input.to"),
            mint: _uint(".input.mint"),
            value: _uint(".input.value"),
            gasLimit: uint64(_uint(".input.gasLimit")),
            isCreation: vm.parseJsonBool(json, _path(".input.isCreation")),
            data: _bytes(".input.data")
        });
    }

    function _rlpList(bytes[] memory items) private pure returns (bytes memory) {
        for (uint256 i = 0; i < items.length; ++i) {
            items[i] = RLP.encode(items[i]);
        }
        return RLP.encode(items);
    }
}
