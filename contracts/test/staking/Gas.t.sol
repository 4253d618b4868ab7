// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {Certificate} from "../../src/types/Certificate.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {CertificateChecker} from "../l1/CertificateChecker.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {SeatKeys} from "../base/SeatKeys.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice Gas of the pool's calls, as transactions of their own. Recorded in contracts/snapshots/Staking.json.
contract StakingGasTest is StakingFixture {
    /// forge-config: default.isolate = true
    function test_Lock() public {
        address owner = makeAddress("alice");
        uint256 key = _key("alice");
        _fund(owner, MAX);
        bytes memory publicKey = SeatKeys.publicKey(key);
        bytes memory proof = SeatKeys.proof(address(pool), owner, key);
        address signer = vm.addr(key);
        vm.prank(owner);
        pool.lockFor(signer, MIN, publicKey, proof);
        vm.snapshotGasLastCall("Staking", "lockFor");
        vm.prank(owner);
        pool.relock(5, 1000 ether);
        vm.snapshotGasLastCall("Staking", "relock");
    }

    /// forge-config: default.isolate = true
    function test_LockInAFullLine() public {
        for (uint256 i = pool.line().length; i < pool.MAX_LINE(); ++i) {
            _lock(string(abi.encodePacked("seat ", bytes1(uint8(i)))), 30_000 ether);
        }
        _lock("late", 40_000 ether);
        vm.snapshotGasLastCall("Staking", "lockFor: the line of 128 is full");
        _freezeNext();
        vm.snapshotGasLastCall("Staking", "freeze: 16 of 128 seats");
    }

    /// forge-config: default.isolate = true
    function test_FreezeFourSeats() public {
        _measureFreeze(4);
    }

    /// forge-config: default.isolate = true
    function test_FreezeSevenSeats() public {
        _measureFreeze(7);
    }

    /// forge-config: default.isolate = true
    function test_FreezeSixteenSeats() public {
        _measureFreeze(16);
    }

    /// forge-config: default.isolate = true
    function test_Exit() public {
        address owner = _owner(1);
        vm.prank(owner);
        uint256 exitId = pool.unlock(1, 10_000 ether);
        vm.snapshotGasLastCall("Staking", "unlock");
        uint64 epoch = _freezeNext();
        vm.roll(GENESIS_ANCHOR + epoch * EPOCH_LENGTH - 3);
        vm.warp(pool.exitOf(exitId).claimableAt);
        L1Chain.mine(5, 1);
        uint64 batch = _submitWithClaim(GENESIS_OUTPUT, 1, keccak256("output 1"));
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batch);
        vm.prank(owner);
        pool.unlockClaim(exitId);
        vm.snapshotGasLastCall("Staking", "unlockClaim");
    }

    /// forge-config: default.isolate = true
    function test_Delegation() public {
        // Others before, so that what is measured does not depend on being the first.
        _delegate("bob", 1, 500 ether);
        _delegate("bob", 2, 500 ether);
        address alice = makeAddress("alice");
        _fund(alice, 300 ether);
        vm.prank(alice);
        delegation.delegate(1, 200 ether);
        vm.snapshotGasLastCall("Staking", "delegate");
        vm.prank(alice);
        delegation.delegate(1, 100 ether);
        vm.snapshotGasLastCall("Staking", "delegate: more");
        vm.prank(alice);
        delegation.undelegate(1, 100 ether);
        vm.snapshotGasLastCall("Staking", "undelegate");
        vm.prank(alice);
        uint256 exitId = delegation.redelegate(1, 2, 100 ether);
        vm.snapshotGasLastCall("Staking", "redelegate");
        _passExits();
        delegation.completeRedelegation(exitId);
        vm.snapshotGasLastCall("Staking", "completeRedelegation");
        address owner = _owner(1);
        vm.prank(owner);
        delegation.setCommission(1, 500);
        vm.snapshotGasLastCall("Staking", "setCommission");
    }

    /// forge-config: default.isolate = true
    function test_UpdateSigner() public {
        address owner = _owner(1);
        uint256 key = _key("new key");
        bytes memory publicKey = SeatKeys.publicKey(key);
        bytes memory proof = SeatKeys.proof(address(pool), owner, key);
        address signer = vm.addr(key);
        vm.prank(owner);
        pool.updateSigner(1, signer, publicKey, proof);
        vm.snapshotGasLastCall("Staking", "updateSigner");
    }

    /// forge-config: default.isolate = true
    function test_Equivocation() public {
        address signer = members[0].signer;
        BlockAttestation memory a = _attestation(7, keccak256("a"));
        BlockAttestation memory b = _attestation(7, keccak256("b"));
        bytes memory signatureA = _attest(signer, a);
        bytes memory signatureB = _attest(signer, b);
        slashing.reportEquivocation(a, signatureA, b, signatureB);
        vm.snapshotGasLastCall("Staking", "reportEquivocation");
        slashing.withdraw();
        vm.snapshotGasLastCall("Staking", "withdraw: reporter");
        vm.warp(block.timestamp + 60);
        slashing.release(1);
        vm.snapshotGasLastCall("Staking", "release");
    }

    /// forge-config: default.isolate = true
    function test_SubmitBatchFourSeats() public {
        _measureBatch(4);
    }

    /// forge-config: default.isolate = true
    function test_SubmitBatchSevenSeats() public {
        _measureBatch(7);
    }

    /// forge-config: default.isolate = true
    function test_SubmitBatchSixteenSeats() public {
        _measureBatch(16);
    }

    function _measureFreeze(uint256 seats) private {
        _deploy(_weights(seats, 25));
        _freezeNext();
        vm.snapshotGasLastCall("Staking", string(abi.encodePacked("freeze: ", vm.toString(seats), " seats")));
    }

    /// @dev A batch in the middle of an epoch whose set was frozen, with just enough signatures; and what its certificate
    ///      costs alone, checked without the rest.
    function _measureBatch(uint256 seats) private {
        _deploy(_weights(seats, 25));
        _freezeNext();
        L1Chain.mine(5, 1);
        _submitWithClaim(GENESIS_OUTPUT, 1, keccak256("output 1"));
        L1Chain.mine(5, 1);
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _claim(header, keccak256("output 1"), 4, keccak256("output 2"));
        Certificate memory certificate = _certify(claim, (1 << (seats * 2 / 3 + 1)) - 1);
        (bytes32 setHash, uint256 totalWeight) = pool.setOf(header.epoch);
        bytes32 digest = _digest(claim);
        string memory name = string(abi.encodePacked(vm.toString(seats), " seats"));
        CertificateChecker checker = new CertificateChecker();
        checker.check(certificate, digest, setHash, totalWeight);
        uint256 execution = vm.snapshotGasLastCall("Staking", string.concat("certificate, execution alone: ", name));
        uint256 whole = execution + _calldataGas(abi.encode(certificate));
        vm.snapshotValue("Staking", string.concat("certificate, with its calldata: ", name), whole);
        vm.assertLe(whole, 95_000);
        inbox.submitBatch(header, claim, certificate, PAYLOAD);
        vm.snapshotGasLastCall("Staking", string.concat("submitBatch: calldata, ", name));
    }

    /// @dev EIP-2028: 4 for a zero byte, 16 for another.
    function _calldataGas(bytes memory data) private pure returns (uint256 gas) {
        for (uint256 i = 0; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }
}
