// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ITransparentUpgradeableProxy} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {L1Block} from "../../src/l2/L1Block.sol";
import {Proxy} from "../../src/proxy/Proxy.sol";
import {Test} from "../base/Test.sol";

contract ProxyTest is Test {
    address private immutable ADMIN = makeAddress("admin");

    function test_TheAddressDependsOnTheAdminAlone() public {
        bytes32 codeHash = keccak256(abi.encodePacked(type(Proxy).creationCode, abi.encode(ADMIN)));
        address expected =
            address(uint160(uint256(keccak256(abi.encodePacked(hex"ff", address(this), bytes32(0), codeHash)))));
        vm.assertEq(address(new Proxy{salt: 0}(ADMIN)), expected);
    }

    function test_NothingAnswersBeforeAnImplementationIsThere() public {
        address proxy = address(new Proxy(ADMIN));
        vm.expectRevert(Proxy.NoImplementation.selector);
        L1Block(proxy).number();
    }

    function test_TheAdminUpgradesAndDoesNothingElse() public {
        address proxy = address(new Proxy(ADMIN));
        address implementation = address(new L1Block());
        vm.prank(ADMIN);
        ITransparentUpgradeableProxy(proxy).upgradeToAndCall(implementation, "");
        vm.assertEq(vm.load(proxy, ERC1967Utils.IMPLEMENTATION_SLOT), bytes32(uint256(uint160(implementation))));
        vm.assertEq(vm.load(proxy, ERC1967Utils.ADMIN_SLOT), bytes32(uint256(uint160(ADMIN))));
        vm.assertEq(L1Block(proxy).number(), 0);
        vm.prank(ADMIN);
        vm.expectRevert(Proxy.ProxyDeniedAdminAccess.selector);
        L1Block(proxy).number();
    }

    function testFuzz_NobodyElseUpgrades(address caller) public {
        vm.assume(caller != ADMIN);
        address proxy = address(new Proxy(ADMIN));
        address implementation = address(new L1Block());
        vm.prank(ADMIN);
        ITransparentUpgradeableProxy(proxy).upgradeToAndCall(implementation, "");
        vm.prank(caller);
        vm.expectRevert();
        ITransparentUpgradeableProxy(proxy).upgradeToAndCall(implementation, "");
    }
}
