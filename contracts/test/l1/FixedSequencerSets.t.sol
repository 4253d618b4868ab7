// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {FixedSequencerSets} from "../../src/l1/FixedSequencerSets.sol";
import {MetisToken} from "../../src/l1/MetisToken.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice The set given at deployment, and the devnet's token.
contract FixedSequencerSetsTest is L1Fixture {
    function testFuzz_SameSetInEveryEpoch(uint64 epoch) public view {
        (bytes32 setHash, uint256 totalWeight) = sequencerSets.setOf(epoch);
        vm.assertEq(setHash, keccak256(abi.encode(members)));
        vm.assertEq(totalWeight, 100);
    }

    function test_InitializesOnceAndNeverTheImplementation() public {
        SetMember[] memory set = members;
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        sequencerSets.initialize(set);
        FixedSequencerSets implementation = new FixedSequencerSets();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(set);
    }

    function test_RefusesEmptyAndOversizedSets() public {
        _refuse(new SetMember[](0), abi.encodeWithSelector(FixedSequencerSets.WrongMemberCount.selector, 0));
        _refuse(new SetMember[](257), abi.encodeWithSelector(FixedSequencerSets.WrongMemberCount.selector, 257));
    }

    function test_RefusesSignersOutOfOrderOrTwice() public {
        SetMember[] memory set = members;
        (set[1], set[2]) = (set[2], set[1]);
        _refuse(set, abi.encodeWithSelector(FixedSequencerSets.NotAscending.selector, 2));
        set = members;
        set[1].signer = set[0].signer;
        _refuse(set, abi.encodeWithSelector(FixedSequencerSets.NotAscending.selector, 1));
    }

    function test_RefusesEmptySeats() public {
        SetMember[] memory set = members;
        set[3].weight = 0;
        _refuse(set, abi.encodeWithSelector(FixedSequencerSets.EmptySeat.selector, 3));
        set = members;
        set[0].signer = address(0);
        _refuse(set, abi.encodeWithSelector(FixedSequencerSets.EmptySeat.selector, 0));
    }

    function test_TokenGivesItsWholeSupplyToOneHolderAndMakesNoMore() public {
        MetisToken made = new MetisToken(OWNER, 5 ether);
        vm.assertEq(made.totalSupply(), 5 ether);
        vm.assertEq(made.balanceOf(OWNER), 5 ether);
        vm.assertEq(made.decimals(), 18);
        vm.expectRevert(MetisToken.NoHolder.selector);
        new MetisToken(address(0), 1);
    }

    /// @dev A call of its own, so that expectRevert sees the whole installation.
    function install(address proxy, address implementation, bytes calldata initialisation) external {
        _install(proxy, implementation, initialisation);
    }

    function _refuse(SetMember[] memory set, bytes memory refusal) private {
        address proxy = _newProxy();
        address implementation = address(new FixedSequencerSets());
        vm.expectRevert(refusal);
        this.install(proxy, implementation, abi.encodeCall(FixedSequencerSets.initialize, (set)));
    }
}
