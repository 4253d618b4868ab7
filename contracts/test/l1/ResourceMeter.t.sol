// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IPortal} from "../../src/interfaces/IPortal.sol";
import {Parameters} from "../../src/interfaces/ISystemConfig.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice The market for deposit gas: limit 15,000,000 an L1 block, target a tenth, floor 1 gwei.
contract ResourceMeterTest is L1Fixture {
    uint64 private constant TARGET = DEPOSIT_GAS_LIMIT / 10;

    function test_OneL1BlockSellsNoMoreThanItsLimit() public {
        _buy(DEPOSIT_GAS_LIMIT - 100_000);
        vm.expectRevert(abi.encodeWithSelector(IPortal.DepositGasExhausted.selector, 100_001, 100_000));
        portal.depositTransaction(address(0), 0, 0, 100_001, false, "");
        _buy(100_000);
        vm.expectRevert(abi.encodeWithSelector(IPortal.DepositGasExhausted.selector, 21_000, 0));
        portal.depositTransaction(address(0), 0, 0, 21_000, false, "");
        vm.roll(block.number + 1);
        _buy(21_000);
    }

    function test_PriceStartsAtTheFloor() public view {
        vm.assertEq(portal.depositBaseFee(), 1 gwei);
    }

    function test_FullBlockRaisesThePriceByElasticityLessOneOverDenominator() public {
        _buy(DEPOSIT_GAS_LIMIT);
        vm.assertEq(portal.depositBaseFee(), 1 gwei);
        vm.roll(block.number + 1);
        // 1 + 9 / 8
        vm.assertEq(portal.depositBaseFee(), 2.125 gwei);
    }

    function test_TargetLeavesThePriceWhereItIs() public {
        _buy(DEPOSIT_GAS_LIMIT);
        vm.roll(block.number + 1);
        _buy(TARGET);
        vm.roll(block.number + 1);
        vm.assertEq(portal.depositBaseFee(), 2.125 gwei);
    }

    function test_IdleBlocksLowerThePriceToTheFloor() public {
        _buy(DEPOSIT_GAS_LIMIT);
        vm.roll(block.number + 2);
        vm.assertEq(portal.depositBaseFee(), 2.125 gwei * uint256(7) / 8);
        vm.roll(block.number + 1);
        vm.assertEq(portal.depositBaseFee(), 2.125 gwei * uint256(49) / 64);
        vm.roll(block.number + 1_000_000);
        vm.assertEq(portal.depositBaseFee(), 1 gwei);
    }

    function test_PriceStopsAtTheCeiling() public {
        Parameters memory parameters = _parameters();
        parameters.meterMaximumBaseFee = 3 gwei;
        vm.prank(OWNER);
        systemConfig.setParameters(parameters);
        for (uint256 i = 0; i < 4; ++i) {
            _buy(DEPOSIT_GAS_LIMIT);
            vm.roll(block.number + 1);
        }
        vm.assertEq(portal.depositBaseFee(), 3 gwei);
    }

    /// @dev 1,500,000 gas at 1 gwei with L1 at 1 gwei: the call costs as much L1 gas, a little more for what follows
    ///      the burning.
    function testFuzz_BurnsL1GasWorthThePrice(uint64 gasLimit, uint64 l1BaseFee) public {
        gasLimit = uint64(bound(gasLimit, 500_000, DEPOSIT_GAS_LIMIT));
        l1BaseFee = uint64(bound(l1BaseFee, 0, 100 gwei));
        vm.fee(l1BaseFee);
        uint256 expected = uint256(gasLimit) * 1 gwei / (l1BaseFee > 1 gwei ? l1BaseFee : 1 gwei);
        uint256 before = gasleft();
        portal.depositTransaction(address(0), 0, 0, gasLimit, false, "");
        uint256 used = before - gasleft();
        if (expected > 300_000) {
            vm.assertGe(used, expected * 97 / 100);
            vm.assertLe(used, expected * 103 / 100 + 20_000);
        } else {
            vm.assertLe(used, 330_000);
        }
    }

    /// @dev Whatever is bought in whatever blocks: never more than the limit in one, never outside floor and ceiling.
    function testFuzz_StaysWithinItsBounds(uint64[8] calldata amounts, uint8[8] calldata gaps) public {
        uint256 sold;
        for (uint256 i = 0; i < 8; ++i) {
            uint64 amount = uint64(bound(amounts[i], 21_000, DEPOSIT_GAS_LIMIT));
            if (gaps[i] != 0) {
                vm.roll(block.number + gaps[i]);
                sold = 0;
            }
            if (sold + amount > DEPOSIT_GAS_LIMIT) {
                vm.expectPartialRevert(IPortal.DepositGasExhausted.selector);
                portal.depositTransaction(address(0), 0, 0, amount, false, "");
            } else {
                _buy(amount);
                sold += amount;
            }
            uint256 price = portal.depositBaseFee();
            vm.assertGe(price, 1 gwei);
            vm.assertLe(price, 1e18);
        }
    }

    /// @dev With L1 dear, nothing is left to burn, so the tests above stay quick.
    function _buy(uint64 gasLimit) private {
        vm.fee(1_000_000 gwei);
        portal.depositTransaction(address(0), 0, 0, gasLimit, false, "");
    }
}
