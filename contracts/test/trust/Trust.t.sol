// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ProxyAdmin} from "@openzeppelin/contracts/proxy/transparent/ProxyAdmin.sol";
import {ITransparentUpgradeableProxy} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {HandoverParameters, IEmergencyHandover} from "../../src/interfaces/IEmergencyHandover.sol";
import {ILockingInfo} from "../../src/interfaces/ILockingInfo.sol";
import {ILockingPool} from "../../src/interfaces/ILockingPool.sol";
import {ISlashingManager} from "../../src/interfaces/ISlashingManager.sol";
import {ISystemConfig, Parameters, StakingParameters} from "../../src/interfaces/ISystemConfig.sol";
import {Portal} from "../../src/l1/Portal.sol";
import {Proxy} from "../../src/proxy/Proxy.sol";
import {Timelock} from "../../src/proxy/Timelock.sol";
import {ChainRules} from "../../src/types/ChainConfig.sol";
import {Governed} from "./Governed.sol";

/// @notice Every power that somebody has, up to its bound and no further. docs/spec/trust.md is written from the tags here by
///         scripts/trust-table.mjs: power, who has it, its bound, the function, the errors of what lies beyond it.
contract TrustTest is Governed {
    /// @custom:power parameters of order, withdrawals and deposits
    /// @custom:who owner
    /// @custom:bound hard minimum and maximum of each; relations; a withdrawal takes less than the timelock
    /// @custom:calls SystemConfig.setParameters
    /// @custom:beyond OutOfBounds, RelationBroken
    function test_ParametersStayWithinBoundsAndRelations() public {
        Parameters memory parameters = _parameters();
        parameters.challengeWindow = 121;
        _refused(
            abi.encodeCall(systemConfig.setParameters, (parameters)),
            OwnableUpgradeable.OwnableUnauthorizedAccount.selector
        );
        _govern(address(systemConfig), abi.encodeCall(systemConfig.setParameters, (parameters)));
        vm.assertEq(systemConfig.parameters().challengeWindow, 121);
        parameters.pauseWindow = 7 days + 1;
        _beyond(
            address(systemConfig),
            abi.encodeCall(systemConfig.setParameters, (parameters)),
            abi.encodeWithSelector(ISystemConfig.OutOfBounds.selector, bytes32("pauseWindow"), 7 days + 1, 5, 7 days)
        );
        parameters = _parameters();
        // With the 6 seconds of maxBatchAge a withdrawal would take as long as the timelock.
        parameters.challengeWindow = uint32(DELAY) - 6;
        StakingParameters memory staking = _staking();
        staking.exitDelay = 1200;
        _govern(address(systemConfig), abi.encodeCall(systemConfig.setStakingParameters, (staking)));
        _beyond(
            address(systemConfig),
            abi.encodeCall(systemConfig.setParameters, (parameters)),
            abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, bytes32("withdrawal<timelock"))
        );
    }

    /// @custom:power what a seat costs, and how long its stake stays
    /// @custom:who owner
    /// @custom:bound hard minimum and maximum of each; no stake leaves before every way to punish it is over
    /// @custom:calls SystemConfig.setStakingParameters
    /// @custom:beyond OutOfBounds, RelationBroken
    function test_StakingParametersStayWithinBoundsAndRelations() public {
        StakingParameters memory staking = _staking();
        staking.maxSeats = 65;
        _beyond(
            address(systemConfig),
            abi.encodeCall(systemConfig.setStakingParameters, (staking)),
            abi.encodeWithSelector(ISystemConfig.OutOfBounds.selector, bytes32("maxSeats"), 65, 1, 64)
        );
        staking = _staking();
        staking.exitDelay = 390;
        _beyond(
            address(systemConfig),
            abi.encodeCall(systemConfig.setStakingParameters, (staking)),
            abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, bytes32("exitDelay>windows"))
        );
    }

    /// @custom:power forks of the chain config
    /// @custom:who owner
    /// @custom:bound adds forks; the rules that L1 enforces never change
    /// @custom:calls SystemConfig.setChainConfig
    /// @custom:beyond ChainRulesChanged
    function test_ChainRulesNeverChange() public {
        ChainRules memory rules = _rules();
        rules.depositGasLimit -= 1;
        bytes memory call = abi.encodeCall(systemConfig.setChainConfig, (_chainConfig(rules)));
        _beyond(address(systemConfig), call, abi.encodeWithSelector(ISystemConfig.ChainRulesChanged.selector));
    }

    /// @custom:power pause of withdrawals
    /// @custom:who guardian
    /// @custom:bound pauseWindow, at most 7 days; ends by itself; not again before as long a time without a pause
    /// @custom:calls SystemConfig.pause
    /// @custom:beyond NotGuardian, PauseTooSoon
    function test_PauseExpiresAndIsNotRepeated() public {
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.NotGuardian.selector, address(timelock)));
        systemConfig.pause();
        uint256 start = block.timestamp;
        vm.prank(GUARDIAN);
        systemConfig.pause();
        vm.assertTrue(systemConfig.paused());
        vm.warp(start + 120);
        vm.assertFalse(systemConfig.paused());
        // A new guardian begins no new count.
        _govern(address(systemConfig), abi.encodeCall(systemConfig.setGuardian, (COUNCIL)));
        vm.warp(start + 239);
        vm.prank(COUNCIL);
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.PauseTooSoon.selector, start + 240));
        systemConfig.pause();
    }

    /// @custom:power end of a pause
    /// @custom:who guardian, owner
    /// @custom:bound only shortens
    /// @custom:calls SystemConfig.unpause
    /// @custom:beyond NotGuardian, NotPaused
    function test_AnEndedPauseIsNotEndedAgain() public {
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.NotGuardian.selector, address(this)));
        systemConfig.unpause();
        vm.prank(GUARDIAN);
        systemConfig.pause();
        vm.prank(address(timelock));
        systemConfig.unpause();
        vm.prank(GUARDIAN);
        vm.expectRevert(ISystemConfig.NotPaused.selector);
        systemConfig.unpause();
    }

    /// @custom:power who is guardian
    /// @custom:who owner
    /// @custom:bound somebody; the count of pauses stays
    /// @custom:calls SystemConfig.setGuardian
    /// @custom:beyond ZeroAddress
    function test_ThereIsAlwaysAGuardian() public {
        _beyond(
            address(systemConfig),
            abi.encodeCall(systemConfig.setGuardian, (address(0))),
            abi.encodeWithSelector(ISystemConfig.ZeroAddress.selector, bytes32("guardian"))
        );
    }

    /// @custom:power who is owner
    /// @custom:who owner
    /// @custom:bound in two steps, never nobody; whoever follows announces changes for longer than a withdrawal takes
    /// @custom:calls SystemConfig.renounceOwnership, SystemConfig.acceptOwnership
    /// @custom:beyond OwnerNeeded, RelationBroken
    function test_TheOwnerIsATimelockThatIsLongEnough() public {
        bytes memory renounce = abi.encodeCall(systemConfig.renounceOwnership, ());
        _beyond(address(systemConfig), renounce, abi.encodeWithSelector(ISystemConfig.OwnerNeeded.selector));
        // challengeWindow 120 and maxBatchAge 6
        Timelock hasty = new Timelock(126, new address[](0), new address[](0));
        _govern(address(systemConfig), abi.encodeCall(systemConfig.transferOwnership, (address(hasty))));
        vm.prank(address(hasty));
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, bytes32("withdrawal<timelock")));
        systemConfig.acceptOwnership();
        vm.assertEq(systemConfig.owner(), address(timelock));
    }

    /// @custom:power how long changes and upgrades are announced before
    /// @custom:who timelock
    /// @custom:bound not below the floor of its creation (7 days and more on Ethereum), at most 90 days
    /// @custom:calls Timelock.updateDelay
    /// @custom:beyond TimelockUnauthorizedCaller, DelayOutOfBounds
    function test_TheTimelockIsNeverShorterThanItsFloor() public {
        vm.expectRevert(abi.encodeWithSelector(TimelockController.TimelockUnauthorizedCaller.selector, address(this)));
        timelock.updateDelay(DELAY);
        _govern(address(timelock), abi.encodeCall(timelock.updateDelay, (DELAY + 1)));
        vm.assertEq(timelock.getMinDelay(), DELAY + 1);
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(TimelockController.TimelockInsufficientDelay.selector, DELAY, DELAY + 1));
        timelock.schedule(address(this), 0, "", 0, SALT, DELAY);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 beyond = i == 0 ? DELAY - 1 : 90 days + 1;
            bytes memory refusal = abi.encodeWithSelector(Timelock.DelayOutOfBounds.selector, beyond, DELAY, 90 days);
            _beyond(address(timelock), abi.encodeCall(timelock.updateDelay, (beyond)), refusal);
        }
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(Timelock.DelayOutOfBounds.selector, 7 days - 1, 7 days, 90 days));
        new Timelock(7 days - 1, new address[](0), new address[](0));
        new Timelock(7 days, new address[](0), new address[](0));
    }

    /// @custom:power upgrade of logic
    /// @custom:who owner of the ProxyAdmin: the timelock
    /// @custom:bound the timelock's delay
    /// @custom:calls ProxyAdmin.upgradeAndCall
    /// @custom:beyond OwnableUnauthorizedAccount, TimelockUnexpectedOperationState
    function test_AnUpgradeIsAnnouncedForTheWholeDelay() public {
        ProxyAdmin admin = new ProxyAdmin(address(timelock));
        ITransparentUpgradeableProxy proxy = ITransparentUpgradeableProxy(address(new Proxy(address(admin))));
        address implementation = address(new Portal());
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, GOVERNOR));
        admin.upgradeAndCall(proxy, implementation, "");
        bytes memory call = abi.encodeCall(admin.upgradeAndCall, (proxy, implementation, ""));
        vm.prank(GOVERNOR);
        timelock.schedule(address(admin), 0, call, 0, SALT, DELAY);
        vm.warp(block.timestamp + DELAY - 1);
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        timelock.execute(address(admin), 0, call, 0, SALT);
        vm.warp(block.timestamp + 1);
        timelock.execute(address(admin), 0, call, 0, SALT);
        vm.assertEq(
            vm.load(address(proxy), ERC1967Utils.IMPLEMENTATION_SLOT), bytes32(uint256(uint160(implementation)))
        );
    }

    /// @custom:power when a pool that lost its quorum is handed over
    /// @custom:who owner
    /// @custom:bound hard minimum and maximum of each; before the escape, and before a stake can leave
    /// @custom:calls EmergencyHandover.setParameters
    /// @custom:beyond NotSystemOwner, OutOfBounds, RelationBroken
    function test_HandoverComesNeitherEarlyNorAfterTheEscape() public {
        HandoverParameters memory handover = _handoverParameters();
        vm.expectRevert(abi.encodeWithSelector(IEmergencyHandover.NotSystemOwner.selector, address(this)));
        rescue.setParameters(handover);
        handover.minSeats = 65;
        _beyond(
            address(rescue),
            abi.encodeCall(rescue.setParameters, (handover)),
            abi.encodeWithSelector(IEmergencyHandover.OutOfBounds.selector, bytes32("minSeats"), 65, 1, 64)
        );
        // The other side of the relation is held, too: silenceLimit is 120.
        Parameters memory parameters = _parameters();
        parameters.pinWindow = 60;
        _beyond(
            address(systemConfig),
            abi.encodeCall(systemConfig.setParameters, (parameters)),
            abi.encodeWithSelector(IEmergencyHandover.RelationBroken.selector, bytes32("silenceLimit+pin<escapeDelay"))
        );
        handover = _handoverParameters();
        // escapeDelay 180, pinWindow 30
        handover.silenceLimit = 150;
        _beyond(
            address(rescue),
            abi.encodeCall(rescue.setParameters, (handover)),
            abi.encodeWithSelector(IEmergencyHandover.RelationBroken.selector, bytes32("silenceLimit+pin<escapeDelay"))
        );
    }

    /// @custom:power admission of sequencers
    /// @custom:who owner
    /// @custom:bound only while the pool is permissioned; takes no seat and no stake from anybody
    /// @custom:calls LockingPool.setWhitelist
    /// @custom:beyond NotSystemOwner
    function test_TheAdmissionListTakesNothingFromASeat() public {
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.NotSystemOwner.selector, address(this)));
        pool.setWhitelist(address(this), true);
        address owner = _owner(1);
        _govern(address(pool), abi.encodeCall(pool.setWhitelist, (owner, false)));
        vm.prank(owner);
        vm.assertEq(pool.unlock(1, 50_000 ether), 1);
    }

    /// @custom:power switch to a permissionless pool
    /// @custom:who owner
    /// @custom:bound one way, once
    /// @custom:calls LockingPool.openAdmission
    /// @custom:beyond AlreadyPermissionless
    function test_AdmissionNeverClosesAgain() public {
        bytes memory open = abi.encodeCall(pool.openAdmission, ());
        _govern(address(pool), open);
        vm.assertTrue(pool.permissionless());
        _beyond(address(pool), open, abi.encodeWithSelector(ILockingPool.AlreadyPermissionless.selector));
        _govern(address(pool), abi.encodeCall(pool.setWhitelist, (makeAddress("alice"), false)));
        vm.assertEq(_lock("alice", MIN), 5);
    }

    /// @custom:power refund of a slash
    /// @custom:who council
    /// @custom:bound while it is in escrow, to those it was taken from, never to others
    /// @custom:calls SlashingManager.refund
    /// @custom:beyond NotCouncil
    function test_TheOwnerRefundsNothing() public {
        vm.prank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotCouncil.selector, address(timelock)));
        slashing.refund(1);
    }

    /// @custom:power who is the council
    /// @custom:who owner
    /// @custom:bound somebody
    /// @custom:calls SlashingManager.setCouncil
    /// @custom:beyond NotSystemOwner, NullAddress
    function test_ThereIsAlwaysACouncil() public {
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotSystemOwner.selector, address(this)));
        slashing.setCouncil(address(this));
        bytes memory nobody = abi.encodeCall(slashing.setCouncil, (address(0)));
        _beyond(address(slashing), nobody, abi.encodeWithSelector(ISlashingManager.NullAddress.selector));
    }

    /// @custom:power which contract judges wrong claims
    /// @custom:who owner
    /// @custom:bound once and for ever
    /// @custom:calls SlashingManager.nameDisputes
    /// @custom:beyond NotSystemOwner, DisputesNamed
    function test_TheJudgeOfClaimsIsNamedOnce() public {
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotSystemOwner.selector, address(this)));
        slashing.nameDisputes(address(this));
        bytes memory name = abi.encodeCall(slashing.nameDisputes, (TREASURY));
        _govern(address(slashing), name);
        _beyond(address(slashing), name, abi.encodeWithSelector(ISlashingManager.DisputesNamed.selector, TREASURY));
    }

    /// @custom:power where slashes go after their escrow
    /// @custom:who owner
    /// @custom:bound the delay of the timelock; burnt when there is no insurance fund
    /// @custom:calls SlashingManager.setInsuranceFund
    /// @custom:beyond NotSystemOwner
    function test_OnlyTheOwnerNamesTheInsuranceFund() public {
        vm.prank(COUNCIL);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotSystemOwner.selector, COUNCIL));
        slashing.setInsuranceFund(COUNCIL);
        _govern(address(slashing), abi.encodeCall(slashing.setInsuranceFund, (TREASURY)));
        vm.assertEq(slashing.insuranceFund(), TREASURY);
    }

    /// @custom:power escrow of stakes
    /// @custom:who nobody
    /// @custom:bound no owner, no proxy: pays what the pool's rules say
    /// @custom:calls LockingInfo.finalizeUnlock, LockingInfo.slash
    /// @custom:beyond NotLockingPool
    function test_NobodyReachesIntoTheEscrow() public {
        address[3] memory powerful = [address(timelock), GUARDIAN, COUNCIL];
        for (uint256 i = 0; i < powerful.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(ILockingInfo.NotLockingPool.selector, powerful[i]);
            vm.prank(powerful[i]);
            vm.expectRevert(refusal);
            escrow.finalizeUnlock(powerful[i], 1, 1);
            vm.prank(powerful[i]);
            vm.expectRevert(refusal);
            escrow.slash(1, 1, 1, 0);
        }
        vm.assertEq(vm.load(address(escrow), ERC1967Utils.IMPLEMENTATION_SLOT), bytes32(0));
    }
}
