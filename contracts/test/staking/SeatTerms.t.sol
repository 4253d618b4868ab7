// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IDelegation, SequencerMetadata} from "../../src/interfaces/IDelegation.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice What a seat's owner tells those who may delegate to it: commission and who they are.
contract SeatTermsTest is StakingFixture {
    function test_TheFirstCommissionIsFreeWhileNobodyHasDelegated() public {
        vm.startPrank(_owner(1));
        vm.expectRevert(abi.encodeWithSelector(IDelegation.CommissionTooHigh.selector, 5001, 5000));
        delegation.setCommission(1, 5001);
        delegation.setCommission(1, 5000);
        delegation.setCommission(1, 1000);
        delegation.setCommission(1, 2000);
        vm.stopPrank();
        vm.assertEq(delegation.commissionOf(1, 2), 2000);
    }

    function test_ACommissionRisesByAStepAtATime() public {
        vm.prank(_owner(1));
        delegation.setCommission(1, 1000);
        _delegate("alice", 1, 100 ether);
        vm.startPrank(_owner(1));
        uint64 allowedAt = uint64(block.timestamp) + 60;
        vm.assertEq(delegation.commissionRaisableAt(1), allowedAt);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.CommissionTooSoon.selector, 1, allowedAt));
        delegation.setCommission(1, 1001);
        vm.warp(allowedAt);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.CommissionTooHigh.selector, 1501, 1500));
        delegation.setCommission(1, 1501);
        delegation.setCommission(1, 1500);
        // Down at any time, and not up again before the next raise is due.
        delegation.setCommission(1, 0);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.CommissionTooSoon.selector, 1, allowedAt + 60));
        delegation.setCommission(1, 1);
        vm.warp(allowedAt + 60);
        delegation.setCommission(1, 500);
        vm.stopPrank();
    }

    function test_ACommissionHoldsFromTheNextEpochThatIsNotFrozen() public {
        vm.startPrank(_owner(1));
        delegation.setCommission(1, 1000);
        vm.stopPrank();
        uint64 epoch = _freezeNext();
        vm.prank(_owner(1));
        delegation.setCommission(1, 700);
        vm.assertEq(delegation.commissionOf(1, epoch - 1), 0);
        vm.assertEq(delegation.commissionOf(1, epoch), 1000);
        vm.assertEq(delegation.commissionOf(1, epoch + 1), 700);
        vm.assertEq(delegation.commissionOf(1, epoch + 9), 700);
    }

    function test_OnlyTheOwnerOfTheSeatSetsItsTerms() public {
        bytes memory refusal = abi.encodeWithSelector(IDelegation.NotSeqOwner.selector, 1, address(this));
        vm.expectRevert(refusal);
        delegation.setCommission(1, 1);
        vm.expectRevert(refusal);
        delegation.setMetadata(1, _metadata());
    }

    function test_MetadataIsKept() public {
        SequencerMetadata memory metadata = _metadata();
        vm.prank(_owner(1));
        delegation.setMetadata(1, metadata);
        vm.assertEq(abi.encode(delegation.metadataOf(1)), abi.encode(metadata));
    }

    function test_MetadataIsBounded() public {
        SequencerMetadata memory metadata = _metadata();
        vm.startPrank(_owner(1));
        metadata.name = "";
        vm.expectRevert(IDelegation.NameMissing.selector);
        delegation.setMetadata(1, metadata);
        metadata.name = string(new bytes(97));
        _refuse(metadata, "name", 97, 96);
        metadata.name = string(new bytes(96));
        metadata.avatar = string(new bytes(257));
        _refuse(metadata, "avatar", 257, 256);
        metadata.avatar = string(new bytes(256));
        metadata.desc = string(new bytes(801));
        _refuse(metadata, "desc", 801, 800);
        metadata.desc = string(new bytes(800));
        metadata.url = string(new bytes(257));
        _refuse(metadata, "url", 257, 256);
        metadata.url = string(new bytes(256));
        metadata.media = string(new bytes(257));
        _refuse(metadata, "media", 257, 256);
        metadata.media = string(new bytes(256));
        delegation.setMetadata(1, metadata);
        vm.stopPrank();
    }

    function _refuse(SequencerMetadata memory metadata, bytes32 field, uint256 length, uint256 maximum) private {
        vm.expectRevert(abi.encodeWithSelector(IDelegation.TextTooLong.selector, field, length, maximum));
        delegation.setMetadata(1, metadata);
    }

    function _metadata() private pure returns (SequencerMetadata memory) {
        return SequencerMetadata({
            name: "Node of the north",
            avatar: "https://example.org/logo.svg",
            desc: "Keeps going.",
            url: "https://example.org",
            media: ""
        });
    }
}
