// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {MetisSequencerSet} from "../../src/l2/MetisSequencerSet.sol";
import {L2Fixture} from "./L2Fixture.sol";

contract MetisSequencerSetTest is L2Fixture {
    using RLP for *;

    address private immutable PROPOSER = makeAddress("proposer");

    /// @dev A header with the fields of Osaka; only number and extraData matter.
    function _header(uint256 number, bytes memory extraData) private pure returns (bytes memory) {
        RLP.Encoder memory fields = RLP.encoder();
        fields.push(keccak256("parent")).push(keccak256("ommers")).push(address(0)).push(keccak256("state"));
        fields.push(keccak256("transactions")).push(keccak256("receipts")).push(new bytes(256)).push(uint256(0));
        fields.push(number).push(uint256(30_000_000)).push(uint256(0)).push(uint256(1_700_000_000)).push(extraData);
        fields.push(keccak256("randao")).push(new bytes(8)).push(uint256(7)).push(keccak256("withdrawals"));
        fields.push(uint256(0)).push(uint256(0)).push(keccak256("beacon")).push(keccak256("requests"));
        return fields.encode();
    }

    function _extra(uint32 generation, address proposer) private pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), uint8(0), generation, proposer);
    }

    function test_TheProposerOfARecentBlockIsReadFromItsHeader() public {
        bytes memory header = _header(90, _extra(3, PROPOSER));
        vm.roll(100);
        vm.setBlockhash(90, keccak256(header));
        sequencerSet.recordProposer(header);
        (address proposer, uint32 generation) = sequencerSet.proposerOf(90);
        vm.assertEq(proposer, PROPOSER);
        vm.assertEq(generation, 3);
    }

    function test_AnOlderBlockIsFoundInTheHistoryContract() public {
        bytes memory header = _header(90, _extra(0, PROPOSER));
        vm.roll(5000);
        vm.store(0x0000F90827F1C53a10cb7A02335B175320002935, bytes32(uint256(90)), keccak256(header));
        sequencerSet.recordProposer(header);
        (address proposer,) = sequencerSet.proposerOf(90);
        vm.assertEq(proposer, PROPOSER);
    }

    function test_AMadeUpHeaderIsRefused() public {
        vm.roll(100);
        vm.setBlockhash(90, keccak256("another"));
        vm.expectRevert(MetisSequencerSet.UnknownHeader.selector);
        sequencerSet.recordProposer(_header(90, _extra(0, PROPOSER)));
    }

    function test_AHeaderOfTheFutureIsRefused() public {
        vm.roll(100);
        vm.expectRevert(MetisSequencerSet.UnknownHeader.selector);
        sequencerSet.recordProposer(_header(101, _extra(0, PROPOSER)));
    }

    function test_ForeignExtraDataIsRefused() public {
        bytes memory header = _header(90, "geth");
        vm.roll(100);
        vm.setBlockhash(90, keccak256(header));
        vm.expectRevert(MetisSequencerSet.MalformedExtraData.selector);
        sequencerSet.recordProposer(header);
    }

    function test_WhatNobodyRecordedIsNotThere() public {
        vm.expectRevert(MetisSequencerSet.NotRecorded.selector);
        sequencerSet.proposerOf(0);
        vm.expectRevert(MetisSequencerSet.NotRecorded.selector);
        sequencerSet.proposerOf(90);
    }
}
