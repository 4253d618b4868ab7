// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title IMetisSequencerSet
/// @notice What L2 knows about the sequencers that make it.
interface IMetisSequencerSet {
    /// @notice Called by L1Block with the attendance that came with anchor `anchorNumber`.
    function recordAttendance(uint64 anchorNumber, bytes calldata attendance) external;
}
