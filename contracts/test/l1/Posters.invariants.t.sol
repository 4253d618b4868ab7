// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {EmissionReserve} from "../../src/l1/EmissionReserve.sol";
import {MetisToken} from "../../src/l1/MetisToken.sol";
import {PosterVault} from "../../src/l1/PosterVault.sol";
import {Histories} from "../base/Histories.sol";
import {PosterActors} from "./PosterActors.sol";

/// @notice What holds of fees and refunds whatever everybody does, in any order. Nobody endows the reserve here: what seats
///         are paid comes out of fees, or out of what of them nobody earned.
contract PostersInvariants is Histories {
    PosterActors private actors;
    PosterVault private vault;
    EmissionReserve private reserve;
    MetisToken private token;

    function setUp() public {
        actors = new PosterActors();
        actors.start();
        (address vault_, address reserve_, address token_,) = actors.world();
        (vault, reserve, token) = (PosterVault(vault_), EmissionReserve(reserve_), MetisToken(token_));
        _play(address(actors), _selectors());
    }

    function _selectors() private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](10);
        selectors[0] = PosterActors.post.selector;
        selectors[1] = PosterActors.post.selector;
        selectors[2] = PosterActors.post.selector;
        selectors[3] = PosterActors.wait.selector;
        selectors[4] = PosterActors.wait.selector;
        selectors[5] = PosterActors.report.selector;
        selectors[6] = PosterActors.report.selector;
        selectors[7] = PosterActors.distribute.selector;
        selectors[8] = PosterActors.withdraw.selector;
        selectors[9] = PosterActors.donate.selector;
    }

    /// forge-config: default.invariant.runs = 8
    function invariant_TheVaultHoldsWhatCameInLessWhatPostersWithdrew() public view {
        vm.assertEq(token.balanceOf(address(vault)), actors.cameIn() - actors.paidOut());
    }

    /// forge-config: default.invariant.runs = 8
    function invariant_WhatIsGrantedIsHeldAndCoversEveryPoster() public view {
        vm.assertLe(vault.granted(), token.balanceOf(address(vault)));
        vm.assertLe(actors.withdrawable(), vault.granted());
    }

    /// forge-config: default.invariant.runs = 8
    function invariant_NobodyIsPaidBackMoreThanItSpent() public view {
        for (uint256 i = 0; i < 3; ++i) {
            address poster = actors.poster(i);
            vm.assertLe(actors.withdrawn(poster), actors.worth(poster));
        }
    }

    /// forge-config: default.invariant.runs = 8
    function invariant_TheReserveHoldsTheFeesOfEveryEpochThatIsNotDistributed() public view {
        uint256 waiting;
        for (uint64 epoch = actors.distributed(); epoch < actors.reported(); ++epoch) {
            waiting += reserve.feesOf(epoch);
        }
        vm.assertEq(reserve.feesHeld(), waiting);
        vm.assertLe(waiting, token.balanceOf(address(reserve)));
        vm.assertEq(token.balanceOf(address(reserve)), actors.feesIn() - actors.seatsPaid());
    }
}
