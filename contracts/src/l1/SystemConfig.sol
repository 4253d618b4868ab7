// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Ownable2StepUpgradeable} from "@openzeppelin/contracts-upgradeable/access/Ownable2StepUpgradeable.sol";
import {IEmergencyHandover} from "../interfaces/IEmergencyHandover.sol";
import {ISystemConfig, L1Addresses, Parameters, StakingParameters} from "../interfaces/ISystemConfig.sol";
import {ParameterBounds} from "../libraries/ParameterBounds.sol";
import {Timelock} from "../proxy/Timelock.sol";
import {ChainConfig, ChainRules} from "../types/ChainConfig.sol";

/// @title SystemConfig
/// @notice The one place for what the L1 contracts are told: parameters within hard bounds, the rules of the chain
///         config, each other's addresses, and the guardian's pause.
contract SystemConfig is ISystemConfig, Ownable2StepUpgradeable {
    /// @custom:storage-location erc7201:metis.storage.SystemConfig
    struct SystemConfigStorage {
        Parameters parameters;
        ChainRules rules;
        L1Addresses addresses;
        bytes32 chainConfigHash;
        address guardian;
        uint64 pausedUntil;
        StakingParameters staking;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.SystemConfig")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0xa6b4f4d533c12890d2d7302d7b31348a6a7d71953d2e240e5a8087856babe300;

    uint256 private constant ETHEREUM = 1;

    /// @inheritdoc ISystemConfig
    bool public immutable DEVNET;

    /// @param devnet short windows allowed; refused on Ethereum itself
    constructor(bool devnet) {
        if (devnet && block.chainid == ETHEREUM) revert DevnetBoundsOnMainnet();
        DEVNET = devnet;
        _disableInitializers();
    }

    /// @param owner_ governance, behind the timelock
    /// @param chainConfig RLP list of docs/spec/structs.md; its rules hold for ever
    function initialize(
        address owner_,
        address guardian_,
        L1Addresses calldata addresses_,
        Parameters calldata parameters_,
        StakingParameters calldata staking,
        bytes calldata chainConfig
    ) external initializer {
        __Ownable_init(owner_);
        _checkAddresses(addresses_);
        ChainRules memory rules = ChainConfig.decode(chainConfig);
        if (rules.l1ChainId != block.chainid) revert WrongL1Chain(block.chainid, rules.l1ChainId);
        ParameterBounds.checkRules(rules);
        _storage().rules = rules;
        _storage().addresses = addresses_;
        _storeChainConfig(chainConfig);
        _setParameters(parameters_, staking);
        _setGuardian(guardian_);
    }

    /// @notice Changes parameters; all bounds and relations are checked anew.
    function setParameters(Parameters calldata parameters_) external onlyOwner {
        _setParameters(parameters_, _storage().staking);
        _checkOthers();
    }

    /// @notice Changes what seats cost; all bounds and relations are checked anew.
    function setStakingParameters(StakingParameters calldata staking) external onlyOwner {
        _setParameters(_storage().parameters, staking);
        _checkOthers();
    }

    /// @notice Adds forks to the chain config. The rules that L1 enforces cannot change.
    function setChainConfig(bytes calldata chainConfig) external onlyOwner {
        ChainRules memory rules = ChainConfig.decode(chainConfig);
        if (keccak256(abi.encode(rules)) != keccak256(abi.encode(_storage().rules))) revert ChainRulesChanged();
        _storeChainConfig(chainConfig);
    }

    /// @dev Ownership passes on in two steps, and never to nobody.
    function renounceOwnership() public view override onlyOwner {
        revert OwnerNeeded();
    }

    /// @notice The second step of passing the ownership on; the new owner announces what it does for as long.
    function acceptOwnership() public override {
        super.acceptOwnership();
        ParameterBounds.checkNotice(_storage().parameters, _storage().rules, _notice());
    }

    function setGuardian(address guardian_) external onlyOwner {
        _setGuardian(guardian_);
    }

    /// @notice Stops withdrawals for pauseWindow. Cannot be repeated before as long a time without a pause.
    function pause() external {
        SystemConfigStorage storage $ = _storage();
        if (msg.sender != $.guardian) revert NotGuardian(msg.sender);
        uint64 window = $.parameters.pauseWindow;
        uint64 ended = $.pausedUntil;
        if (ended != 0 && block.timestamp < ended + window) revert PauseTooSoon(ended + window);
        $.pausedUntil = uint64(block.timestamp) + window;
        emit Paused($.pausedUntil);
    }

    /// @notice Ends a pause early.
    function unpause() external {
        SystemConfigStorage storage $ = _storage();
        if (msg.sender != $.guardian && msg.sender != owner()) revert NotGuardian(msg.sender);
        if (block.timestamp >= $.pausedUntil) revert NotPaused();
        $.pausedUntil = uint64(block.timestamp);
        emit Unpaused();
    }

    /// @inheritdoc ISystemConfig
    function parameters() external view returns (Parameters memory) {
        return _storage().parameters;
    }

    /// @inheritdoc ISystemConfig
    function stakingParameters() external view returns (StakingParameters memory) {
        return _storage().staking;
    }

    /// @inheritdoc ISystemConfig
    function chainRules() external view returns (ChainRules memory) {
        return _storage().rules;
    }

    /// @inheritdoc ISystemConfig
    function addresses() external view returns (L1Addresses memory) {
        return _storage().addresses;
    }

    /// @inheritdoc ISystemConfig
    function chainConfigHash() external view returns (bytes32) {
        return _storage().chainConfigHash;
    }

    /// @inheritdoc ISystemConfig
    function guardian() external view returns (address) {
        return _storage().guardian;
    }

    /// @inheritdoc ISystemConfig
    function paused() external view returns (bool) {
        return block.timestamp < _storage().pausedUntil;
    }

    /// @inheritdoc ISystemConfig
    function pausedUntil() external view returns (uint64) {
        return _storage().pausedUntil;
    }

    /// @dev Both together, because they are related.
    function _setParameters(Parameters memory parameters_, StakingParameters memory staking) private {
        ParameterBounds.check(parameters_, _storage().rules, DEVNET);
        ParameterBounds.checkStaking(staking, parameters_, DEVNET);
        ParameterBounds.checkNotice(parameters_, _storage().rules, _notice());
        _storage().parameters = parameters_;
        _storage().staking = staking;
        emit ParametersChanged(parameters_);
        emit StakingParametersChanged(staking);
    }

    /// @dev Contracts with parameters of their own that are related to those here.
    function _checkOthers() private view {
        IEmergencyHandover(_storage().addresses.emergencyHandover).checkRelations();
    }

    /// @dev Seconds that a change by the owner is announced before. Only a devnet's owner may be an account without a timelock.
    function _notice() private view returns (uint256) {
        address owner_ = owner();
        if (DEVNET && owner_.code.length == 0) return type(uint256).max;
        return Timelock(payable(owner_)).FLOOR();
    }

    function _setGuardian(address guardian_) private {
        _notZero(guardian_, "guardian");
        _storage().guardian = guardian_;
        emit GuardianChanged(guardian_);
    }

    function _storeChainConfig(bytes calldata chainConfig) private {
        bytes32 hash = keccak256(chainConfig);
        _storage().chainConfigHash = hash;
        emit ChainConfigChanged(hash, chainConfig);
    }

    function _checkAddresses(L1Addresses calldata given) private pure {
        _notZero(given.batchInbox, "batchInbox");
        _notZero(given.portal, "portal");
        _notZero(given.stateClaims, "stateClaims");
        _notZero(given.metisToken, "metisToken");
        _notZero(given.l1Messenger, "l1Messenger");
        _notZero(given.l1StandardBridge, "l1StandardBridge");
        _notZero(given.lockingPool, "lockingPool");
        _notZero(given.lockingInfo, "lockingInfo");
        _notZero(given.slashingManager, "slashingManager");
        _notZero(given.delegation, "delegation");
        _notZero(given.emissionReserve, "emissionReserve");
        _notZero(given.emergencyHandover, "emergencyHandover");
        _notZero(given.posterVault, "posterVault");
    }

    function _notZero(address given, bytes32 name) private pure {
        if (given == address(0)) revert ZeroAddress(name);
    }

    function _storage() private pure returns (SystemConfigStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
