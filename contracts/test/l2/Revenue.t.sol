// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IEmissionReserve} from "../../src/interfaces/IEmissionReserve.sol";
import {FeeVault} from "../../src/l2/FeeVault.sol";
import {Predeploys} from "../../src/libraries/Predeploys.sol";
import {EpochRevenue} from "../../src/types/EpochRevenue.sol";
import {L2Fixture} from "./L2Fixture.sol";

/// @notice A messenger that keeps what it is to send.
contract KeepingMessenger {
    uint256 public value;
    bytes public message;

    function sendMessage(address, bytes calldata message_, uint32) external payable {
        (value, message) = (msg.value, message_);
    }
}

/// @notice Which epoch L2's fees belong to, and that a report brings them all.
contract RevenueTest is L2Fixture {
    bytes32 private constant SLOT = 0xe3e796a97f709c417e1ee64fadc49fbb4e60ef6a4cbf85479463b7a89f441100;
    KeepingMessenger private constant messenger = KeepingMessenger(Predeploys.L2_CROSS_DOMAIN_MESSENGER);
    uint64 private counted;

    /// @dev Epochs of 60 anchors from 100 on.
    function setUp() public override {
        super.setUp();
        uint256 packed = uint256(0xbeef) | (uint256(100) << 160) | (uint256(60) << 224);
        vm.store(address(sequencerSet), bytes32(uint256(SLOT) + 2), bytes32(packed));
        vm.etch(address(messenger), type(KeepingMessenger).runtimeCode);
        vm.roll(1000);
    }

    function test_FeesBelongToTheEpochWhoseBlocksAreCountedNext() public {
        _earn(3 ether, 2 ether, 1 ether);
        _count(0, 110, 100);
        _assertRevenue(0, 5 ether, 1 ether, 100);
        _earn(1 ether, 1 ether, 4 ether);
        _count(0, 120, 110);
        _assertRevenue(0, 7 ether, 5 ether, 110);
        _earn(10 ether, 0, 0);
        _count(1, 170, 90);
        _assertRevenue(0, 7 ether, 5 ether, 110);
        _assertRevenue(1, 10 ether, 0, 90);
    }

    function test_FeesWaitUntilBlocksAreCounted() public {
        _earn(1 ether, 0, 0);
        _move(111, 1, 1, 100, abi.encodePacked(uint8(1), uint64(0), uint64(5000), uint8(1), uint8(0), uint64(1)));
        _assertRevenue(0, 0, 0, 100);
        _earn(1 ether, 0, 0);
        _count(0, 112, 100);
        _assertRevenue(0, 2 ether, 0, 100);
    }

    function test_EmptyingAVaultMovesNoFeesToAnotherEpoch() public {
        _earn(3 ether, 0, 1 ether);
        FeeVault(payable(Predeploys.SEQUENCER_FEE_VAULT)).withdraw();
        FeeVault(payable(Predeploys.L1_FEE_VAULT)).withdraw();
        _count(0, 110, 100);
        _assertRevenue(0, 3 ether, 1 ether, 100);
        FeeVault(payable(Predeploys.L1_FEE_VAULT)).withdraw();
        _count(1, 170, 100);
        _assertRevenue(1, 0, 0, 100);
    }

    function test_AReportBringsTheFeesOfItsEpochAndLeavesTheOthers() public {
        _earn(3 ether, 2 ether, 1 ether);
        _count(0, 110, 100);
        _earn(10 ether, 0, 5 ether);
        _count(1, 170, 100);
        _earn(7 ether, 0, 0);
        _move(290, 1, 1, 100, "");
        sequencerSet.reportEpoch(0);
        vm.assertEq(messenger.value(), 6 ether);
        (uint64 blocks,, uint256[] memory words) = sequencerSet.countsOf(0);
        EpochRevenue memory revenue = EpochRevenue(5 ether, 1 ether, 100);
        vm.assertEq(
            messenger.message(), abi.encodeCall(IEmissionReserve.receiveAttendance, (0, blocks, words, revenue))
        );
        vm.assertEq(address(sequencerSet).balance, 22 ether);
        sequencerSet.reportEpoch(1);
        vm.assertEq(messenger.value(), 15 ether);
        vm.assertEq(address(sequencerSet).balance, 7 ether);
    }

    function test_AnEpochOfWhichNothingWasCountedReportsThePresentRate() public {
        _move(290, 1, 1, 123, "");
        sequencerSet.reportEpoch(0);
        vm.assertEq(messenger.value(), 0);
        _assertRevenue(0, 0, 0, 123);
    }

    /// @dev Whatever comes in, and whenever vaults are emptied and epochs reported: everything is some epoch's, once.
    function testFuzz_TheEpochsFeesAddUpToWhatCameIn(uint64[5] memory fees, uint64[5] memory l1Fees, uint8 emptied)
        public
    {
        uint256 total;
        for (uint256 i = 0; i < 5; ++i) {
            _earn(fees[i], 0, l1Fees[i]);
            total += uint256(fees[i]) + l1Fees[i];
            if ((emptied >> i) & 1 == 1) FeeVault(payable(Predeploys.SEQUENCER_FEE_VAULT)).withdraw();
            // Two counts in the first epoch, three in the second.
            _count(uint64(i / 2 == 0 ? 0 : 1), uint64(i / 2 == 0 ? 110 : 170), 100);
        }
        _move(290, 1, 1, 100, "");
        sequencerSet.reportEpoch(1);
        uint256 sent = messenger.value();
        sequencerSet.reportEpoch(0);
        vm.assertEq(sent + messenger.value(), total);
        vm.assertEq(address(sequencerSet).balance, 0);
    }

    /// @dev A system transaction has 1,000,000.
    function test_TheDearestCountOfFeesLeavesRoomInTheSystemTransaction() public {
        _earn(3 ether, 2 ether, 1 ether);
        bytes memory attendance =
            abi.encodePacked(uint8(1), uint64(0), uint64(1), uint8(255), uint8(63), type(uint64).max);
        attendance = abi.encodePacked(attendance, uint64(256), uint8(255), uint8(5), type(uint64).max);
        attendance = abi.encodePacked(attendance, uint64(511), uint8(255), uint8(17), type(uint64).max);
        uint256 before = gasleft();
        _move(110, 1, 1, 1, attendance);
        vm.assertLt(before - gasleft(), 850_000);
        vm.assertEq(sequencerSet.revenueOf(0).fees, 5 ether);
    }

    function _earn(uint256 priority, uint256 base, uint256 data) private {
        _credit(Predeploys.SEQUENCER_FEE_VAULT, priority);
        _credit(Predeploys.BASE_FEE_VAULT, base);
        _credit(Predeploys.L1_FEE_VAULT, data);
    }

    /// @dev As the kernel does: no code runs.
    function _credit(address vault, uint256 amount) private {
        vm.deal(vault, vault.balance + amount);
    }

    /// @dev Ten more blocks of `epoch` are counted.
    function _count(uint64 epoch, uint64 anchorNumber, uint256 rate) private {
        _move(
            anchorNumber,
            1,
            1,
            rate,
            abi.encodePacked(uint8(1), epoch, 1 + 10 * counted, uint8(10), uint8(0), uint64(1))
        );
        ++counted;
    }

    function _assertRevenue(uint64 epoch, uint256 fees, uint256 l1Fees, uint256 rate) private view {
        EpochRevenue memory revenue = sequencerSet.revenueOf(epoch);
        vm.assertEq(revenue.fees, fees);
        vm.assertEq(revenue.l1Fees, l1Fees);
        vm.assertEq(revenue.rate, rate);
    }
}
