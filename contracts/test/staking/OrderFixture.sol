// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {IncludedReceipt} from "../../src/interfaces/ISlashingManager.sol";
import {MerkleRoot} from "../../src/libraries/MerkleRoot.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {Inclusion} from "../../src/types/Inclusion.sol";
import {OrderReceipt} from "../../src/types/OrderReceipt.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {TransactionTrie} from "../base/TransactionTrie.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice L2 blocks of two transactions each in settled batches, and a leader that gives receipts for them.
abstract contract OrderFixture is StakingFixture {
    using RLP for *;

    uint32 internal constant GENERATION = 0;

    /// @dev Three blocks a batch: a lone right end in the tree of output roots.
    mapping(uint64 batchIndex => StateClaim) internal claims;
    mapping(uint64 number => address) internal proposerOf;
    uint64 internal batches;
    address internal leader;

    function setUp() public virtual override {
        super.setUp();
        leader = members[0].signer;
    }

    /// @notice The next batch: three blocks by those named, claimed and settled.
    function _settleBlocks(address first, address second, address third) internal returns (uint64 batchIndex) {
        batchIndex = _claimBlocks(first, second, third);
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batchIndex);
    }

    function _claimBlocks(address first, address second, address third) internal returns (uint64 batchIndex) {
        batchIndex = ++batches;
        uint64 from = _firstOf(batchIndex);
        (proposerOf[from], proposerOf[from + 1], proposerOf[from + 2]) = (first, second, third);
        _mineTo(block.number + 2);
        DataHeader memory header = _nextHeader();
        bytes32 parent = batchIndex == 1 ? GENESIS_OUTPUT : claims[batchIndex - 1].outputRoot;
        StateClaim memory claim = _claim(header, parent, from, _outputOf(from + 2));
        bytes32[] memory outputs = new bytes32[](3);
        (outputs[0], outputs[1], outputs[2]) = (_outputOf(from), _outputOf(from + 1), _outputOf(from + 2));
        claim.outputsRoot = MerkleRoot.compute(outputs);
        claims[batchIndex] = claim;
        inbox.submitBatch(header, claim, _certify(claim), PAYLOAD);
    }

    function _transaction(uint64 number, uint64 index) internal pure returns (bytes memory) {
        return abi.encodePacked(hex"02", keccak256(abi.encode("transaction", number, index)));
    }

    function _receipt(uint64 number, uint64 index, uint64 sequence) internal pure returns (OrderReceipt memory) {
        return OrderReceipt({
            generation: GENERATION,
            transactionHash: keccak256(_transaction(number, index)),
            sequence: sequence,
            firstBlock: 1,
            lastBlock: 256
        });
    }

    /// @notice The leader's receipt `sequence` for transaction `index` of block `number`, and where it stands.
    function _included(uint64 number, uint64 index, uint64 sequence) internal view returns (IncludedReceipt memory) {
        return IncludedReceipt(_sign(leader, _receipt(number, index, sequence)), _inclusion(number, index));
    }

    function _inclusion(uint64 number, uint64 index) internal view returns (Inclusion memory inclusion) {
        uint64 batchIndex = (number + 2) / 3;
        (, bytes[] memory first, bytes[] memory second) = _trieOf(number);
        inclusion.batchIndex = batchIndex;
        inclusion.claim = claims[batchIndex];
        inclusion.outputPath = _pathOf(batchIndex, number);
        inclusion.stateRoot = keccak256(abi.encode("state", number));
        inclusion.messagePasserStorageRoot = keccak256(abi.encode("withdrawals", number));
        inclusion.header = _headerOf(number);
        inclusion.transactionIndex = index;
        inclusion.transactionProof = index == 0 ? first : second;
    }

    /// @dev By hand: ((0 1) 2).
    function _pathOf(uint64 batchIndex, uint64 number) private view returns (bytes32[] memory path) {
        uint64 from = _firstOf(batchIndex);
        bytes32[3] memory leaves;
        for (uint64 i = 0; i < 3; ++i) {
            leaves[i] = keccak256(abi.encodePacked(bytes1(0x00), _outputOf(from + i)));
        }
        if (number == from + 2) {
            path = new bytes32[](1);
            path[0] = keccak256(abi.encodePacked(bytes1(0x01), leaves[0], leaves[1]));
        } else {
            path = new bytes32[](2);
            path[0] = leaves[number == from ? 1 : 0];
            path[1] = leaves[2];
        }
    }

    function _outputOf(uint64 number) private view returns (bytes32) {
        bytes32 stateRoot = keccak256(abi.encode("state", number));
        bytes32 withdrawals = keccak256(abi.encode("withdrawals", number));
        return keccak256(abi.encodePacked(bytes32(0), stateRoot, withdrawals, keccak256(_headerOf(number))));
    }

    function _headerOf(uint64 number) private view returns (bytes memory) {
        (bytes32 transactionsRoot,,) = _trieOf(number);
        RLP.Encoder memory fields = RLP.encoder();
        fields.push(keccak256(abi.encode("parent", number))).push(keccak256("ommers")).push(address(0));
        fields.push(keccak256(abi.encode("state", number))).push(transactionsRoot).push(keccak256("receipts"));
        fields.push(new bytes(256)).push(uint256(0)).push(uint256(number)).push(uint256(30_000_000));
        fields.push(uint256(21_000)).push(uint256(1_700_000_000 + number));
        fields.push(abi.encodePacked(uint8(1), uint8(0), GENERATION, proposerOf[number]));
        fields.push(keccak256("randao")).push(abi.encodePacked(bytes8(0))).push(uint256(7));
        return fields.encode();
    }

    function _trieOf(uint64 number) private pure returns (bytes32, bytes[] memory, bytes[] memory) {
        return TransactionTrie.ofTwo(_transaction(number, 0), _transaction(number, 1));
    }

    function _firstOf(uint64 batchIndex) private pure returns (uint64) {
        return 3 * batchIndex - 2;
    }
}
