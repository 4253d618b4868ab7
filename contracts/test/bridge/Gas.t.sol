// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MintableERC20} from "../../src/bridge/MintableERC20.sol";
import {Parameters} from "../../src/interfaces/ISystemConfig.sol";
import {PlainToken} from "./Targets.sol";
import {TwoLayers} from "./TwoLayers.sol";

/// @notice Gas of the bridge on L1, as transactions of their own. Recorded in contracts/snapshots/Bridge.json.
contract BridgeGasTest is TwoLayers {
    address private immutable ALICE = makeAddress("alice");

    /// @dev The floor of the meter that the deployer sets: the default of these tests burns a gas for a gas.
    function _parameters() internal pure override returns (Parameters memory parameters) {
        parameters = super._parameters();
        parameters.meterMinimumBaseFee = 0.01 gwei;
    }

    function _depositEth() private {
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeETHTo{value: 1 ether}(ALICE, 0, "");
    }

    /// forge-config: default.isolate = true
    function test_DepositEth() public {
        vm.deal(ALICE, 10 ether);
        _depositEth();
        vm.roll(block.number + 1);
        _depositEth();
        vm.snapshotGasLastCall("Bridge", "bridgeETHTo");
    }

    /// forge-config: default.isolate = true
    function test_DepositMetis() public {
        _fund(ALICE, 10 ether);
        vm.prank(ALICE);
        token.approve(address(l1Bridge), 10 ether);
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeMETISTo(ALICE, 1 ether, 0, "");
        vm.roll(block.number + 1);
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeMETISTo(ALICE, 1 ether, 0, "");
        vm.snapshotGasLastCall("Bridge", "bridgeMETISTo");
    }

    /// forge-config: default.isolate = true
    function test_DepositErc20() public {
        PlainToken plain = new PlainToken(ALICE);
        MintableERC20 remote = MintableERC20(factory.createMintableERC20(address(plain), "Plain on L2", "PLN", 18));
        vm.prank(ALICE);
        plain.approve(address(l1Bridge), 10 ether);
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeERC20To(address(plain), address(remote), ALICE, 1 ether, 0, "");
        vm.roll(block.number + 1);
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeERC20To(address(plain), address(remote), ALICE, 1 ether, 0, "");
        vm.snapshotGasLastCall("Bridge", "bridgeERC20To");
    }
}
