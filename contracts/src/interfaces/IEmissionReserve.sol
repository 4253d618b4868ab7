// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SetMember} from "../types/Certificate.sol";

/// @notice What staking earns, inside hard bounds.
struct RewardParameters {
    /// METIS wei: most that an epoch pays
    uint96 epochCap;
    /// a year, on what the epoch's set weighs, in hundredths of a percent
    uint16 rate;
    /// of an epoch's reward, for proposing blocks, in hundredths of a percent; the rest is for attesting them
    uint16 proposerShare;
}

/// @title IEmissionReserve
/// @notice METIS that seats and their delegators earn, epoch by epoch (docs/spec/staking.md, "Rewards").
interface IEmissionReserve {
    error NotSystemOwner(address caller);
    error OutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice Attendance comes from MetisSequencerSet on L2, by a message that a settled claim proves.
    error NotSequencerSet(address caller);
    error AttendanceKnown(uint64 epoch);
    /// @notice No such attendance has arrived, or another one.
    error WrongAttendance(uint64 epoch);
    error WrongSet(bytes32 expected, bytes32 given);
    error AlreadyDistributed(uint64 epoch);

    event ParametersChanged(RewardParameters parameters);
    event AttendanceReceived(uint64 indexed epoch, uint64 blocks, uint256[] words);
    /// @param reward METIS wei that the epoch was worth; what of it nobody earned stays in the reserve
    event EpochDistributed(uint64 indexed epoch, uint256 reward, uint256 paid);

    /// @notice What the members of an epoch's set did. By L1CrossDomainMessenger, for MetisSequencerSet.
    function receiveAttendance(uint64 epoch, uint64 blocks, uint256[] calldata words) external;

    /// @notice Pays an epoch's rewards into Delegation. Anyone may call, once for each epoch.
    /// @param members the epoch's set
    /// @param blocks and `words` as they arrived
    function distribute(uint64 epoch, SetMember[] calldata members, uint64 blocks, uint256[] calldata words) external;

    /// @notice SystemConfig's owner.
    function setParameters(RewardParameters calldata parameters) external;

    function parameters() external view returns (RewardParameters memory);
    /// @notice METIS wei that an epoch whose set weighs `totalWeight` is worth now.
    function rewardOf(uint256 totalWeight) external view returns (uint256);
    /// @notice keccak256(abi.encode(blocks, words)); zero: it has not arrived.
    function attendanceHashOf(uint64 epoch) external view returns (bytes32);
    function distributed(uint64 epoch) external view returns (bool);
}
