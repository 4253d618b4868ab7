// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BatchHead} from "../../src/interfaces/IBatchInbox.sol";
import {ClaimStatus} from "../../src/interfaces/IStateClaims.sol";
import {Histories} from "../base/Histories.sol";
import {EscrowHandler} from "./EscrowHandler.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice What holds whatever everybody does, in any order.
contract EscrowInvariants is L1Fixture, Histories {
    EscrowHandler private handler;

    function setUp() public override {
        _deploy(_weights(5, 20));
        uint256[] memory keys = new uint256[](members.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            keys[i] = keyOf[members[i].signer];
        }
        handler = new EscrowHandler(
            EscrowHandler.World(token, portal, inbox, stateClaims, systemConfig, GUARDIAN, GENESIS_OUTPUT),
            members,
            keys
        );
        vm.prank(TREASURY);
        token.transfer(address(handler), 100_000_000 ether);
        _play(address(handler));
    }

    function invariant_EscrowHoldsWhatCameInLessWhatWasPaid() public view {
        vm.assertEq(token.balanceOf(address(portal)), handler.deposited() - handler.paid());
    }

    function invariant_EscrowCoversAllThatIsOnL2AndAllWithdrawalsUnpaid() public view {
        vm.assertEq(token.balanceOf(address(portal)), handler.onL2() + handler.unpaid());
    }

    function invariant_QueueIsTheDepositsInTheirOrder() public view {
        vm.assertEq(portal.depositCount(), handler.depositsMade());
        vm.assertEq(portal.queueHashAt(handler.depositsMade()), handler.queueHash());
    }

    function invariant_NoBatchIsAheadOfItsDepositsOrItsAnchor() public view {
        BatchHead memory head = inbox.head();
        vm.assertLt(head.anchorNumber, block.number);
        vm.assertEq(head.depositCount, portal.depositCountAt(head.anchorNumber));
        vm.assertLe(head.lastTimestamp, block.timestamp);
        vm.assertEq(inbox.generation(), handler.escapes());
    }

    function invariant_SettledClaimsAreOneChain() public view {
        uint64 settled = stateClaims.settledCount();
        vm.assertLe(settled, inbox.batchCount());
        bytes32 previous;
        uint64 lastBlock;
        for (uint64 i = 0; i < settled; ++i) {
            (ClaimStatus status,, bytes32 outputRoot, uint64 last,) = stateClaims.claimOf(i, previous);
            (bytes32 settledRoot, uint64 settledLast) = stateClaims.settledOutput(i);
            vm.assertEq(uint256(status), uint256(ClaimStatus.Settled));
            vm.assertEq(outputRoot, settledRoot);
            vm.assertEq(last, settledLast);
            vm.assertTrue(i == 0 || last > lastBlock);
            (previous, lastBlock) = (outputRoot, last);
        }
    }
}
