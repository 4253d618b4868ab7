// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ChainRules} from "../types/ChainConfig.sol";

/// @notice The other contracts on L1; they never change (genesisConfigHash binds them).
struct L1Addresses {
    address batchInbox;
    address portal;
    address stateClaims;
    address metisToken;
    address l1Messenger;
    address l1StandardBridge;
    address lockingPool;
    address lockingInfo;
    address slashingManager;
    address delegation;
    address emissionReserve;
    address emergencyHandover;
    address posterVault;
}

/// @notice L1 rules that governance may change inside hard bounds. Times in seconds.
struct Parameters {
    uint32 challengeWindow;
    uint32 escapeDelay;
    uint32 pinWindow;
    uint32 pauseWindow;
    /// wei for a gas of deposits: floor and ceiling of the resource meter
    uint64 meterMinimumBaseFee;
    uint64 meterMaximumBaseFee;
    /// the meter's target is depositGasLimit / elasticity
    uint8 meterElasticity;
    /// a full L1 block raises the meter's base fee by (elasticity - 1) / denominator at most
    uint8 meterDenominator;
}

/// @notice What a seat costs, and what it costs to betray it (docs/spec/staking.md). Times in seconds.
struct StakingParameters {
    /// METIS wei of own stake: to enter, at most, and below which a seat may be ejected
    uint96 minLock;
    uint96 maxLock;
    uint96 ejectionBelow;
    /// from the first frozen set without a stake to its payment
    uint32 exitDelay;
    /// windows that an exit must outlast, beside challengeWindow
    uint32 traceWindow;
    uint32 refuteWindow;
    uint32 evidenceWindow;
    /// how long the council may refund a slash
    uint32 slashEscrow;
    /// least time without a place in a set after an offence that jails
    uint32 jail;
    /// seats in a set
    uint16 maxSeats;
    /// of a slash, in hundredths of a percent
    uint16 reporterShare;
}

/// @title ISystemConfig
/// @notice Parameters, addresses and the pause of the L1 contracts.
interface ISystemConfig {
    /// @notice `name` is not within its hard bounds.
    error OutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice Two parameters contradict each other.
    error RelationBroken(bytes32 name);
    /// @notice A required address is zero.
    error ZeroAddress(bytes32 name);
    /// @notice The chain config names another L1.
    error WrongL1Chain(uint256 expected, uint256 given);
    /// @notice A new chain config may add forks, never change the rules enforced here.
    error ChainRulesChanged();
    /// @notice Only the guardian may pause, only it or the owner end a pause.
    error NotGuardian(address caller);
    /// @notice Between two pauses lies as long a time as a pause may last.
    error PauseTooSoon(uint64 allowedAt);
    /// @notice There is no pause to end.
    error NotPaused();
    /// @notice Nobody may make the parameters unchangeable by going away.
    error OwnerNeeded();
    /// @notice The short windows of a devnet are refused on Ethereum's main network.
    error DevnetBoundsOnMainnet();

    event ParametersChanged(Parameters parameters);
    event StakingParametersChanged(StakingParameters parameters);
    event ChainConfigChanged(bytes32 indexed chainConfigHash, bytes chainConfig);
    event GuardianChanged(address indexed guardian);
    event Paused(uint64 until);
    event Unpaused();

    function parameters() external view returns (Parameters memory);
    function stakingParameters() external view returns (StakingParameters memory);
    function chainRules() external view returns (ChainRules memory);
    function addresses() external view returns (L1Addresses memory);
    /// @notice keccak256 of the RLP form (docs/spec/structs.md, "Chain config").
    function chainConfigHash() external view returns (bytes32);
    function guardian() external view returns (address);
    /// @notice Whether withdrawals are paused now; ends by itself.
    function paused() external view returns (bool);
    function pausedUntil() external view returns (uint64);
    /// @notice Whether the bounds are those of a devnet, where windows may be as short as seconds.
    function DEVNET() external view returns (bool);
}
