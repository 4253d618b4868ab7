// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBatchInbox} from "../../src/interfaces/IBatchInbox.sol";
import {Parameters} from "../../src/interfaces/ISystemConfig.sol";
import {DataHeader, DataMode} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice The way out when the pool is silent or leaves a deposit waiting. escapeDelay 180 s, pinWindow 30 s.
contract EscapeTest is L1Fixture {
    uint64 private constant DELAY = 180;
    uint64 private constant PIN = 30;
    address private immutable ALICE = makeAddress("alice");

    function test_RefusesAnnouncementWithoutCause() public {
        uint64 causeAt = uint64(block.timestamp) + DELAY;
        vm.assertEq(inbox.escapeCauseAt(), causeAt);
        vm.warp(causeAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.NoCauseForEscape.selector, causeAt));
        inbox.announceEscape();
        vm.warp(causeAt);
        inbox.announceEscape();
        vm.assertEq(inbox.escapeReadyAt(), causeAt + PIN);
    }

    function test_RefusesSecondAnnouncement() public {
        vm.warp(block.timestamp + DELAY);
        inbox.announceEscape();
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.EscapeAlreadyAnnounced.selector, block.timestamp + PIN));
        inbox.announceEscape();
    }

    function test_RefusesEscapeUnannounced() public {
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(IBatchInbox.EscapeNotAnnounced.selector);
        inbox.escape();
    }

    function test_RefusesEscapeInsidePinWindow() public {
        vm.warp(block.timestamp + DELAY);
        inbox.announceEscape();
        uint256 readyAt = block.timestamp + PIN;
        vm.warp(readyAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.EscapeTooEarly.selector, readyAt));
        inbox.escape();
        vm.warp(readyAt);
        inbox.escape();
    }

    function test_RefusesEscapeWhenTheDelayWasRaisedMeanwhile() public {
        uint64 postedAt = inbox.head().postedAt;
        vm.warp(block.timestamp + DELAY);
        inbox.announceEscape();
        Parameters memory parameters = _parameters();
        parameters.escapeDelay = 2 * uint32(DELAY);
        vm.prank(OWNER);
        systemConfig.setParameters(parameters);
        vm.warp(block.timestamp + PIN);
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.NoCauseForEscape.selector, postedAt + 2 * DELAY));
        inbox.escape();
    }

    function test_BatchInsidePinWindowVoidsTheAnnouncement() public {
        L1Chain.mine(DELAY, 1);
        inbox.announceEscape();
        L1Chain.mine(1, 1);
        DataHeader memory header = _nextHeader();
        _submit(header);
        vm.assertEq(inbox.escapeReadyAt(), 0);
        vm.warp(block.timestamp + PIN);
        vm.expectRevert(IBatchInbox.EscapeNotAnnounced.selector);
        inbox.escape();
    }

    function test_BatchThatLeavesTheOverdueDepositWaitingVoidsNothing() public {
        _deposit();
        L1Chain.mine(DELAY, 1);
        _submit(_nextHeader(GENESIS_ANCHOR, PAYLOAD));
        inbox.announceEscape();
        L1Chain.mine(PIN, 1);
        _submit(_nextHeader(GENESIS_ANCHOR, PAYLOAD));
        vm.assertNotEq(uint256(inbox.escapeReadyAt()), 0);
        inbox.escape();
        vm.assertEq(inbox.head().depositCount, 1);
    }

    function test_DepositTakenVoidsTheAnnouncement() public {
        _deposit();
        L1Chain.mine(DELAY, 1);
        _submit(_nextHeader(GENESIS_ANCHOR, PAYLOAD));
        inbox.announceEscape();
        _submit(_nextHeader());
        vm.assertEq(inbox.escapeReadyAt(), 0);
    }

    function test_YoungDepositIsNoCause() public {
        L1Chain.mine(DELAY - 1, 1);
        _submit(_nextHeader());
        _deposit();
        vm.warp(block.timestamp + DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.NoCauseForEscape.selector, block.timestamp + 1));
        inbox.announceEscape();
    }

    function test_EscapeHeaderTakesAllDepositsThatAreDeepEnough() public {
        _deposit();
        L1Chain.mine(DELAY, 1);
        inbox.announceEscape();
        L1Chain.mine(PIN - 1, 1);
        _deposit();
        L1Chain.mine(1, 1);
        DataHeader memory expected;
        expected.version = 1;
        expected.batchIndex = 1;
        expected.parentHash = inbox.batchHashAt(0);
        expected.generation = 1;
        expected.lastTimestamp = uint64(block.timestamp);
        expected.depositCount = 1;
        expected.depositQueueHash = portal.queueHashAt(1);
        expected.anchorNumber = uint64(block.number) - L1_DEPTH;
        expected.anchorHash = L1Chain.hashOf(expected.anchorNumber);
        expected.dataMode = DataMode.NONE;

        vm.expectEmit(address(inbox));
        emit IBatchInbox.GenerationRaised(1, 1);
        vm.expectEmit(address(inbox));
        emit IBatchInbox.BatchPosted(1, expected.hash(), expected, new bytes32[](0));
        inbox.escape();
        vm.assertEq(inbox.escapeReadyAt(), 0);
        vm.assertEq(inbox.batchHashAt(1), expected.hash());
    }

    function test_EscapeGoesNoFurtherThanOneBatchMay() public {
        uint64 anchor = GENESIS_ANCHOR + MAX_BATCH_ANCHORS;
        vm.roll(anchor + L1_DEPTH + 50);
        vm.warp(block.timestamp + DELAY);
        inbox.announceEscape();
        vm.warp(block.timestamp + PIN);
        L1Chain.remember(anchor);
        inbox.escape();
        vm.assertEq(inbox.head().anchorNumber, anchor);
    }

    function test_EscapeWaitsForACheckpointWhenTheAnchorIsForgotten() public {
        uint64 anchor = GENESIS_ANCHOR + MAX_BATCH_ANCHORS;
        vm.roll(GENESIS_ANCHOR + 20_000);
        vm.warp(block.timestamp + DELAY);
        inbox.announceEscape();
        vm.warp(block.timestamp + PIN);
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.AnchorUnknown.selector, anchor));
        inbox.escape();
    }

    /// @dev A batch may have anchored nearer to L1's head than the escape would.
    function test_EscapeNeverFallsBehindTheParentsAnchor() public {
        L1Chain.mine(5, 1);
        uint64 anchor = uint64(block.number - 1);
        _submit(_nextHeader(anchor, PAYLOAD));
        vm.warp(block.timestamp + DELAY);
        inbox.announceEscape();
        vm.warp(block.timestamp + PIN);
        inbox.escape();
        vm.assertEq(inbox.head().anchorNumber, anchor);
    }

    function test_EscapeIsRepeatable() public {
        for (uint32 i = 1; i <= 3; ++i) {
            L1Chain.mine(DELAY, 1);
            inbox.announceEscape();
            L1Chain.mine(PIN, 1);
            inbox.escape();
            vm.assertEq(inbox.generation(), i);
            vm.assertEq(inbox.batchCount(), i + 1);
        }
    }

    function test_EscapeBatchGetsItsClaimLater() public {
        L1Chain.mine(DELAY, 1);
        inbox.announceEscape();
        L1Chain.mine(PIN, 1);
        inbox.escape();
        StateClaim memory claim;
        claim.batchHash = inbox.batchHashAt(1);
        claim.prevOutputRoot = GENESIS_OUTPUT;
        claim.firstBlock = 1;
        claim.lastBlock = 7;
        claim.outputRoot = keccak256("after the escape");
        stateClaims.postClaim(1, claim, _certify(claim));
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(1);
        (bytes32 root,) = stateClaims.settledOutput(1);
        vm.assertEq(root, keccak256("after the escape"));
    }

    function _deposit() private {
        vm.prank(ALICE, ALICE);
        portal.depositTransaction(ALICE, 0, 0, 21_000, false, "");
    }
}
