// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {OwnableUpgradeable} from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {ISystemConfig, L1Addresses, Parameters, StakingParameters} from "../../src/interfaces/ISystemConfig.sol";
import {SystemConfig} from "../../src/l1/SystemConfig.sol";
import {Proxy} from "../../src/proxy/Proxy.sol";
import {ChainConfig, ChainRules} from "../../src/types/ChainConfig.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice Bounds, relations, the guardian's pause, and what never changes.
contract SystemConfigTest is L1Fixture {
    using RLP for *;

    function test_HoldsWhatItWasGiven() public view {
        vm.assertEq(abi.encode(systemConfig.parameters()), abi.encode(_parameters()));
        vm.assertEq(abi.encode(systemConfig.chainRules()), abi.encode(_rules()));
        vm.assertEq(abi.encode(systemConfig.addresses()), abi.encode(_addresses()));
        vm.assertEq(systemConfig.chainConfigHash(), keccak256(_chainConfig(_rules())));
        vm.assertEq(systemConfig.guardian(), GUARDIAN);
        vm.assertEq(systemConfig.owner(), OWNER);
        vm.assertFalse(systemConfig.paused());
    }

    function test_InitializesOnceAndNeverTheImplementation() public {
        bytes memory config = _chainConfig(_rules());
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        systemConfig.initialize(OWNER, GUARDIAN, _addresses(), _parameters(), _staking(), config);
        SystemConfig implementation = new SystemConfig(true);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(OWNER, GUARDIAN, _addresses(), _parameters(), _staking(), config);
    }

    function test_OnlyTheOwnerChangesAnything() public {
        bytes memory refusal =
            abi.encodeWithSelector(OwnableUpgradeable.OwnableUnauthorizedAccount.selector, address(this));
        vm.expectRevert(refusal);
        systemConfig.setParameters(_parameters());
        vm.expectRevert(refusal);
        systemConfig.setGuardian(address(1));
        bytes memory config = _chainConfig(_rules());
        vm.expectRevert(refusal);
        systemConfig.setChainConfig(config);
    }

    function test_EveryParameterHasHardBounds() public {
        _refuseParameter("challengeWindow", 4, 5, 30 days);
        _refuseParameter("challengeWindow", 30 days + 1, 5, 30 days);
        _refuseParameter("escapeDelay", 9, 10, 7 days);
        _refuseParameter("escapeDelay", 7 days + 1, 10, 7 days);
        _refuseParameter("pinWindow", 1, 2, 1 days);
        _refuseParameter("pinWindow", 1 days + 1, 2, 1 days);
        _refuseParameter("pauseWindow", 4, 5, 7 days);
        _refuseParameter("pauseWindow", 7 days + 1, 5, 7 days);
        _refuseParameter("meterMinimumBaseFee", 0, 1, 100 gwei);
        _refuseParameter("meterMinimumBaseFee", 100 gwei + 1, 1, 100 gwei);
        _refuseParameter("meterMaximumBaseFee", 1 gwei - 1, 1 gwei, 1e18);
        _refuseParameter("meterMaximumBaseFee", 1e18 + 1, 1 gwei, 1e18);
        _refuseParameter("meterElasticity", 1, 2, 100);
        _refuseParameter("meterElasticity", 101, 2, 100);
        _refuseParameter("meterDenominator", 1, 2, 200);
        _refuseParameter("meterDenominator", 201, 2, 200);
    }

    function test_RelationsAreCheckedOnEveryChange() public {
        Parameters memory parameters = _parameters();
        parameters.pinWindow = parameters.escapeDelay;
        _refuse(
            parameters, abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, bytes32("pinWindow<escapeDelay"))
        );

        parameters = _parameters();
        parameters.escapeDelay = 16;
        parameters.pinWindow = 2;
        _refuse(
            parameters,
            abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, bytes32("heartbeat+maxBatchAge<escape"))
        );

        parameters = _parameters();
        parameters.meterMinimumBaseFee = 2 gwei;
        parameters.meterMaximumBaseFee = 2 gwei;
        _refuse(
            parameters, abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, bytes32("meter floor<ceiling"))
        );
    }

    function test_EveryStakingParameterHasHardBounds() public {
        _refuseStaking("minLock", 1000 ether - 1, 1000 ether, 50_000 ether);
        _refuseStaking("minLock", 50_000 ether + 1, 1000 ether, 50_000 ether);
        _refuseStaking("maxLock", 20_000 ether - 1, 20_000 ether, 1_000_000 ether);
        _refuseStaking("maxLock", 1_000_000 ether + 1, 20_000 ether, 1_000_000 ether);
        _refuseStaking("ejectionBelow", 500 ether - 1, 500 ether, 50_000 ether);
        _refuseStaking("ejectionBelow", 50_000 ether + 1, 500 ether, 50_000 ether);
        _refuseStaking("exitDelay", 9, 10, 60 days);
        _refuseStaking("exitDelay", 60 days + 1, 10, 60 days);
        _refuseStaking("traceWindow", 0, 1, 7 days);
        _refuseStaking("traceWindow", 7 days + 1, 1, 7 days);
        _refuseStaking("refuteWindow", 0, 1, 14 days);
        _refuseStaking("refuteWindow", 14 days + 1, 1, 14 days);
        _refuseStaking("evidenceWindow", 0, 1, 30 days);
        _refuseStaking("evidenceWindow", 30 days + 1, 1, 30 days);
        _refuseStaking("slashEscrow", 4, 5, 60 days);
        _refuseStaking("slashEscrow", 60 days + 1, 5, 60 days);
        _refuseStaking("jail", 0, 1, 30 days);
        _refuseStaking("jail", 30 days + 1, 1, 30 days);
        _refuseStaking("maxSeats", 0, 1, 64);
        _refuseStaking("maxSeats", 65, 1, 64);
        _refuseStaking("reporterShare", 99, 100, 5000);
        _refuseStaking("reporterShare", 5001, 100, 5000);
    }

    function test_NoStakeLeavesBeforeEveryWayToPunishItIsOver() public {
        bytes memory refusal =
            abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, bytes32("exitDelay>windows"));
        StakingParameters memory staking = _staking();
        // challenge 120 + trace 30 + refute 180 + evidence 60
        staking.exitDelay = 390;
        _refuseStaking(staking, refusal);
        staking.exitDelay = 391;
        vm.prank(OWNER);
        systemConfig.setStakingParameters(staking);
        vm.assertEq(abi.encode(systemConfig.stakingParameters()), abi.encode(staking));
        // The other side of the relation is held, too.
        Parameters memory parameters = _parameters();
        parameters.challengeWindow = 121;
        _refuse(parameters, refusal);
    }

    function test_StakesAreOrdered() public {
        StakingParameters memory staking = _staking();
        staking.maxLock = staking.minLock;
        _refuseStaking(
            staking, abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, bytes32("minLock<maxLock"))
        );
        staking = _staking();
        staking.ejectionBelow = staking.minLock;
        _refuseStaking(
            staking, abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, bytes32("ejectionBelow<minLock"))
        );
    }

    function test_OnlyTheOwnerChangesWhatSeatsCost() public {
        vm.expectRevert(abi.encodeWithSelector(OwnableUpgradeable.OwnableUnauthorizedAccount.selector, address(this)));
        systemConfig.setStakingParameters(_staking());
    }

    function test_ProductionWindowsAreLong() public {
        SystemConfig production = SystemConfig(address(new Proxy(ADMIN)));
        SystemConfig implementation = new SystemConfig(false);
        bytes memory initialisation = abi.encodeCall(
            SystemConfig.initialize, (OWNER, GUARDIAN, _addresses(), _parameters(), _staking(), _chainConfig(_rules()))
        );
        vm.expectRevert(
            abi.encodeWithSelector(ISystemConfig.OutOfBounds.selector, bytes32("challengeWindow"), 120, 7 days, 30 days)
        );
        this.install(address(production), address(implementation), initialisation);
    }

    function test_RefusesDevnetBoundsOnEthereum() public {
        vm.chainId(1);
        vm.expectRevert(ISystemConfig.DevnetBoundsOnMainnet.selector);
        new SystemConfig(true);
        new SystemConfig(false);
    }

    function test_RefusesZeroAddresses() public {
        for (uint256 i = 0; i < 9; ++i) {
            L1Addresses memory addresses = _addresses();
            if (i == 0) addresses.batchInbox = address(0);
            if (i == 1) addresses.portal = address(0);
            if (i == 2) addresses.stateClaims = address(0);
            if (i == 3) addresses.metisToken = address(0);
            if (i == 4) addresses.l1Messenger = address(0);
            if (i == 5) addresses.l1StandardBridge = address(0);
            if (i == 6) addresses.lockingPool = address(0);
            if (i == 7) addresses.lockingInfo = address(0);
            if (i == 8) addresses.slashingManager = address(0);
            bytes32[9] memory names = [
                bytes32("batchInbox"),
                "portal",
                "stateClaims",
                "metisToken",
                "l1Messenger",
                "l1StandardBridge",
                "lockingPool",
                "lockingInfo",
                "slashingManager"
            ];
            _refuseInstallation(
                addresses, _rules(), abi.encodeWithSelector(ISystemConfig.ZeroAddress.selector, names[i])
            );
        }
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.ZeroAddress.selector, bytes32("guardian")));
        systemConfig.setGuardian(address(0));
    }

    function test_RefusesChainConfigOfAnotherL1() public {
        ChainRules memory rules = _rules();
        rules.l1ChainId = 1;
        _refuseInstallation(_addresses(), rules, abi.encodeWithSelector(ISystemConfig.WrongL1Chain.selector, 31_337, 1));
    }

    function test_RefusesRulesOutOfBounds() public {
        ChainRules memory rules = _rules();
        rules.maxAnchorStep = rules.epochLength;
        _refuseRules(rules, "maxAnchorStep<epochLength");
        rules = _rules();
        rules.maxBatchAnchors = rules.maxAnchorStep - 1;
        _refuseRules(rules, "maxAnchorStep<=maxBatchAnchors");
        rules = _rules();
        rules.l1Depth = 0;
        _refuseRules(rules, "l1Depth", 0, 256);
        rules = _rules();
        rules.term = 1001;
        _refuseRules(rules, "term", 1001, 1000);
    }

    function test_NewForksChangeTheHashAndNothingElse() public {
        bytes memory config = _chainConfig(_rules());
        bytes memory forked = _withFork(config);
        vm.prank(OWNER);
        vm.expectEmit(address(systemConfig));
        emit ISystemConfig.ChainConfigChanged(keccak256(forked), forked);
        systemConfig.setChainConfig(forked);
        vm.assertEq(systemConfig.chainConfigHash(), keccak256(forked));
        vm.assertEq(abi.encode(systemConfig.chainRules()), abi.encode(_rules()));
    }

    function test_RefusesChainConfigWithOtherRules() public {
        ChainRules memory rules = _rules();
        rules.epochLength += 1;
        bytes memory config = _chainConfig(rules);
        vm.prank(OWNER);
        vm.expectRevert(ISystemConfig.ChainRulesChanged.selector);
        systemConfig.setChainConfig(config);
    }

    function test_RefusesChainConfigThatIsNone() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ChainConfig.WrongItemCount.selector, 0));
        systemConfig.setChainConfig(hex"c0");
        bytes memory config = _chainConfig(_rules());
        config[2] = 0x02;
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ChainConfig.WrongVersion.selector, 2));
        systemConfig.setChainConfig(config);
    }

    function test_PauseEndsByItself() public {
        vm.prank(GUARDIAN);
        systemConfig.pause();
        vm.assertTrue(systemConfig.paused());
        vm.assertEq(systemConfig.pausedUntil(), block.timestamp + 120);
        vm.warp(block.timestamp + 119);
        vm.assertTrue(systemConfig.paused());
        vm.warp(block.timestamp + 1);
        vm.assertFalse(systemConfig.paused());
    }

    function test_PauseIsNotRepeatableBeforeAsLongATimeWithout() public {
        vm.prank(GUARDIAN);
        systemConfig.pause();
        uint256 allowedAt = block.timestamp + 240;
        vm.warp(allowedAt - 1);
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.PauseTooSoon.selector, allowedAt));
        systemConfig.pause();
        vm.warp(allowedAt);
        vm.prank(GUARDIAN);
        systemConfig.pause();
    }

    function test_GuardianAndOwnerMayEndAPause() public {
        vm.prank(GUARDIAN);
        systemConfig.pause();
        vm.prank(OWNER);
        systemConfig.unpause();
        vm.assertFalse(systemConfig.paused());
        vm.prank(GUARDIAN);
        vm.expectRevert(ISystemConfig.NotPaused.selector);
        systemConfig.unpause();
    }

    function test_StrangersNeitherPauseNorUnpause() public {
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.NotGuardian.selector, address(this)));
        systemConfig.pause();
        vm.prank(GUARDIAN);
        systemConfig.pause();
        vm.expectRevert(abi.encodeWithSelector(ISystemConfig.NotGuardian.selector, address(this)));
        systemConfig.unpause();
    }

    /// @dev A call of its own, so that expectRevert sees the whole installation.
    function install(address proxy, address implementation, bytes calldata initialisation) external {
        _install(proxy, implementation, initialisation);
    }

    function _refuseInstallation(L1Addresses memory addresses, ChainRules memory rules, bytes memory refusal) private {
        address proxy = address(new Proxy(ADMIN));
        address implementation = address(new SystemConfig(true));
        bytes memory initialisation = abi.encodeCall(
            SystemConfig.initialize, (OWNER, GUARDIAN, addresses, _parameters(), _staking(), _chainConfig(rules))
        );
        vm.expectRevert(refusal);
        this.install(proxy, implementation, initialisation);
    }

    /// @dev The least of each is 1.
    function _refuseRules(ChainRules memory rules, bytes32 name, uint256 value, uint256 maximum) private {
        bytes memory refusal = abi.encodeWithSelector(ISystemConfig.OutOfBounds.selector, name, value, 1, maximum);
        _refuseInstallation(_addresses(), rules, refusal);
    }

    function _refuseRules(ChainRules memory rules, bytes32 relation) private {
        _refuseInstallation(
            _addresses(), rules, abi.encodeWithSelector(ISystemConfig.RelationBroken.selector, relation)
        );
    }

    function _refuseParameter(bytes32 name, uint64 value, uint256 minimum, uint256 maximum) private {
        Parameters memory parameters = _parameters();
        if (name == "challengeWindow") parameters.challengeWindow = uint32(value);
        else if (name == "escapeDelay") parameters.escapeDelay = uint32(value);
        else if (name == "pinWindow") parameters.pinWindow = uint32(value);
        else if (name == "pauseWindow") parameters.pauseWindow = uint32(value);
        else if (name == "meterMinimumBaseFee") parameters.meterMinimumBaseFee = value;
        else if (name == "meterMaximumBaseFee") parameters.meterMaximumBaseFee = value;
        else if (name == "meterElasticity") parameters.meterElasticity = uint8(value);
        else parameters.meterDenominator = uint8(value);
        _refuse(parameters, abi.encodeWithSelector(ISystemConfig.OutOfBounds.selector, name, value, minimum, maximum));
    }

    function _refuse(Parameters memory parameters, bytes memory refusal) private {
        vm.prank(OWNER);
        vm.expectRevert(refusal);
        systemConfig.setParameters(parameters);
    }

    function _refuseStaking(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private {
        StakingParameters memory staking = _staking();
        if (name == "minLock") staking.minLock = uint96(value);
        else if (name == "maxLock") staking.maxLock = uint96(value);
        else if (name == "ejectionBelow") staking.ejectionBelow = uint96(value);
        else if (name == "exitDelay") staking.exitDelay = uint32(value);
        else if (name == "traceWindow") staking.traceWindow = uint32(value);
        else if (name == "refuteWindow") staking.refuteWindow = uint32(value);
        else if (name == "evidenceWindow") staking.evidenceWindow = uint32(value);
        else if (name == "slashEscrow") staking.slashEscrow = uint32(value);
        else if (name == "jail") staking.jail = uint32(value);
        else if (name == "maxSeats") staking.maxSeats = uint16(value);
        else staking.reporterShare = uint16(value);
        _refuseStaking(
            staking, abi.encodeWithSelector(ISystemConfig.OutOfBounds.selector, name, value, minimum, maximum)
        );
    }

    function _refuseStaking(StakingParameters memory staking, bytes memory refusal) private {
        vm.prank(OWNER);
        vm.expectRevert(refusal);
        systemConfig.setStakingParameters(staking);
    }

    /// @dev The empty fork list at the end (0xc0) becomes [["osaka", 0]]; the list's length grows with it.
    function _withFork(bytes memory config) private pure returns (bytes memory) {
        RLP.Encoder memory forks = RLP.encoder().push(RLP.encoder().push(bytes("osaka")).push(uint256(0)));
        bytes memory items = new bytes(config.length - 3);
        for (uint256 i = 0; i < items.length; ++i) {
            items[i] = config[i + 2];
        }
        items = bytes.concat(items, forks.encode());
        return bytes.concat(hex"f8", bytes1(uint8(items.length)), items);
    }
}
