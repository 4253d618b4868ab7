// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBatchInbox} from "../../src/interfaces/IBatchInbox.sol";
import {EpochRefunds, IPosterVault, PosterParameters} from "../../src/interfaces/IPosterVault.sol";
import {DataHeader, DataMode} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice Posting by the vault, at prices of one's choice.
abstract contract PosterFixture is L1Fixture {
    address internal immutable ALICE = makeAddress("alice");
    address internal immutable BOB = makeAddress("bob");

    /// @dev The call that posts the next batch.
    function _posting(bytes memory payload) internal view returns (DataHeader memory header, bytes memory call) {
        header = _nextHeader(uint64(block.number - L1_DEPTH), payload);
        StateClaim memory claim = _emptyClaim(header);
        call = abi.encodeCall(IPosterVault.submitBatch, (header, claim, _certify(claim), payload));
    }

    /// @return cost wei of ETH that the vault recorded
    function _post(address poster) internal returns (uint256 cost) {
        (DataHeader memory header, bytes memory call) = _posting(PAYLOAD);
        return _post(poster, header.epoch, call);
    }

    function _post(address poster, uint64 epoch, bytes memory call) internal returns (uint256 cost) {
        uint256 before = posters.owedTo(epoch, poster);
        vm.prank(poster, poster);
        (bool success, bytes memory reason) = address(posters).call(call);
        assembly {
            if iszero(success) { revert(add(reason, 32), mload(reason)) }
        }
        return posters.owedTo(epoch, poster) - before;
    }

    /// @dev `excess` is blob gas (EIP-4844), by which the blobs' price rises.
    function _postBlobs(address poster, uint256 blobs, uint256 excess) internal returns (uint256) {
        L1Chain.mine(1, 1);
        bytes32[] memory hashes = _blobHashes(blobs);
        DataHeader memory header = _nextHeader();
        header.dataMode = DataMode.BLOBS;
        header.payloadHash = 0;
        header.payloadSize = uint32(blobs * 126_976);
        header.dataCommitment = keccak256(abi.encodePacked(hashes));
        StateClaim memory claim = _emptyClaim(header);
        vm.blobhashes(hashes);
        vm.blobBaseFee(excess);
        bytes memory call = abi.encodeCall(IPosterVault.submitBatch, (header, claim, _certify(claim), ""));
        return _post(poster, header.epoch, call);
    }

    function _blobHashes(uint256 blobs) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](blobs);
        for (uint256 i = 0; i < blobs; ++i) {
            hashes[i] = bytes32((uint256(1) << 248) | (uint256(keccak256(abi.encode(i))) >> 8));
        }
    }

    function _fill(uint256 amount) internal {
        vm.prank(TREASURY);
        token.transfer(address(posters), amount);
    }

    function _settle(uint64 epoch, uint256 rate) internal {
        vm.prank(address(reserve));
        posters.settle(epoch, rate);
    }

    function _withdraw(address poster, uint64 epoch) internal returns (uint256) {
        vm.prank(poster);
        return posters.withdraw(_one(epoch), poster);
    }

    function _one(uint64 epoch) internal pure returns (uint64[] memory epochs) {
        epochs = new uint64[](1);
        epochs[0] = epoch;
    }
}

/// @notice What is recorded for posting.
contract PostingCostTest is PosterFixture {
    function test_AVaultPostsAsTheInboxDoesAndRecordsTheCost() public {
        vm.txGasPrice(2 gwei);
        uint256 cost = _post(ALICE);
        vm.assertEq(inbox.batchCount(), 2);
        vm.assertEq(cost % 2 gwei, 0);
        vm.assertGt(cost / 2 gwei, 100_000);
        EpochRefunds memory refunds = posters.epochRefunds(0);
        vm.assertEq(refunds.owed, cost);
        uint256 second = _post(BOB);
        vm.assertEq(posters.epochRefunds(0).owed, cost + second);
    }

    function test_ATipIsPaidBackUpToItsCap() public {
        vm.fee(10 gwei + 1);
        vm.txGasPrice(90 gwei);
        vm.assertEq(_post(ALICE) % (12 gwei + 1), 0);
    }

    function test_APriceIsPaidBackUpToItsCap() public {
        vm.fee(400 gwei + 1);
        vm.txGasPrice(500 gwei);
        uint256 cost = _post(ALICE);
        vm.assertEq(cost % 100 gwei, 0);
        vm.assertLt(cost, 100 gwei * 500_000);
    }

    function test_WhoPaysLessIsOwedLess() public {
        vm.fee(10 gwei);
        vm.txGasPrice(10 gwei + 3);
        vm.assertEq(_post(ALICE) % (10 gwei + 3), 0);
    }

    function test_BlobsArePaidBackUpToTheirCap() public {
        vm.txGasPrice(0);
        PosterParameters memory parameters = _posterParameters();
        parameters.blobPriceCap = 1000;
        vm.prank(OWNER);
        posters.setParameters(parameters);
        vm.assertEq(_postBlobs(ALICE, 6, 3), 6 * 131_072 * block.blobbasefee);
        vm.assertLt(block.blobbasefee, 1000);
        vm.assertEq(_postBlobs(ALICE, 6, 130_000_000), 6 * 131_072 * 1000);
        vm.assertGt(block.blobbasefee, 1000);
    }

    function test_BlobsBesideABatchInCalldataAreNotPaidBack() public {
        vm.txGasPrice(0);
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[0], hashes[1]) = (keccak256("mine"), keccak256("mine, too"));
        vm.blobhashes(hashes);
        vm.assertEq(_post(ALICE), 0);
    }

    function test_ABatchIsPaidForOnce() public {
        vm.txGasPrice(2 gwei);
        (DataHeader memory header, bytes memory call) = _posting(PAYLOAD);
        uint256 cost = _post(ALICE, header.epoch, call);
        vm.prank(BOB, BOB);
        (bool success, bytes memory reason) = address(posters).call(call);
        vm.assertFalse(success);
        vm.assertEq(reason, abi.encodeWithSelector(IBatchInbox.WrongIndex.selector, 2, 1));
        vm.assertEq(posters.epochRefunds(0).owed, cost);
    }

    function test_ContractsPostToTheInboxAlone() public {
        (DataHeader memory header, bytes memory call) = _posting(PAYLOAD);
        bytes memory refusal = abi.encodeWithSelector(IPosterVault.NotAPlainAccount.selector, ALICE);
        vm.prank(ALICE, BOB);
        (, bytes memory reason) = address(posters).call(call);
        vm.assertEq(reason, refusal);
        // An account that has given itself code (EIP-7702) is its transaction's origin, too.
        vm.etch(ALICE, abi.encodePacked(hex"ef0100", address(this)));
        vm.prank(ALICE, ALICE);
        (, reason) = address(posters).call(call);
        vm.assertEq(reason, refusal);
        StateClaim memory claim = _emptyClaim(header);
        vm.prank(ALICE, ALICE);
        inbox.submitBatch(header, claim, _certify(claim), PAYLOAD);
        vm.assertEq(posters.epochRefunds(0).owed, 0);
    }

    /// @dev 10,000 bytes would cost 160,000 gas.
    function test_WhatIsAddedToACallIsAtTheCallersCost() public {
        vm.txGasPrice(1);
        _post(ALICE);
        L1Chain.mine(1, 1);
        uint256 plain = _post(ALICE);
        L1Chain.mine(1, 1);
        bytes memory junk = new bytes(10_000);
        for (uint256 i = 0; i < junk.length; ++i) {
            junk[i] = 0xff;
        }
        (DataHeader memory header, bytes memory call) = _posting(PAYLOAD);
        vm.assertLt(_post(ALICE, header.epoch, bytes.concat(call, junk)), plain + 10_000);
    }
}

/// @notice What posters are paid of it.
contract PosterRefundsTest is PosterFixture {
    uint256 private constant RATE = 100 ether;

    function setUp() public override {
        super.setUp();
        vm.txGasPrice(2 gwei);
    }

    function test_APosterIsPaidAtTheEpochsRateOnce() public {
        uint256 cost = _post(ALICE);
        _fill(1000 ether);
        _settle(0, RATE);
        vm.assertEq(posters.refundsOf(ALICE, _one(0))[0], cost * 100);
        vm.assertEq(posters.granted(), cost * 100);
        vm.prank(ALICE);
        vm.assertEq(posters.withdraw(_one(0), BOB), cost * 100);
        vm.assertEq(token.balanceOf(BOB), cost * 100);
        vm.assertEq(posters.granted(), 0);
        vm.expectRevert(abi.encodeWithSelector(IPosterVault.NothingToWithdraw.selector, ALICE));
        _withdraw(ALICE, 0);
    }

    function test_NamingAnEpochTwicePaysOnce() public {
        uint256 cost = _post(ALICE);
        _fill(1000 ether);
        _settle(0, RATE);
        uint64[] memory epochs = new uint64[](2);
        vm.prank(ALICE);
        vm.assertEq(posters.withdraw(epochs, ALICE), cost * 100);
    }

    function test_AnEpochThatIsNotSettledWaits() public {
        uint256 cost = _post(ALICE);
        _fill(1000 ether);
        vm.expectRevert(abi.encodeWithSelector(IPosterVault.NothingToWithdraw.selector, ALICE));
        _withdraw(ALICE, 0);
        _settle(0, RATE);
        vm.assertEq(_withdraw(ALICE, 0), cost * 100);
    }

    function test_AVaultThatHoldsTooLittleIsSharedByCost() public {
        uint256 alices = _post(ALICE);
        L1Chain.mine(1, 1);
        uint256 bobs = _post(BOB);
        _fill(1001);
        _settle(0, RATE);
        vm.assertEq(posters.epochRefunds(0).granted, 1001);
        vm.assertEq(_withdraw(ALICE, 0), 1001 * alices / (alices + bobs));
        vm.assertEq(_withdraw(BOB, 0), 1001 * bobs / (alices + bobs));
    }

    function test_WhatIsGrantedForOneEpochIsNotGrantedForAnother() public {
        _post(ALICE);
        _fill(1001);
        _settle(0, RATE);
        L1Chain.mine(EPOCH_LENGTH, 1);
        _post(BOB);
        L1Chain.mine(1, 1);
        (DataHeader memory header, bytes memory call) = _posting(PAYLOAD);
        vm.assertGt(_post(BOB, header.epoch, call), 0);
        _settle(header.epoch, RATE);
        vm.assertEq(posters.epochRefunds(header.epoch).granted, 0);
        vm.assertEq(_withdraw(ALICE, 0), 1001);
    }

    function test_APostingOfASettledEpochTakesNothingFromTheOthers() public {
        uint256 cost = _post(ALICE);
        _fill(1000 ether);
        _settle(0, RATE);
        L1Chain.mine(1, 1);
        vm.assertEq(_post(BOB), 0);
        vm.assertEq(posters.epochRefunds(0).owed, cost);
    }

    function test_OnlyTheReserveSettlesAndOnce() public {
        vm.expectRevert(abi.encodeWithSelector(IPosterVault.NotEmissionReserve.selector, address(this)));
        posters.settle(0, RATE);
        _settle(0, RATE);
        vm.prank(address(reserve));
        vm.expectRevert(abi.encodeWithSelector(IPosterVault.EpochSettled.selector, 0));
        posters.settle(0, RATE);
    }

    function test_EscapesArePaidByWhoeverWantsOut() public {
        L1Chain.mine(180, 1);
        inbox.announceEscape();
        L1Chain.mine(30, 1);
        vm.prank(ALICE, ALICE);
        inbox.escape();
        vm.assertEq(posters.epochRefunds(0).owed, 0);
    }

    function test_ParametersStayWithinTheirBounds() public {
        PosterParameters memory given = _posterParameters();
        vm.expectRevert(abi.encodeWithSelector(IPosterVault.NotSystemOwner.selector, address(this)));
        posters.setParameters(given);
        given.gasPriceCap = 1 gwei - 1;
        _refuse(given, "gasPriceCap", given.gasPriceCap, 1 gwei, 1000 gwei);
        given.gasPriceCap = 1000 gwei + 1;
        _refuse(given, "gasPriceCap", given.gasPriceCap, 1 gwei, 1000 gwei);
        given.gasPriceCap = 1000 gwei;
        given.tipCap = 10 gwei + 1;
        _refuse(given, "tipCap", given.tipCap, 0, 10 gwei);
        given.tipCap = 10 gwei;
        given.blobPriceCap = 0;
        _refuse(given, "blobPriceCap", 0, 1, 1000 gwei);
        given.blobPriceCap = 1000 gwei + 1;
        _refuse(given, "blobPriceCap", given.blobPriceCap, 1, 1000 gwei);
        given.blobPriceCap = 1000 gwei;
        vm.prank(OWNER);
        posters.setParameters(given);
        vm.assertEq(posters.parameters().tipCap, 10 gwei);
    }

    function _refuse(PosterParameters memory given, bytes32 name, uint256 value, uint256 least, uint256 most) private {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IPosterVault.OutOfBounds.selector, name, value, least, most));
        posters.setParameters(given);
    }
}
