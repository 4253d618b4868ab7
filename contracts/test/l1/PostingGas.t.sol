// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IPosterVault} from "../../src/interfaces/IPosterVault.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {Vm} from "../base/Vm.sol";
import {PosterFixture} from "./PosterVault.t.sol";

/// @notice Gas of posting by the vault, as a transaction of its own, and how much of it the vault pays back. Recorded in
///         contracts/snapshots/L1.json.
contract PosterGasTest is PosterFixture {
    /// forge-config: default.isolate = true
    function test_PostingFourSeats() public {
        _measure(4, PAYLOAD, "submitBatch by the vault: calldata, 4 seats");
    }

    /// forge-config: default.isolate = true
    function test_PostingSixteenSeats() public {
        _measure(16, PAYLOAD, "submitBatch by the vault: calldata, 16 seats");
    }

    /// @dev Where EIP-7623's floor is the price.
    /// forge-config: default.isolate = true
    function test_PostingALongPayload() public {
        bytes memory payload = new bytes(100_000);
        for (uint256 i = 0; i < payload.length; i += 2) {
            payload[i] = 0xa5;
        }
        _measure(4, payload, "submitBatch by the vault: 100,000 bytes of calldata, 4 seats");
    }

    /// @dev The poster's third batch: the first two pay for slots that were never written.
    function _measure(uint256 seats, bytes memory payload, string memory name) private {
        _deploy(_weights(seats, 25));
        _post(ALICE);
        L1Chain.mine(5, 1);
        _post(ALICE);
        L1Chain.mine(5, 1);
        (, bytes memory call) = _posting(payload);
        vm.recordLogs();
        vm.prank(ALICE, ALICE);
        (bool success,) = address(posters).call(call);
        uint256 used = vm.snapshotGasLastCall("L1", name);
        vm.assertTrue(success);
        uint256 paidBack = _gasPaidBack();
        vm.assertLe(paidBack, used);
        vm.assertGe(paidBack, used * 98 / 100);
    }

    function _gasPaidBack() private view returns (uint256 gas) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IPosterVault.PostingRecorded.selector) {
                (gas,) = abi.decode(logs[i].data, (uint256, uint256));
            }
        }
    }
}
