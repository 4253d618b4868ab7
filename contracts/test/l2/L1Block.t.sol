// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {L1Block} from "../../src/l2/L1Block.sol";
import {MetisSequencerSet} from "../../src/l2/MetisSequencerSet.sol";
import {L2Fixture} from "./L2Fixture.sol";

contract L1BlockTest is L2Fixture {
    function _slot(uint256 index) private view returns (bytes32) {
        return vm.load(address(l1Block), bytes32(index));
    }

    function test_TheLayoutIsTheOneTheKernelReads() public {
        _move(7, 11, 13, 17, hex"aabb");
        vm.assertEq(_slot(0), bytes32((uint256(1_700_000_007) << 64) | 7));
        vm.assertEq(_slot(1), bytes32(uint256(11)));
        vm.assertEq(_slot(2), keccak256("hash"));
        vm.assertEq(_slot(3), bytes32(uint256(13)));
        vm.assertEq(_slot(4), bytes32(uint256(17)));
        vm.assertEq(_slot(5), bytes32(uint256(1_700_000_007)));
        vm.assertEq(_slot(6), keccak256("randao"));
        vm.assertEq(_slot(7), keccak256(hex"aabb"));
    }

    function test_NoRateAndNoAttendanceLeaveTheOldOnes() public {
        _move(7, 11, 13, 17, hex"aabb");
        _move(8, 12, 14, 0, "");
        vm.assertEq(l1Block.number(), 8);
        vm.assertEq(l1Block.rate(), 17);
        vm.assertEq(l1Block.rateTime(), 1_700_000_007);
        vm.assertEq(l1Block.attendanceHash(), keccak256(hex"aabb"));
    }

    function testFuzz_NobodyElseMovesTheAnchor(address caller) public {
        vm.assume(caller != ADMIN && caller != 0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001);
        vm.prank(caller);
        vm.expectRevert(L1Block.OnlySystem.selector);
        l1Block.setL1BlockValues(1, 1, 1, 1, 0, 0, 1, "");
    }

    function test_TheSystemTransactionFitsItsGas() public {
        vm.prank(0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001);
        l1Block.setL1BlockValues{gas: 500_000}(1, 1, 1, 1, keccak256("1"), keccak256("2"), 1, new bytes(64));
        vm.assertEq(l1Block.number(), 1);
    }

    function test_AttendanceOfRecentAnchorsIsKept() public {
        _move(7, 11, 13, 17, hex"aabb");
        vm.assertEq(sequencerSet.attendanceHashAt(7), keccak256(hex"aabb"));
        vm.expectRevert(MetisSequencerSet.NotRecorded.selector);
        sequencerSet.attendanceHashAt(8);
        _move(7 + 8191, 11, 13, 17, hex"cc");
        vm.expectRevert(MetisSequencerSet.NotRecorded.selector);
        sequencerSet.attendanceHashAt(7);
        vm.expectRevert(MetisSequencerSet.OnlyL1Block.selector);
        sequencerSet.recordAttendance(9, hex"01");
    }
}
