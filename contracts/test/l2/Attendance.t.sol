// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IEmissionReserve} from "../../src/interfaces/IEmissionReserve.sol";
import {MetisSequencerSet} from "../../src/l2/MetisSequencerSet.sol";
import {Predeploys} from "../../src/libraries/Predeploys.sol";
import {EpochRevenue} from "../../src/types/EpochRevenue.sol";
import {L2Fixture} from "./L2Fixture.sol";

/// @notice What L2's state says the members of an epoch's set did.
contract AttendanceTest is L2Fixture {
    bytes32 private constant SLOT = 0xe3e796a97f709c417e1ee64fadc49fbb4e60ef6a4cbf85479463b7a89f441100;
    address private immutable RESERVE = makeAddress("reserve");

    /// @dev Epochs of 60 anchors from 100 on.
    function setUp() public override {
        super.setUp();
        uint256 packed = uint256(uint160(RESERVE)) | (uint256(100) << 160) | (uint256(60) << 224);
        vm.store(address(sequencerSet), bytes32(uint256(SLOT) + 2), bytes32(packed));
        vm.roll(1000);
    }

    function test_BlocksCountForProposerAndForThoseWhoAttested() public {
        _record(110, abi.encodePacked(_head(0), _run(1, 10, 2, 7), _run(11, 5, 0, 1 << 63 | 1)));
        (uint64 blocks, bool reported, uint256[] memory words) = sequencerSet.countsOf(0);
        vm.assertEq(blocks, 15);
        vm.assertFalse(reported);
        vm.assertEq(words.length, 16);
        vm.assertEq(words[0], (15 << 32 | 5) | (10 << 32) << 64 | (10 << 32 | 10) << 128);
        vm.assertEq(words[15], uint256(5 << 32) << 192);
    }

    function test_ABlockCountsOnce() public {
        _record(110, abi.encodePacked(_head(0), _run(1, 10, 0, 1)));
        _record(111, abi.encodePacked(_head(0), _run(1, 10, 0, 1), _run(10, 3, 0, 1), _run(11, 2, 0, 1)));
        (uint64 blocks,,) = sequencerSet.countsOf(0);
        vm.assertEq(blocks, 12);
    }

    function test_BlocksThatAreStillToComeCountForNothing() public {
        _record(110, abi.encodePacked(_head(0), _run(995, 6, 0, 1)));
        (uint64 blocks,,) = sequencerSet.countsOf(0);
        vm.assertEq(blocks, 0);
        _record(111, abi.encodePacked(_head(0), _run(995, 5, 0, 1)));
        (blocks,,) = sequencerSet.countsOf(0);
        vm.assertEq(blocks, 5);
    }

    function test_AnEpochIsCountedUntilTheNextOneEnds() public {
        _record(219, abi.encodePacked(_head(2), _run(1, 1, 0, 1)));
        _record(219, abi.encodePacked(_head(0), _run(2, 2, 0, 1)));
        _record(220, abi.encodePacked(_head(0), _run(4, 3, 0, 1)));
        (uint64 blocks,,) = sequencerSet.countsOf(0);
        vm.assertEq(blocks, 2);
        (blocks,,) = sequencerSet.countsOf(2);
        vm.assertEq(blocks, 0);
    }

    /// @dev It comes in the system transaction: if that failed, the block's inputs would be bad.
    function testFuzz_NothingThatComesMakesItFail(uint64 anchor, bytes memory attendance) public {
        _record(anchor, attendance);
    }

    function testFuzz_OnlyWholeAttendancesCount(bytes memory attendance, uint8 cut) public {
        vm.assume(attendance.length == 0 || attendance[0] != 0x01);
        _record(110, attendance);
        bytes memory whole = abi.encodePacked(_head(0), _run(1, 10, 0, 1));
        bytes memory part = new bytes(uint256(cut) % whole.length);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = whole[i];
        }
        _record(110, part);
        (uint64 blocks,,) = sequencerSet.countsOf(0);
        vm.assertEq(blocks, 0);
    }

    /// @dev A system transaction has 1,000,000.
    function test_TheDearestAttendanceLeavesRoomInTheSystemTransaction() public {
        bytes memory attendance =
            abi.encodePacked(_head(0), _run(1, 255, 63, type(uint64).max), _run(256, 255, 5, type(uint64).max));
        attendance = abi.encodePacked(attendance, _run(511, 255, 17, type(uint64).max));
        vm.assertEq(attendance.length, 63);
        uint256 before = gasleft();
        _move(110, 1, 1, 1, attendance);
        vm.assertLt(before - gasleft(), 800_000);
    }

    function test_AnEpochIsReportedOnceWhenItIsClosed() public {
        _record(110, abi.encodePacked(_head(0), _run(1, 10, 1, 3)));
        _move(219, 1, 1, 1, "");
        vm.expectRevert(abi.encodeWithSelector(MetisSequencerSet.EpochOpen.selector, 0, 1));
        sequencerSet.reportEpoch(0);
        _move(220, 1, 1, 1, "");
        uint256[] memory words = new uint256[](1);
        words[0] = (10 << 32) | (10 << 32 | 10) << 64;
        bytes memory message = abi.encodeCall(IEmissionReserve.receiveAttendance, (0, 10, words, EpochRevenue(0, 0, 1)));
        bytes memory sent = abi.encodeWithSignature("sendMessage(address,bytes,uint32)", RESERVE, message, 400_000);
        vm.mockCall(Predeploys.L2_CROSS_DOMAIN_MESSENGER, sent, "");
        vm.expectCall(Predeploys.L2_CROSS_DOMAIN_MESSENGER, sent);
        sequencerSet.reportEpoch(0);
        vm.expectRevert(abi.encodeWithSelector(MetisSequencerSet.AlreadyReported.selector, 0));
        sequencerSet.reportEpoch(0);
    }

    function _record(uint64 anchorNumber, bytes memory attendance) private {
        vm.prank(Predeploys.L1_BLOCK);
        sequencerSet.recordAttendance(anchorNumber, attendance);
    }

    function _head(uint64 epoch) private pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), epoch);
    }

    function _run(uint64 firstBlock, uint8 blocks, uint8 proposer, uint64 attested)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(firstBlock, blocks, proposer, attested);
    }
}
