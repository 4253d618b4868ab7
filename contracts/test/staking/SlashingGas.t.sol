// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    AttendanceCount,
    EpochAttendance,
    IncludedReceipt,
    SignedReceipt
} from "../../src/interfaces/ISlashingManager.sol";
import {IEmissionReserve} from "../../src/interfaces/IEmissionReserve.sol";
import {Predeploys} from "../../src/libraries/Predeploys.sol";
import {Certificate} from "../../src/types/Certificate.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {EpochRevenue} from "../../src/types/EpochRevenue.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {OrderFixture} from "./OrderFixture.sol";
import {SpeakingMessenger} from "./Rewards.t.sol";

/// @notice Gas of evidence, as transactions of their own. Recorded in contracts/snapshots/Staking.json.
contract SlashingGasTest is OrderFixture {
    address private immutable DISPUTES = makeAddress("disputes");

    /// forge-config: default.isolate = true
    function test_Order() public {
        _settleBlocks(leader, members[1].signer, leader);
        IncludedReceipt memory late = _included(3, 0, 7);
        IncludedReceipt memory early = _included(1, 1, 9);
        slashing.reportBrokenOrder(late, early);
        vm.snapshotGasLastCall("Staking", "reportBrokenOrder: batches of 3 blocks of 2 transactions");
        SignedReceipt memory a = _sign(leader, _receipt(90, 0, 6));
        SignedReceipt memory b = _sign(leader, _receipt(91, 0, 6));
        slashing.reportDoubleSequence(a, b);
        vm.snapshotGasLastCall("Staking", "reportDoubleSequence");
    }

    /// forge-config: default.isolate = true
    function test_Absence() public {
        vm.etch(address(0x1111), type(SpeakingMessenger).runtimeCode);
        uint256[] memory words = new uint256[](1);
        bytes memory message =
            abi.encodeCall(IEmissionReserve.receiveAttendance, (1, 100, words, EpochRevenue(0, 0, 0)));
        SpeakingMessenger(address(0x1111)).speak(Predeploys.METIS_SEQUENCER_SET, address(reserve), message);
        slashing.reportAbsence(EpochAttendance(1, members, 100, words), 0);
        vm.snapshotGasLastCall("Staking", "reportAbsence: 4 seats");
    }

    /// forge-config: default.isolate = true
    function test_NoProposal() public {
        vm.etch(address(0x1111), type(SpeakingMessenger).runtimeCode);
        uint256[] memory words = new uint256[](1);
        words[0] = 120 << 32;
        AttendanceCount[] memory counts = new AttendanceCount[](4);
        for (uint64 i = 0; i < 4; ++i) {
            bytes memory message =
                abi.encodeCall(IEmissionReserve.receiveAttendance, (i + 1, 120, words, EpochRevenue(0, 0, 0)));
            SpeakingMessenger(address(0x1111)).speak(Predeploys.METIS_SEQUENCER_SET, address(reserve), message);
            counts[i] = AttendanceCount(120, words);
        }
        slashing.reportNoProposal(1, members, counts, 0);
        vm.snapshotGasLastCall("Staking", "reportNoProposal: 4 seats, 4 epochs");
    }

    /// forge-config: default.isolate = true
    function test_PunishSigners() public {
        vm.prank(OWNER);
        slashing.nameDisputes(DISPUTES);
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _claim(header, GENESIS_OUTPUT, 1, keccak256("wrong"));
        Certificate memory certificate = _certify(claim, 7);
        inbox.submitBatch(header, claim, certificate, PAYLOAD);
        vm.prank(DISPUTES);
        slashing.punishSigners(header.batchIndex, claim, certificate, address(this));
        vm.snapshotGasLastCall("Staking", "punishSigners: 3 of 4 seats");
    }
}
