// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SetMember} from "../types/Certificate.sol";
import {EpochRevenue} from "../types/EpochRevenue.sol";

/// @notice What staking earns, inside hard bounds.
struct RewardParameters {
    /// METIS wei: most that an epoch pays
    uint96 epochCap;
    /// a year, on what the epoch's set weighs, in hundredths of a percent
    uint16 rate;
    /// of an epoch's reward, for proposing blocks, in hundredths of a percent; the rest is for attesting them
    uint16 proposerShare;
    /// the same of an epoch's fees
    uint16 feeProposerShare;
}

/// @title IEmissionReserve
/// @notice METIS that seats and their delegators earn, epoch by epoch: rewards (docs/spec/staking.md, "Rewards") and L2's
///         fees (docs/spec/fees.md).
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
    event RevenueReceived(uint64 indexed epoch, EpochRevenue revenue);
    /// @param reward METIS wei that the epoch was worth, and `fees` that came in; what of both nobody earned stays in
    ///        the reserve
    event EpochDistributed(uint64 indexed epoch, uint256 reward, uint256 fees, uint256 paid);
    /// @param reward METIS wei that the seat earned as reward, and `fees` beside it
    event SeatPaid(uint64 indexed epoch, uint256 indexed seqId, uint256 reward, uint256 fees);

    /// @notice What the members of an epoch's set did, and L2's revenue, whose METIS comes before the call. By
    ///         L1CrossDomainMessenger, for MetisSequencerSet. L1 data fees go on to PosterVault.
    function receiveAttendance(uint64 epoch, uint64 blocks, uint256[] calldata words, EpochRevenue calldata revenue)
        external;

    /// @notice Pays an epoch's rewards and fees into Delegation. Anyone may call, once for each epoch.
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
    /// @notice METIS wei of fees that an epoch's set shares; none once it is distributed.
    function feesOf(uint64 epoch) external view returns (uint256);
    /// @notice METIS wei of the fees of all epochs that are not distributed. Rewards never take them.
    function feesHeld() external view returns (uint256);
    function distributed(uint64 epoch) external view returns (bool);
}
