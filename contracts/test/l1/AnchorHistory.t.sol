// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBatchInbox} from "../../src/interfaces/IBatchInbox.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice An anchor never expires: the chain's own memory first, checkpoints for what it has forgotten.
contract AnchorHistoryTest is L1Fixture {
    /// @dev Last block that EIP-2935 still knows after `_forget`; its header run goes down to a block it does not.
    uint64 private constant KNOWN = GENESIS_ANCHOR + 58;

    function setUp() public override {
        super.setUp();
        L1Chain.mine(60, 1);
    }

    function test_KnowsTheLast8191Blocks() public {
        uint64 oldest = GENESIS_ANCHOR;
        vm.assertEq(inbox.anchorHashAt(oldest), L1Chain.hashOf(oldest));
        vm.assertEq(inbox.anchorHashAt(uint64(block.number)), 0);
        vm.roll(oldest + 8191);
        vm.assertEq(inbox.anchorHashAt(oldest), L1Chain.hashOf(oldest));
        vm.roll(oldest + 8192);
        vm.assertEq(inbox.anchorHashAt(oldest), 0);
    }

    function test_RunOfHeadersBringsBackAForgottenBlock() public {
        _forget();
        uint64 forgotten = KNOWN - 5;
        vm.assertEq(inbox.anchorHashAt(forgotten), 0);
        vm.expectEmit(address(inbox));
        emit IBatchInbox.AnchorCheckpointed(forgotten, L1Chain.hashOf(forgotten));
        inbox.checkpointAnchor(_run(KNOWN, 6));
        vm.assertEq(inbox.anchorHashAt(forgotten), L1Chain.hashOf(forgotten));
        _submit(_nextHeader(forgotten, PAYLOAD));
    }

    function test_RunGoesOnFromACheckpoint() public {
        _forget();
        inbox.checkpointAnchor(_run(KNOWN, 3));
        vm.roll(block.number + 1000);
        vm.assertEq(inbox.anchorHashAt(KNOWN), 0);
        inbox.checkpointAnchor(_run(KNOWN - 2, 4));
        vm.assertEq(inbox.anchorHashAt(KNOWN - 5), L1Chain.hashOf(KNOWN - 5));
    }

    function test_OneHeaderKeepsABlockBeforeItIsForgotten() public {
        _forget();
        inbox.checkpointAnchor(_run(KNOWN, 1));
        vm.roll(block.number + 1);
        vm.assertEq(inbox.anchorHashAt(KNOWN), L1Chain.hashOf(KNOWN));
    }

    function test_RefusesEmptyRun() public {
        vm.expectRevert(IBatchInbox.NoHeaders.selector);
        inbox.checkpointAnchor(new bytes[](0));
    }

    function test_RefusesRunFromUnknownBlock() public {
        _forget();
        bytes[] memory headers = _run(KNOWN - 1, 2);
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.AnchorUnknown.selector, KNOWN - 1));
        inbox.checkpointAnchor(headers);
    }

    function test_RefusesInventedFirstHeader() public {
        _forget();
        bytes[] memory headers = new bytes[](1);
        headers[0] = L1Chain.header(KNOWN, keccak256("invented"));
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatchInbox.WrongAnchorHash.selector, KNOWN, L1Chain.hashOf(KNOWN), keccak256(headers[0])
            )
        );
        inbox.checkpointAnchor(headers);
    }

    function test_RefusesRunWithAGap() public {
        _forget();
        bytes[] memory headers = _run(KNOWN, 3);
        headers[2] = L1Chain.header(KNOWN - 3);
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.BrokenHeaderRun.selector, 2));
        inbox.checkpointAnchor(headers);
    }

    /// @dev Whatever is done to one header of a run, nothing is remembered.
    function testFuzz_RefusesAnyChangedHeader(uint256 position, uint256 byteIndex, uint8 flip) public {
        vm.assume(flip != 0);
        _forget();
        bytes[] memory headers = _run(KNOWN, 4);
        bytes memory header = headers[bound(position, 0, 3)];
        byteIndex = bound(byteIndex, 0, header.length - 1);
        header[byteIndex] = bytes1(uint8(header[byteIndex]) ^ flip);
        vm.expectRevert();
        inbox.checkpointAnchor(headers);
    }

    /// @dev Rolls until KNOWN is the oldest block of EIP-2935's window.
    function _forget() private {
        vm.roll(uint256(KNOWN) + 8191);
        vm.assertNotEq(inbox.anchorHashAt(KNOWN), 0);
    }

    function _run(uint64 newest, uint64 count) private pure returns (bytes[] memory headers) {
        headers = new bytes[](count);
        for (uint64 i = 0; i < count; ++i) {
            headers[i] = L1Chain.header(newest - i);
        }
    }
}
