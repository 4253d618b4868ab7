// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Predeploys} from "../libraries/Predeploys.sol";
import {IMetisSequencerSet} from "../interfaces/IMetisSequencerSet.sol";

/// @title L1Block
/// @notice The L1 block that L2 currently builds on (its anchor), and the METIS price of ETH.
/// @dev The kernel reads these slots directly (docs/spec/contracts.md): the layout is protocol, not an implementation
///      detail, and that is why it starts at slot 0 instead of an ERC-7201 namespace.
contract L1Block {
    /// @notice Height of the anchor.
    uint64 public number;
    /// @notice Timestamp of the anchor, seconds.
    uint64 public timestamp;
    /// @notice Base fee of the anchor, wei of ETH.
    uint256 public basefee;
    /// @notice Hash of the anchor.
    bytes32 public hash;
    /// @notice Blob base fee of the anchor, wei of ETH.
    uint256 public blobBaseFee;
    /// @notice METIS wei for 1 ETH, as clamped by the kernel.
    uint256 public rate;
    /// @notice Timestamp of the anchor whose system transaction last wrote `rate`.
    uint64 public rateTime;
    /// @notice prevRandao of the anchor.
    bytes32 public randao;
    /// @notice keccak256 of the last attendance.
    bytes32 public attendanceHash;

    /// @notice Only the system transaction may write.
    error OnlySystem();

    /// @notice Moves the anchor. A `rate` of 0 and an empty `attendance` mean unchanged.
    function setL1BlockValues(
        uint64 number_,
        uint64 timestamp_,
        uint256 baseFee_,
        uint256 blobBaseFee_,
        bytes32 hash_,
        bytes32 randao_,
        uint256 rate_,
        bytes calldata attendance
    ) external {
        if (msg.sender != Predeploys.SYSTEM_SENDER) revert OnlySystem();
        number = number_;
        timestamp = timestamp_;
        basefee = baseFee_;
        blobBaseFee = blobBaseFee_;
        hash = hash_;
        randao = randao_;
        if (rate_ != 0) {
            rate = rate_;
            rateTime = timestamp_;
        }
        if (attendance.length != 0) {
            attendanceHash = keccak256(attendance);
            IMetisSequencerSet(Predeploys.METIS_SEQUENCER_SET).recordAttendance(number_, attendance);
        }
    }
}
