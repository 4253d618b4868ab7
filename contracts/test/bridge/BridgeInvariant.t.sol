// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Histories} from "../base/Histories.sol";
import {BridgeActors} from "./BridgeActors.sol";

/// @notice Whatever people do in whatever order, everything on L2 lies in escrow on L1, and nothing is paid twice.
contract BridgeInvariantTest is Histories {
    BridgeActors private actors;

    function setUp() public {
        actors = new BridgeActors();
        _play(address(actors), _selectors());
    }

    function _selectors() private view returns (bytes4[] memory selectors) {
        selectors = new bytes4[](10);
        selectors[0] = actors.metisToL2.selector;
        selectors[1] = actors.ethToL2.selector;
        selectors[2] = actors.tokenToL2.selector;
        selectors[3] = actors.metisToL1.selector;
        selectors[4] = actors.ethToL1.selector;
        selectors[5] = actors.tokenToL1.selector;
        selectors[6] = actors.refuse.selector;
        selectors[7] = actors.takeDeposit.selector;
        selectors[8] = actors.payWithdrawal.selector;
        selectors[9] = actors.replay.selector;
    }

    function invariant_EveryMetisOnL2OrUnderWayLiesInTheEscrow() public {
        vm.assertEq(actors.metisInEscrow(), actors.metisOnL2() + actors.metisUnderWay());
    }

    function invariant_EscrowCoversWhatWasMinted() public view {
        vm.assertGe(actors.ethInEscrow(), actors.ethOnL2());
        vm.assertGe(actors.tokenInEscrow(), actors.tokenOnL2());
    }

    function afterInvariant() external {
        actors.finishEverything();
        vm.assertEq(actors.ethInEscrow(), actors.ethOnL2());
        vm.assertEq(actors.tokenInEscrow(), actors.tokenOnL2());
        vm.assertEq(actors.metisInEscrow(), actors.metisOnL2());
        vm.assertEq(actors.metisOfMessengerAndBridgeOnL1(), 0);
    }
}
