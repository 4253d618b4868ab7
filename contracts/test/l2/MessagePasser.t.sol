// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Withdrawal} from "../../src/types/Withdrawal.sol";
import {L2Fixture} from "./L2Fixture.sol";

contract MessagePasserTest is L2Fixture {
    function testFuzz_AWithdrawalStandsWhereThePortalProvesIt(
        address sender,
        address target,
        uint96 value,
        uint256 gasLimit,
        bytes memory data
    ) public {
        vm.assume(sender != ADMIN);
        Withdrawal memory withdrawal = Withdrawal(1 << 240, sender, target, value, gasLimit, data);
        vm.deal(sender, value);
        vm.prank(sender);
        passer.initiateWithdrawal{value: value}(target, gasLimit, data);
        bytes32 withdrawalHash = withdrawal.hash();
        vm.assertTrue(passer.sentMessages(withdrawalHash));
        bytes32 slot = keccak256(abi.encode(withdrawalHash, uint256(0)));
        vm.assertEq(vm.load(address(passer), slot), bytes32(uint256(1)));
        vm.assertEq(passer.messageNonce(), (1 << 240) + 1);
    }

    function test_MetisSentPlainlyGoesToTheSendersAddress() public {
        address alice = makeAddress("alice");
        vm.deal(alice, 2 ether);
        vm.prank(alice);
        (bool sent,) = address(passer).call{value: 2 ether}("");
        vm.assertTrue(sent);
        vm.assertTrue(passer.sentMessages(Withdrawal(1 << 240, alice, alice, 2 ether, 100_000, "").hash()));
    }

    function test_EqualWithdrawalsAreTwo() public {
        passer.initiateWithdrawal(address(1), 0, "");
        passer.initiateWithdrawal(address(1), 0, "");
        vm.assertTrue(passer.sentMessages(Withdrawal(1 << 240, address(this), address(1), 0, 0, "").hash()));
        vm.assertTrue(passer.sentMessages(Withdrawal((1 << 240) + 1, address(this), address(1), 0, 0, "").hash()));
    }
}
