// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Certificate} from "../../src/types/Certificate.sol";
import {DataHeader, DataMode} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {OutputRootProof, Withdrawal} from "../../src/types/Withdrawal.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {StorageTrie} from "../base/StorageTrie.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice Gas of what happens every day, as a transaction of its own, 21,000 and calldata included. Recorded in
///         contracts/snapshots/L1.json; a change shows in the diff.
contract GasTest is L1Fixture {
    address private immutable ALICE = makeAddress("alice");

    function setUp() public override {
        _seats(4);
    }

    /// forge-config: default.isolate = true
    function test_Deposit() public {
        vm.prank(TREASURY);
        token.approve(address(portal), 2 ether);
        vm.prank(TREASURY, TREASURY);
        portal.depositTransaction(TREASURY, 1 ether, 0, 21_000, false, "");
        vm.snapshotGasLastCall("L1", "depositTransaction: first of the chain");
        vm.prank(TREASURY, TREASURY);
        portal.depositTransaction(TREASURY, 1 ether, 0, 21_000, false, "");
        vm.snapshotGasLastCall("L1", "depositTransaction");
    }

    /// forge-config: default.isolate = true
    function test_SubmitBatchOneSeat() public {
        _seats(1);
        _measureBatch("submitBatch: calldata, 1 seat");
    }

    /// forge-config: default.isolate = true
    function test_SubmitBatchFourSeats() public {
        _measureBatch("submitBatch: calldata, 4 seats");
    }

    /// forge-config: default.isolate = true
    function test_SubmitBatchSixteenSeats() public {
        _seats(16);
        _measureBatch("submitBatch: calldata, 16 seats");
    }

    /// @dev Not a transaction of its own: forge cannot price the blobs of one.
    function test_SubmitBatchWithBlobs() public {
        _submitWithClaim(GENESIS_OUTPUT, 1, keccak256("output 1"));
        L1Chain.mine(5, 1);
        DataHeader memory header = _nextHeader();
        bytes32[] memory hashes = new bytes32[](6);
        for (uint256 i = 0; i < 6; ++i) {
            hashes[i] = bytes32((uint256(1) << 248) | (uint256(keccak256(abi.encode(i))) >> 8));
        }
        header.dataMode = DataMode.BLOBS;
        header.payloadHash = 0;
        header.payloadSize = 6 * 126_976;
        header.dataCommitment = keccak256(abi.encodePacked(hashes));
        StateClaim memory claim = _claim(header, keccak256("output 1"), 4, keccak256("output 2"));
        Certificate memory certificate = _certify(claim, 0x7);
        vm.blobhashes(hashes);
        inbox.submitBatch(header, claim, certificate, "");
        vm.snapshotGasLastCall("L1", "submitBatch: six blobs, 4 seats, execution alone");
    }

    /// forge-config: default.isolate = true
    function test_SettleAndFinalize() public {
        vm.prank(TREASURY);
        token.transfer(address(portal), 10 ether);
        Withdrawal memory withdrawal = Withdrawal(1 << 240, ALICE, ALICE, 1 ether, 0, "");
        Withdrawal memory other = Withdrawal((1 << 240) + 3, ALICE, ALICE, 1 ether, 0, "");
        (bytes32 root, bytes[] memory proof,) = StorageTrie.ofTwo(withdrawal.hash(), other.hash());
        OutputRootProof memory output = OutputRootProof(0, keccak256("state"), root, keccak256("block"));
        uint64 batchIndex = _submitWithClaim(GENESIS_OUTPUT, 1, output.hash());
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batchIndex);
        vm.snapshotGasLastCall("L1", "settle: one claim");
        portal.finalizeWithdrawal(withdrawal, batchIndex, output, proof);
        vm.snapshotGasLastCall("L1", "finalizeWithdrawal: plain transfer, proof of two nodes");
    }

    /// forge-config: default.isolate = true
    function test_Escape() public {
        L1Chain.mine(180, 1);
        inbox.announceEscape();
        vm.snapshotGasLastCall("L1", "announceEscape");
        L1Chain.mine(30, 1);
        inbox.escape();
        vm.snapshotGasLastCall("L1", "escape");
    }

    /// forge-config: default.isolate = true
    function test_CheckpointAnchor() public {
        L1Chain.mine(60, 1);
        bytes[] memory headers = new bytes[](10);
        for (uint256 i = 0; i < 10; ++i) {
            headers[i] = L1Chain.header(159 - i);
        }
        inbox.checkpointAnchor(headers);
        vm.snapshotGasLastCall("L1", "checkpointAnchor: ten headers");
    }

    function _seats(uint256 count) private {
        _deploy(_weights(count, 25));
    }

    /// @dev The second batch: the first pays for slots that were never written.
    function _measureBatch(string memory name) private {
        _submitWithClaim(GENESIS_OUTPUT, 1, keccak256("output 1"));
        L1Chain.mine(5, 1);
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _claim(header, keccak256("output 1"), 4, keccak256("output 2"));
        uint256 signers = members.length * 2 / 3 + 1;
        Certificate memory certificate = _certify(claim, (1 << signers) - 1);
        inbox.submitBatch(header, claim, certificate, PAYLOAD);
        vm.snapshotGasLastCall("L1", name);
    }
}
