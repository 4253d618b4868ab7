// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockHeader} from "@openzeppelin/contracts/utils/BlockHeader.sol";
import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {Predeploys} from "../libraries/Predeploys.sol";
import {IMetisSequencerSet} from "../interfaces/IMetisSequencerSet.sol";

/// @title MetisSequencerSet
/// @notice Who proposed recent blocks, and which attendance came with recent anchors. Proposers stand in block headers,
///         which the EVM does not see, so anyone may bring a header and have it checked against its hash.
contract MetisSequencerSet is IMetisSequencerSet {
    /// @notice Both histories are rings of this many entries, like EIP-2935's.
    uint256 public constant HISTORY = 8191;

    struct Attendance {
        uint64 anchorNumber;
        bytes32 attendanceHash;
    }

    struct Proposal {
        uint64 number;
        uint32 generation;
        address proposer;
    }

    /// @custom:storage-location erc7201:metis.storage.MetisSequencerSet
    struct SequencerSetStorage {
        mapping(uint256 index => Attendance) attendances;
        mapping(uint256 index => Proposal) proposals;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.MetisSequencerSet")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xe3e796a97f709c417e1ee64fadc49fbb4e60ef6a4cbf85479463b7a89f441100;

    event AttendanceRecorded(uint64 indexed anchorNumber, bytes attendance);
    event ProposerRecorded(uint64 indexed number, address indexed proposer, uint32 generation);

    /// @notice Only L1Block may record attendance.
    error OnlyL1Block();
    /// @notice The header's hash is not that of a recent block with its number.
    error UnknownHeader();
    /// @notice extraData is not the 26 bytes of version 1 (docs/spec/structs.md).
    error MalformedExtraData();
    /// @notice The entry asked for is not, or is no longer, recorded.
    error NotRecorded();

    /// @inheritdoc IMetisSequencerSet
    function recordAttendance(uint64 anchorNumber, bytes calldata attendance) external {
        if (msg.sender != Predeploys.L1_BLOCK) revert OnlyL1Block();
        _storage().attendances[anchorNumber % HISTORY] = Attendance(anchorNumber, keccak256(attendance));
        emit AttendanceRecorded(anchorNumber, attendance);
    }

    /// @notice Records who proposed a block of the last 8191; `header` is its RLP.
    function recordProposer(bytes calldata header) external {
        (uint64 number, uint32 generation, address proposer) = _read(header);
        _storage().proposals[number % HISTORY] = Proposal(number, generation, proposer);
        emit ProposerRecorded(number, proposer, generation);
    }

    /// @notice keccak256 of the attendance that came with anchor `anchorNumber`.
    function attendanceHashAt(uint64 anchorNumber) external view returns (bytes32) {
        Attendance storage entry = _storage().attendances[anchorNumber % HISTORY];
        if (entry.anchorNumber != anchorNumber || entry.attendanceHash == 0) revert NotRecorded();
        return entry.attendanceHash;
    }

    /// @notice Proposer of a recorded block; the zero address for a fallback block.
    function proposerOf(uint64 number) external view returns (address proposer, uint32 generation) {
        Proposal storage entry = _storage().proposals[number % HISTORY];
        if (entry.number != number || number == 0) revert NotRecorded();
        return (entry.proposer, entry.generation);
    }

    function _read(bytes memory header) private view returns (uint64 number, uint32 generation, address proposer) {
        uint256 height = BlockHeader.getNumber(header);
        bytes32 known = Blockhash.blockHash(height);
        if (known == 0 || known != keccak256(header)) revert UnknownHeader();
        bytes memory extraData = BlockHeader.getExtraData(header);
        // version (1) ‖ flags (1) ‖ generation (4) ‖ proposer (20)
        if (extraData.length != 26 || extraData[0] != 0x01) revert MalformedExtraData();
        uint256 word;
        assembly ("memory-safe") {
            word := mload(add(extraData, 32))
        }
        return (uint64(height), uint32(word >> 208), address(uint160(word >> 48)));
    }

    function _storage() private pure returns (SequencerSetStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
