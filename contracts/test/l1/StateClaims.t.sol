// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IBatchInbox} from "../../src/interfaces/IBatchInbox.sol";
import {ClaimStatus, IStateClaims} from "../../src/interfaces/IStateClaims.sol";
import {StateClaims} from "../../src/l1/StateClaims.sol";
import {Certificates} from "../../src/libraries/Certificates.sol";
import {Certificate} from "../../src/types/Certificate.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice Claims: who may make them, which ones stand, and when they settle. challengeWindow 120 s.
contract StateClaimsTest is L1Fixture {
    uint64 private constant WINDOW = 120;
    bytes32 private constant OUTPUT_1 = keccak256("output 1");
    bytes32 private constant OUTPUT_2 = keccak256("output 2");

    function test_InitializesOnceAndNeverTheImplementation() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        stateClaims.initialize(systemConfig);
        StateClaims implementation = new StateClaims();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(systemConfig);
    }

    function test_ClaimComesWithItsBatch() public {
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _claim(header, GENESIS_OUTPUT, 1, OUTPUT_1);
        Certificate memory certificate = _certify(claim);
        vm.expectEmit(address(stateClaims));
        emit IStateClaims.ClaimPosted(1, claim.hash(), claim);
        inbox.submitBatch(header, claim, certificate, PAYLOAD);

        (ClaimStatus status, bytes32 claimHash, bytes32 outputRoot, uint64 lastBlock, uint64 postedAt) =
            stateClaims.claimOf(1, GENESIS_OUTPUT);
        vm.assertEq(uint256(status), uint256(ClaimStatus.Posted));
        vm.assertEq(claimHash, claim.hash());
        vm.assertEq(outputRoot, OUTPUT_1);
        vm.assertEq(lastBlock, claim.lastBlock);
        vm.assertEq(postedAt, block.timestamp);
    }

    function test_EmptyClaimIsNotPosted() public {
        _submit(_nextHeader());
        (ClaimStatus status,,,,) = stateClaims.claimOf(1, bytes32(0));
        vm.assertEq(uint256(status), uint256(ClaimStatus.None));
    }

    function test_RefusesEmptyClaimByPost() public {
        DataHeader memory header = _nextHeader();
        _submit(header);
        StateClaim memory claim = _emptyClaim(header);
        _refusePost(1, claim, abi.encodeWithSelector(IStateClaims.EmptyClaim.selector));
    }

    function test_RefusesToRecordForAnybodyButTheInbox() public {
        StateClaim memory claim = _claim(_nextHeader(), GENESIS_OUTPUT, 1, OUTPUT_1);
        vm.expectRevert(abi.encodeWithSelector(IStateClaims.NotBatchInbox.selector, address(this)));
        stateClaims.recordClaim(1, claim);
        vm.expectRevert(abi.encodeWithSelector(IStateClaims.NotBatchInbox.selector, address(this)));
        stateClaims.recordGenesis(claim);
    }

    function test_GenesisIsRecordedOnce() public {
        StateClaim memory claim = _claim(_nextHeader(), bytes32(0), 1, OUTPUT_1);
        vm.prank(address(inbox));
        vm.expectRevert(IStateClaims.GenesisAlreadyPosted.selector);
        stateClaims.recordGenesis(claim);
    }

    function test_RefusesClaimOnUnknownBatch() public {
        StateClaim memory claim = _claim(_nextHeader(), GENESIS_OUTPUT, 1, OUTPUT_1);
        _refusePost(1, claim, abi.encodeWithSelector(IBatchInbox.UnknownBatch.selector, 1));
    }

    function test_RefusesClaimOnAnotherBatch() public {
        DataHeader memory header = _nextHeader();
        _submit(header);
        StateClaim memory claim = _claim(_nextHeader(), GENESIS_OUTPUT, 1, OUTPUT_1);
        _refusePost(
            1, claim, abi.encodeWithSelector(IBatchInbox.WrongBatchHash.selector, header.hash(), claim.batchHash)
        );
    }

    function test_RefusesClaimWithoutTwoThirds() public {
        DataHeader memory header = _nextHeader();
        _submit(header);
        StateClaim memory claim = _claim(header, GENESIS_OUTPUT, 1, OUTPUT_1);
        Certificate memory certificate = _certify(claim, 0x3);
        vm.expectRevert(abi.encodeWithSelector(Certificates.WeightTooLow.selector, 50 * UNIT, 100 * UNIT));
        stateClaims.postClaim(1, claim, certificate);
    }

    function test_RefusesExtraHash() public {
        DataHeader memory header = _nextHeader();
        _submit(header);
        StateClaim memory claim = _claim(header, GENESIS_OUTPUT, 1, OUTPUT_1);
        claim.extraHash = keccak256("extra");
        _refusePost(1, claim, abi.encodeWithSelector(IStateClaims.NonZeroExtraHash.selector, keccak256("extra")));
    }

    function testFuzz_RefusesClaimWithoutBlocks(uint64 firstBlock, uint64 lastBlock) public {
        vm.assume(firstBlock == 0 || lastBlock < firstBlock || lastBlock == type(uint64).max);
        DataHeader memory header = _nextHeader();
        _submit(header);
        StateClaim memory claim = _claim(header, GENESIS_OUTPUT, 1, OUTPUT_1);
        (claim.firstBlock, claim.lastBlock) = (firstBlock, lastBlock);
        _refusePost(1, claim, abi.encodeWithSelector(IStateClaims.NoBlocks.selector, firstBlock, lastBlock));
    }

    function test_RefusesSecondLiveClaimOnTheSameParentOutput() public {
        DataHeader memory header = _nextHeader();
        _submit(header);
        StateClaim memory claim = _claim(header, GENESIS_OUTPUT, 1, OUTPUT_1);
        stateClaims.postClaim(1, claim, _certify(claim));
        claim.outputRoot = OUTPUT_2;
        _refusePost(1, claim, abi.encodeWithSelector(IStateClaims.AlreadyClaimed.selector, 1, GENESIS_OUTPUT));
    }

    function test_RefusesClaimOnASettledBatch() public {
        DataHeader memory header = _nextHeader();
        _settleOutput(OUTPUT_1);
        StateClaim memory claim = _claim(header, OUTPUT_2, 1, OUTPUT_2);
        claim.batchHash = inbox.batchHashAt(1);
        _refusePost(1, claim, abi.encodeWithSelector(IStateClaims.AlreadySettled.selector, 1));
    }

    function test_RefusesClaimThatContradictsASettledParent() public {
        DataHeader memory header = _nextHeader();
        _submit(header);
        StateClaim memory claim = _claim(header, OUTPUT_2, 1, OUTPUT_1);
        _refusePost(
            1, claim, abi.encodeWithSelector(IStateClaims.WrongPrevOutputRoot.selector, GENESIS_OUTPUT, OUTPUT_2)
        );
        claim = _claim(header, GENESIS_OUTPUT, 2, OUTPUT_1);
        _refusePost(1, claim, abi.encodeWithSelector(IStateClaims.WrongFirstBlock.selector, 1, 2));
    }

    function test_SettlesWhenTheWindowIsOver() public {
        _submitWithClaim(GENESIS_OUTPUT, 1, OUTPUT_1);
        vm.warp(block.timestamp + WINDOW - 1);
        _refuseToSettle(1, 1);
        vm.expectRevert(abi.encodeWithSelector(IStateClaims.NotSettled.selector, 1));
        stateClaims.settledOutput(1);

        vm.warp(block.timestamp + 1);
        vm.expectEmit(address(stateClaims));
        emit IStateClaims.ClaimSettled(1, OUTPUT_1, 3);
        stateClaims.settle(1);
        (bytes32 outputRoot, uint64 lastBlock) = stateClaims.settledOutput(1);
        vm.assertEq(outputRoot, OUTPUT_1);
        vm.assertEq(lastBlock, 3);
        vm.assertEq(stateClaims.settledCount(), 2);
        (ClaimStatus status,,,,) = stateClaims.claimOf(1, GENESIS_OUTPUT);
        vm.assertEq(uint256(status), uint256(ClaimStatus.Settled));
        _refuseToSettle(1, 2);
    }

    function test_RefusesToSettleBatchWithoutClaim() public {
        _submit(_nextHeader());
        vm.warp(block.timestamp + WINDOW);
        _refuseToSettle(1, 1);
        _refuseToSettle(0, 1);
    }

    function test_BatchWithoutClaimHoldsUpThoseAfterIt() public {
        DataHeader memory header = _nextHeader();
        _submit(header);
        _submitWithClaim(OUTPUT_1, 4, OUTPUT_2);
        vm.warp(block.timestamp + WINDOW);
        _refuseToSettle(2, 1);

        StateClaim memory claim = _claim(header, GENESIS_OUTPUT, 1, OUTPUT_1);
        stateClaims.postClaim(1, claim, _certify(claim));
        _refuseToSettle(2, 1);
        vm.warp(block.timestamp + WINDOW);
        stateClaims.settle(2);
        vm.assertEq(stateClaims.settledCount(), 3);
    }

    function test_SettlesUpToTheBatchNamedAndNoFurther() public {
        _submitWithClaim(GENESIS_OUTPUT, 1, OUTPUT_1);
        _submitWithClaim(OUTPUT_1, 4, OUTPUT_2);
        vm.warp(block.timestamp + WINDOW);
        stateClaims.settle(1);
        vm.assertEq(stateClaims.settledCount(), 2);
        stateClaims.settle(type(uint64).max);
        vm.assertEq(stateClaims.settledCount(), 3);
    }

    function test_SettlesAtMost64ACall() public {
        bytes32 previous = GENESIS_OUTPUT;
        for (uint64 i = 0; i < 66; ++i) {
            bytes32 output = keccak256(abi.encode("output", i));
            _submitWithClaim(previous, 1 + 3 * i, output);
            previous = output;
        }
        vm.warp(block.timestamp + WINDOW);
        stateClaims.settle(66);
        vm.assertEq(stateClaims.settledCount(), 65);
        stateClaims.settle(66);
        vm.assertEq(stateClaims.settledCount(), 67);
    }

    /// @dev It names the right parent output and the wrong first block: it cannot be true, and must not hold the place.
    function test_ClaimThatDoesNotContinueItsParentIsVoidAndReplaced() public {
        _submitWithClaim(GENESIS_OUTPUT, 1, OUTPUT_1);
        DataHeader memory header = _nextHeader();
        StateClaim memory wrong = _claim(header, OUTPUT_1, 5, OUTPUT_2);
        inbox.submitBatch(header, wrong, _certify(wrong), PAYLOAD);
        vm.warp(block.timestamp + WINDOW);
        vm.expectEmit(address(stateClaims));
        emit IStateClaims.ClaimVoided(2, wrong.hash());
        stateClaims.settle(2);
        vm.assertEq(stateClaims.settledCount(), 2);
        (ClaimStatus status,,,,) = stateClaims.claimOf(2, OUTPUT_1);
        vm.assertEq(uint256(status), uint256(ClaimStatus.Void));

        _refusePost(2, wrong, abi.encodeWithSelector(IStateClaims.WrongFirstBlock.selector, 4, 5));
        StateClaim memory right = _claim(header, OUTPUT_1, 4, OUTPUT_2);
        stateClaims.postClaim(2, right, _certify(right));
        vm.warp(block.timestamp + WINDOW);
        stateClaims.settle(2);
        vm.assertEq(stateClaims.settledCount(), 3);
    }

    /// @dev Claims on another output of the parent never get in the way of the one on the settled output.
    function test_ClaimOnAnotherParentOutputStandsAside() public {
        _submitWithClaim(GENESIS_OUTPUT, 1, OUTPUT_1);
        DataHeader memory header = _nextHeader();
        StateClaim memory onOther = _claim(header, keccak256("other"), 4, keccak256("nowhere"));
        inbox.submitBatch(header, onOther, _certify(onOther), PAYLOAD);
        StateClaim memory onSettled = _claim(header, OUTPUT_1, 4, OUTPUT_2);
        stateClaims.postClaim(2, onSettled, _certify(onSettled));
        vm.warp(block.timestamp + WINDOW);
        stateClaims.settle(2);
        (bytes32 outputRoot,) = stateClaims.settledOutput(2);
        vm.assertEq(outputRoot, OUTPUT_2);
    }

    function _refusePost(uint64 batchIndex, StateClaim memory claim, bytes memory refusal) private {
        Certificate memory certificate = _certify(claim);
        vm.expectRevert(refusal);
        stateClaims.postClaim(batchIndex, claim, certificate);
    }

    function _refuseToSettle(uint64 batchIndex, uint64 settledCount) private {
        vm.expectRevert(abi.encodeWithSelector(IStateClaims.NothingToSettle.selector, settledCount));
        stateClaims.settle(batchIndex);
    }
}
