// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILockingPool} from "../../src/interfaces/ILockingPool.sol";
import {SeatKeys} from "../base/SeatKeys.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice Who may take a seat while the pool is permissioned, and after.
contract AdmissionTest is StakingFixture {
    address private immutable ALICE = makeAddress("alice");
    uint256 private key;
    bytes private publicKey;
    bytes private proof;

    function setUp() public override {
        super.setUp();
        key = _key("alice");
        _fund(ALICE, MIN);
        publicKey = SeatKeys.publicKey(key);
        proof = SeatKeys.proof(address(pool), ALICE, key);
    }

    function _permissionless() internal pure override returns (bool) {
        return false;
    }

    function test_OnlyTheListIsAdmitted() public {
        _refuse();
        vm.prank(OWNER);
        pool.setWhitelist(ALICE, true);
        vm.assertTrue(pool.whitelist(ALICE));
        vm.prank(OWNER);
        pool.setWhitelist(ALICE, false);
        _refuse();
        vm.prank(OWNER);
        pool.setWhitelist(ALICE, true);
        vm.prank(ALICE);
        vm.assertEq(pool.lockFor(vm.addr(key), MIN, publicKey, proof), 5);
    }

    /// @dev The list is about coming in: it keeps nobody's stake.
    function test_WhoIsTakenOffTheListKeepsAllRights() public {
        address owner = _owner(1);
        vm.prank(OWNER);
        pool.setWhitelist(owner, false);
        vm.prank(owner);
        vm.assertEq(pool.unlock(1, 50_000 ether), 1);
    }

    function test_AdmissionOpensOnceAndForEver() public {
        vm.assertFalse(pool.permissionless());
        vm.prank(OWNER);
        pool.openAdmission();
        vm.assertTrue(pool.permissionless());
        vm.prank(OWNER);
        vm.expectRevert(ILockingPool.AlreadyPermissionless.selector);
        pool.openAdmission();
        vm.prank(ALICE);
        vm.assertEq(pool.lockFor(vm.addr(key), MIN, publicKey, proof), 5);
    }

    function test_OnlyTheSystemsOwnerAdmits() public {
        bytes memory refusal = abi.encodeWithSelector(ILockingPool.NotSystemOwner.selector, address(this));
        vm.expectRevert(refusal);
        pool.setWhitelist(ALICE, true);
        vm.expectRevert(refusal);
        pool.openAdmission();
    }

    function _refuse() private {
        address signer = vm.addr(key);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.NotWhitelisted.selector, ALICE));
        pool.lockFor(signer, MIN, publicKey, proof);
    }
}
