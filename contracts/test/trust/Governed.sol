// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Timelock} from "../../src/proxy/Timelock.sol";
import {StakingFixture} from "../staking/StakingFixture.sol";

/// @notice A deployment whose owner is a timelock, as the deployer leaves it, and what governors do with it.
abstract contract Governed is StakingFixture {
    uint256 internal constant DELAY = 300;
    bytes32 internal constant SALT = "a proposal";

    address internal immutable GOVERNOR = makeAddress("governor");
    Timelock internal timelock;
    uint256 private announced;

    function setUp() public override {
        super.setUp();
        address[] memory governors = new address[](1);
        governors[0] = GOVERNOR;
        timelock = new Timelock(DELAY, governors, new address[](1));
        vm.prank(OWNER);
        systemConfig.transferOwnership(address(timelock));
        vm.prank(address(timelock));
        systemConfig.acceptOwnership();
    }

    function _permissionless() internal pure override returns (bool) {
        return false;
    }

    /// @dev What the owner does: announced, waited for, carried out.
    function _govern(address target, bytes memory call) internal {
        bytes32 salt = _announce(target, call);
        timelock.execute(target, 0, call, 0, salt);
    }

    /// @dev Announced for as long as it takes, and refused all the same.
    function _beyond(address target, bytes memory call, bytes memory refusal) internal {
        bytes32 salt = _announce(target, call);
        vm.expectRevert(refusal);
        timelock.execute(target, 0, call, 0, salt);
    }

    function _announce(address target, bytes memory call) internal returns (bytes32 salt) {
        salt = bytes32(++announced);
        uint256 delay = timelock.getMinDelay();
        vm.prank(GOVERNOR);
        timelock.schedule(target, 0, call, 0, salt, delay);
        vm.warp(block.timestamp + delay);
    }

    /// @dev The governor itself is nobody to SystemConfig.
    function _refused(bytes memory call, bytes4 refusal) internal {
        vm.prank(GOVERNOR);
        (bool success, bytes memory reason) = address(systemConfig).call(call);
        vm.assertFalse(success);
        vm.assertEq(reason, abi.encodeWithSelector(refusal, GOVERNOR));
    }
}
