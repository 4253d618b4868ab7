// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {DelegationParameters, IDelegation} from "../../src/interfaces/IDelegation.sol";
import {IEmissionReserve, RewardParameters} from "../../src/interfaces/IEmissionReserve.sol";
import {IPosterVault, PosterParameters} from "../../src/interfaces/IPosterVault.sol";
import {Governed} from "./Governed.sol";

/// @notice Powers over what seats, delegators and posters are paid, as Trust.t.sol.
contract TrustRewardsTest is Governed {
    /// @custom:power terms of delegation: commission and its raises, least amount
    /// @custom:who owner
    /// @custom:bound hard minimum and maximum of each
    /// @custom:calls Delegation.setParameters
    /// @custom:beyond NotSystemOwner, OutOfBounds
    function test_NoCommissionIsAboveHalf() public {
        DelegationParameters memory terms = _delegationParameters();
        vm.expectRevert(abi.encodeWithSelector(IDelegation.NotSystemOwner.selector, address(this)));
        delegation.setParameters(terms);
        terms.maxCommission = 5001;
        _beyond(
            address(delegation),
            abi.encodeCall(delegation.setParameters, (terms)),
            abi.encodeWithSelector(IDelegation.OutOfBounds.selector, bytes32("maxCommission"), 5001, 0, 5000)
        );
    }

    /// @custom:power emission rate
    /// @custom:who owner
    /// @custom:bound at most 20 % a year and 100,000 METIS an epoch
    /// @custom:calls EmissionReserve.setParameters
    /// @custom:beyond NotSystemOwner, OutOfBounds
    function test_EmissionIsAtMostAFifthAYear() public {
        RewardParameters memory rewards = _rewardParameters();
        vm.expectRevert(abi.encodeWithSelector(IEmissionReserve.NotSystemOwner.selector, address(this)));
        reserve.setParameters(rewards);
        rewards.rate = 0;
        _govern(address(reserve), abi.encodeCall(reserve.setParameters, (rewards)));
        rewards.rate = 2001;
        _beyond(
            address(reserve),
            abi.encodeCall(reserve.setParameters, (rewards)),
            abi.encodeWithSelector(IEmissionReserve.OutOfBounds.selector, bytes32("rate"), 2001, 0, 2000)
        );
    }

    /// @custom:power how fees are shared between leaders and committee
    /// @custom:who owner
    /// @custom:bound neither gets less than a tenth; fees of an epoch go to its set alone
    /// @custom:calls EmissionReserve.setParameters
    /// @custom:beyond OutOfBounds
    function test_NeitherLeadersNorCommitteeAreLeftWithoutFees() public {
        RewardParameters memory rewards = _rewardParameters();
        rewards.feeProposerShare = 9_000;
        _govern(address(reserve), abi.encodeCall(reserve.setParameters, (rewards)));
        rewards.feeProposerShare = 9_001;
        _beyond(
            address(reserve),
            abi.encodeCall(reserve.setParameters, (rewards)),
            abi.encodeWithSelector(
                IEmissionReserve.OutOfBounds.selector, bytes32("feeProposerShare"), 9_001, 1_000, 9_000
            )
        );
    }

    /// @custom:power up to what price posting is paid back
    /// @custom:who owner
    /// @custom:bound hard minimum and maximum of each; what was posted before is paid as it was; nobody takes the vault's METIS
    /// @custom:calls PosterVault.setParameters
    /// @custom:beyond NotSystemOwner, OutOfBounds
    function test_PostingIsPaidBackUpToABoundedPrice() public {
        PosterParameters memory caps = _posterParameters();
        vm.expectRevert(abi.encodeWithSelector(IPosterVault.NotSystemOwner.selector, address(this)));
        posters.setParameters(caps);
        caps.gasPriceCap = 1_000 gwei;
        _govern(address(posters), abi.encodeCall(posters.setParameters, (caps)));
        caps.gasPriceCap += 1;
        _beyond(
            address(posters),
            abi.encodeCall(posters.setParameters, (caps)),
            abi.encodeWithSelector(
                IPosterVault.OutOfBounds.selector, bytes32("gasPriceCap"), 1_000 gwei + 1, 1 gwei, 1_000 gwei
            )
        );
    }
}
