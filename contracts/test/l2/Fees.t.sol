// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {LibZip} from "solady/utils/LibZip.sol";
import {FeeVault} from "../../src/l2/FeeVault.sol";
import {MetisSequencerSet} from "../../src/l2/MetisSequencerSet.sol";
import {L2Fixture} from "./L2Fixture.sol";

contract FeesTest is L2Fixture {
    function setUp() public override {
        super.setUp();
        vm.store(address(oracle), ORACLE_SLOT, bytes32((uint256(1_014_213) << 32) | 5227));
        _move(1, 20 gwei, 3 gwei, 100 ether, "");
    }

    /// @dev docs/spec/execution.md, "L1 data fee", written down once more.
    function _expected(uint256 flz, uint256 baseFee, uint256 blobFee, uint256 rate) private pure returns (uint256) {
        uint256 linear = 836_500 * flz;
        uint256 size = linear < 100_000_000 + 42_585_600 ? 100_000_000 : linear - 42_585_600;
        uint256 weiEth = size * (16 * 5227 * baseFee + 1_014_213 * blobFee) / 1e12;
        return (weiEth * rate + 1e18 - 1) / 1e18;
    }

    function test_TheSmallestTransactionPaysForAHundredBytes() public view {
        vm.assertEq(oracle.getL1Fee(hex"02"), _expected(1, 20 gwei, 3 gwei, 100 ether));
        vm.assertEq(oracle.getL1GasUsed(hex"02"), 1600);
    }

    function testFuzz_TheFeeIsTheSpecifiedOne(bytes memory data, uint64 baseFee, uint64 blobFee, uint128 rate) public {
        vm.assume(rate != 0);
        _move(2, baseFee, blobFee, rate, "");
        uint256 fee = oracle.getL1Fee(data);
        vm.assertEq(fee, _expected(LibZip.flzCompress(data).length, baseFee, blobFee, rate));
        vm.assertLe(fee, oracle.getL1FeeUpperBound(data.length));
    }

    function test_AVaultPaysTheSequencerSetWhenAnyoneAsks() public {
        vm.deal(address(vault), 12 ether);
        vm.prank(makeAddress("anyone"));
        vm.assertEq(vault.withdraw(), 12 ether);
        vm.assertEq(address(sequencerSet).balance, 12 ether);
        vm.assertEq(vault.totalProcessed(), 12 ether);
    }

    function test_WhatAVaultHasCollectedNeverFalls() public {
        vm.deal(address(vault), 12 ether);
        vault.withdraw();
        vm.assertEq(vault.collected(), 12 ether);
        vm.deal(address(vault), 1 ether);
        vm.assertEq(vault.collected(), 13 ether);
    }

    function test_ARecipientThatRefusesLosesNothing() public {
        vm.etch(address(sequencerSet), hex"5f5ffd"); // reverts
        vm.deal(address(vault), 12 ether);
        vm.expectRevert(FeeVault.PaymentFailed.selector);
        vault.withdraw();
        vm.assertEq(address(vault).balance, 12 ether);
    }

    function test_NobodyElsePaysIntoTheSequencerSet() public {
        vm.deal(address(this), 1 ether);
        (bool taken, bytes memory reason) = address(sequencerSet).call{value: 1 ether}("");
        vm.assertFalse(taken);
        vm.assertEq(bytes4(reason), MetisSequencerSet.OnlyFeeVaults.selector);
    }
}
