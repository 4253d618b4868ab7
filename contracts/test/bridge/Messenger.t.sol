// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CrossDomainMessenger} from "../../src/bridge/CrossDomainMessenger.sol";
import {L1CrossDomainMessenger} from "../../src/bridge/L1CrossDomainMessenger.sol";
import {Predeploys} from "../../src/libraries/Predeploys.sol";
import {Withdrawal} from "../../src/types/Withdrawal.sol";
import {GasProbe, Recorder, Reenterer, Shouter} from "./Targets.sol";
import {TwoLayers} from "./TwoLayers.sol";

contract MessengerTest is TwoLayers {
    address private immutable ALICE = makeAddress("alice");
    address private immutable ANYONE = makeAddress("anyone");

    function _send(address target, uint256 value, bytes memory message, uint32 minGas) private {
        _fund(ALICE, value);
        vm.startPrank(ALICE, ALICE);
        token.approve(address(l1Messenger), value);
        l1Messenger.sendMessageWithValue(target, value, message, minGas);
        vm.stopPrank();
    }

    function _sendFromL2(address target, uint256 value, bytes memory message, uint32 minGas) private {
        _fundL2(ALICE, value);
        vm.prank(ALICE, ALICE);
        l2Messenger.sendMessage{value: value}(target, message, minGas);
    }

    /// @dev The call of relayMessage that the last queued deposit or withdrawal carries.
    function _lastMessage(bool toL1) private returns (bytes memory call) {
        _collect();
        return toL1 ? withdrawals[withdrawals.length - 1].data : deposits[deposits.length - 1].data;
    }

    function _relay(CrossDomainMessenger messenger, bytes memory call)
        private
        returns (bool success, bytes memory why)
    {
        vm.prank(ANYONE, ANYONE);
        return address(messenger).call(call);
    }

    function test_MessageToL2ArrivesWithItsValueAndSender() public {
        Recorder target = new Recorder(l2Messenger);
        _send(address(target), 3 ether, hex"0102", 500_000);
        vm.assertEq(token.balanceOf(address(portal)), 3 ether);

        vm.assertTrue(_takeDeposit());
        vm.assertEq(target.calls(), 1);
        vm.assertEq(target.value(), 3 ether);
        vm.assertEq(target.sender(), ALICE);
        vm.assertEq(target.data(), hex"0102");
        vm.assertEq(address(l2Messenger).balance, 0);
        vm.assertTrue(l2Messenger.successfulMessages(keccak256(deposits[0].data)));
    }

    function test_MessageToL1IsPaidInMetisAndCalled() public {
        Recorder target = new Recorder(l1Messenger);
        _sendFromL2(address(target), 2 ether, hex"0a", 500_000);
        _payWithdrawal();
        vm.assertEq(target.calls(), 1);
        vm.assertEq(target.sender(), ALICE);
        vm.assertEq(token.balanceOf(address(target)), 2 ether);
        vm.assertEq(token.balanceOf(address(l1Messenger)), 0);
        vm.assertEq(token.balanceOf(address(portal)), 0);
    }

    function test_FailedMessageToL2KeepsItsValueAndIsReplayedOnceByAnyone() public {
        Recorder target = new Recorder(l2Messenger);
        target.setRefusing(true);
        _send(address(target), 3 ether, "", 500_000);
        vm.assertTrue(_takeDeposit(), "the deposit itself succeeds");
        bytes memory call = _lastMessage(false);
        vm.assertTrue(l2Messenger.failedMessages(keccak256(call)));
        vm.assertEq(address(l2Messenger).balance, 3 ether);

        (bool success, bytes memory why) = _relay(l2Messenger, call);
        vm.assertFalse(success, "still refused");
        vm.assertEq(bytes32(bytes4(why)), bytes32(CrossDomainMessenger.ReplayFailed.selector));
        vm.assertTrue(l2Messenger.failedMessages(keccak256(call)));

        target.setRefusing(false);
        (success,) = _relay(l2Messenger, call);
        vm.assertTrue(success);
        vm.assertEq(target.value(), 3 ether);
        vm.assertEq(target.sender(), ALICE);

        (success, why) = _relay(l2Messenger, call);
        vm.assertFalse(success, "never twice");
        vm.assertEq(bytes32(bytes4(why)), bytes32(CrossDomainMessenger.MessageAlreadyRelayed.selector));
        vm.assertEq(target.calls(), 1);
    }

    function test_FailedMessageToL1KeepsItsValueAndIsReplayedOnce() public {
        Recorder target = new Recorder(l1Messenger);
        target.setRefusing(true);
        _sendFromL2(address(target), 2 ether, hex"0a", 500_000);
        _payWithdrawal();
        bytes memory call = _lastMessage(true);
        vm.assertTrue(l1Messenger.failedMessages(keccak256(call)));
        vm.assertEq(token.balanceOf(address(l1Messenger)), 2 ether, "the transfer is undone with the call");

        target.setRefusing(false);
        (bool success,) = _relay(l1Messenger, call);
        vm.assertTrue(success);
        vm.assertEq(token.balanceOf(address(target)), 2 ether);
        (success,) = _relay(l1Messenger, call);
        vm.assertFalse(success, "never twice");
        vm.assertEq(target.calls(), 1);
    }

    function test_NobodyRelaysWhatTheOtherMessengerDidNotSend() public {
        uint256 nonce = l2Messenger.messageNonce();
        bytes memory call = abi.encodeCall(l2Messenger.relayMessage, (nonce, ALICE, ANYONE, 0, 0, hex"01"));
        (bool success, bytes memory why) = _relay(l2Messenger, call);
        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(why)), bytes32(CrossDomainMessenger.MessageNotFailed.selector));
    }

    function test_AWithdrawalOfSomeoneElseCannotSpeakForTheMessenger() public {
        Recorder target = new Recorder(l1Messenger);
        bytes memory call = abi.encodeCall(l1Messenger.relayMessage, (1 << 240, ALICE, address(target), 0, 0, hex"01"));
        vm.prank(ANYONE, ANYONE);
        passer.initiateWithdrawal(address(l1Messenger), 1_000_000, call);
        _payWithdrawal();
        vm.assertEq(target.calls(), 0);
        vm.assertFalse(l1Messenger.successfulMessages(keccak256(call)));
        vm.assertFalse(l1Messenger.failedMessages(keccak256(call)));
    }

    function test_MessagesCannotCallWhereTheMessengerHasRights() public {
        address[3] memory onL1 = [address(token), address(portal), address(l1Messenger)];
        bytes memory steal = abi.encodeCall(token.transfer, (ALICE, 1));
        for (uint256 i = 0; i < onL1.length; ++i) {
            _sendFromL2(onL1[i], 1 ether, steal, 200_000);
            _payWithdrawal();
            vm.assertTrue(l1Messenger.failedMessages(keccak256(_lastMessage(true))));
        }
        vm.assertEq(token.balanceOf(address(l1Messenger)), 3 ether);
        _send(Predeploys.L2_TO_L1_MESSAGE_PASSER, 1 ether, abi.encodeCall(passer.initiateWithdrawal, (ALICE, 0, "")), 0);
        vm.assertTrue(_takeDeposit());
        vm.assertTrue(l2Messenger.failedMessages(keccak256(_lastMessage(false))));
    }

    function test_AMessageWithinAMessageWaits() public {
        Recorder inner = new Recorder(l2Messenger);
        inner.setRefusing(true);
        _send(address(inner), 1 ether, "", 500_000);
        _takeDeposit();
        bytes memory call = _lastMessage(false);
        inner.setRefusing(false);

        Reenterer outer = new Reenterer(l2Messenger);
        outer.setOther(call);
        _send(address(outer), 0, "", 900_000);
        vm.assertTrue(_takeDeposit());
        vm.assertFalse(outer.nested());
        vm.assertEq(inner.calls(), 0);
        vm.assertTrue(l2Messenger.failedMessages(keccak256(call)), "and is still there");
    }

    function test_AnAnswerOfAnyLengthCannotKeepTheFailureFromBeingRecorded() public {
        _send(address(new Shouter()), 1 ether, "", 200_000);
        vm.assertTrue(_takeDeposit());
        vm.assertTrue(l2Messenger.failedMessages(keccak256(_lastMessage(false))));
        _sendFromL2(address(new Shouter()), 1 ether, "", 200_000);
        _payWithdrawal();
        vm.assertTrue(l1Messenger.failedMessages(keccak256(_lastMessage(true))));
    }

    function test_APauseStopsReplaysOnL1() public {
        Recorder target = new Recorder(l1Messenger);
        target.setRefusing(true);
        _sendFromL2(address(target), 2 ether, "", 200_000);
        _payWithdrawal();
        target.setRefusing(false);
        vm.prank(GUARDIAN);
        systemConfig.pause();
        (bool success, bytes memory why) = _relay(l1Messenger, _lastMessage(true));
        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(why)), bytes32(L1CrossDomainMessenger.WithdrawalsPaused.selector));
        vm.warp(systemConfig.pausedUntil());
        (success,) = _relay(l1Messenger, _lastMessage(true));
        vm.assertTrue(success);
    }

    function test_OnlyTheMessengerItselfDelivers() public {
        vm.expectRevert(L1CrossDomainMessenger.OnlySelf.selector);
        l1Messenger.deliver(ALICE, 0, "");
    }

    function test_NoSenderOutsideOfAMessage() public {
        vm.expectRevert(CrossDomainMessenger.NoMessageInFlight.selector);
        l1Messenger.xDomainMessageSender();
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_TheTargetOnL2GetsTheGasItWasPromised(uint32 minGas, uint256 length, uint256 value) public {
        minGas = uint32(bound(minGas, 0, 5_000_000));
        GasProbe probe = new GasProbe();
        _send(address(probe), bound(value, 0, 1), _message(bound(length, 0, 60_000)), minGas);
        vm.assertTrue(_takeDeposit());
        if (minGas < 30_000) return; // the probe itself may not do with less; the failure is recorded then
        vm.assertGe(probe.lowest(), minGas - 300);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_TheTargetOnL1GetsTheGasItWasPromised(uint32 minGas, uint256 length, uint256 value) public {
        minGas = uint32(bound(minGas, 0, 5_000_000));
        GasProbe probe = new GasProbe();
        _sendFromL2(address(probe), bound(value, 0, 1), _message(bound(length, 0, 60_000)), minGas);
        _collect();
        Withdrawal memory withdrawal = withdrawals[0];
        // As the Portal calls it, with no more gas than the withdrawal asks for.
        _fund(address(l1Messenger), withdrawal.value);
        _callAsPortal(withdrawal);
        bytes32 messageHash = keccak256(withdrawal.data);
        vm.assertTrue(
            l1Messenger.failedMessages(messageHash) || l1Messenger.successfulMessages(messageHash), "recorded"
        );
        if (minGas < 30_000) return;
        vm.assertTrue(l1Messenger.successfulMessages(messageHash), "delivered");
        vm.assertGe(probe.lowest(), minGas - 300);
    }

    function testFuzz_WhateverGasAReplayerGivesTheMessageIsDeliveredOrStaysReplayable(uint256 gas) public {
        Recorder target = new Recorder(l2Messenger);
        target.setRefusing(true);
        _send(address(target), 3 ether, hex"01", 300_000);
        _takeDeposit();
        target.setRefusing(false);
        bytes memory call = _lastMessage(false);
        vm.prank(ANYONE, ANYONE);
        (bool success,) = address(l2Messenger).call{gas: bound(gas, 10_000, 1_000_000)}(call);
        vm.assertEq(l2Messenger.successfulMessages(keccak256(call)), success);
        vm.assertEq(l2Messenger.failedMessages(keccak256(call)), !success);
        vm.assertEq(address(l2Messenger).balance, success ? 0 : 3 ether);
        vm.assertEq(target.value(), success ? 3 ether : 0);
    }

    function _callAsPortal(Withdrawal memory withdrawal) private {
        vm.mockCall(address(portal), abi.encodeCall(portal.l2Sender, ()), abi.encode(withdrawal.sender));
        vm.prank(address(portal), ANYONE);
        (bool success,) = address(l1Messenger).call{gas: withdrawal.gasLimit}(withdrawal.data);
        vm.assertTrue(success, "the first attempt never reverts");
    }

    /// @dev Bytes without zeros, the dearest there are.
    function _message(uint256 length) private pure returns (bytes memory message) {
        message = new bytes(length);
        for (uint256 i = 0; i < length; i += 32) {
            assembly ("memory-safe") {
                if lt(add(i, 31), length) { mstore(add(add(message, 32), i), not(0)) }
            }
        }
    }
}
