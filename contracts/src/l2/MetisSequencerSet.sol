// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockHeader} from "@openzeppelin/contracts/utils/BlockHeader.sol";
import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IEmissionReserve} from "../interfaces/IEmissionReserve.sol";
import {Attendance, AttendanceRun} from "../libraries/Attendance.sol";
import {Predeploys} from "../libraries/Predeploys.sol";
import {IMetisSequencerSet} from "../interfaces/IMetisSequencerSet.sol";
import {EpochRevenue} from "../types/EpochRevenue.sol";
import {FeeVault} from "./FeeVault.sol";
import {L1Block} from "./L1Block.sol";
import {L2CrossDomainMessenger} from "./L2CrossDomainMessenger.sol";

/// @title MetisSequencerSet
/// @notice Who proposed recent blocks, which attendance came with recent anchors, and what an epoch's members did and
///         what fees came in meanwhile, which a message tells and brings to L1. Proposers stand in block headers,
///         which the EVM does not see, so anyone may bring a header and have it checked against its hash.
/// @dev Invariant: this contract and the vaults hold at least the fees of all epochs that are not reported.
contract MetisSequencerSet is IMetisSequencerSet {
    /// @notice Both histories are rings of this many entries, like EIP-2935's.
    uint256 public constant HISTORY = 8191;
    /// @notice L1 gas of an epoch's report: a hash, the fees, what posters are granted, and events.
    uint32 public constant REPORT_GAS = 400_000;

    struct AttendanceEntry {
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
        mapping(uint256 index => AttendanceEntry) attendances;
        mapping(uint256 index => Proposal) proposals;
        /// on L1; this slot is laid out by the genesis
        address emissionReserve;
        uint64 genesisAnchorNumber;
        uint32 epochLength;
        /// blocks below it have been counted, or never will be
        uint64 nextBlock;
        mapping(uint64 epoch => EpochCount) epochs;
        /// METIS wei that the vaults had collected when an epoch was last counted
        uint128 feesSeen;
        uint128 l1FeesSeen;
    }

    /// @dev Words as in Attendance, amounts as in EpochRevenue.
    struct EpochCount {
        uint64 blocks;
        bool reported;
        uint128 rate;
        uint128 fees;
        uint128 l1Fees;
        mapping(uint256 index => uint256) words;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.MetisSequencerSet")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xe3e796a97f709c417e1ee64fadc49fbb4e60ef6a4cbf85479463b7a89f441100;

    event AttendanceRecorded(uint64 indexed anchorNumber, bytes attendance);
    event AttendanceReported(uint64 indexed epoch, uint64 blocks, uint256[] words);
    event RevenueReported(uint64 indexed epoch, EpochRevenue revenue);
    event ProposerRecorded(uint64 indexed number, address indexed proposer, uint32 generation);

    /// @notice Only L1Block may record attendance.
    error OnlyL1Block();
    /// @notice Only the fee vaults pay in.
    error OnlyFeeVaults();
    /// @notice The header's hash is not that of a recent block with its number.
    error UnknownHeader();
    /// @notice extraData is not the 26 bytes of version 1 (docs/spec/structs.md).
    error MalformedExtraData();
    /// @notice Blocks of the epoch may still be counted.
    error EpochOpen(uint64 epoch, uint64 current);
    error AlreadyReported(uint64 epoch);
    /// @notice The entry asked for is not, or is no longer, recorded.
    error NotRecorded();

    receive() external payable {
        address from = msg.sender;
        bool known = from == Predeploys.SEQUENCER_FEE_VAULT || from == Predeploys.BASE_FEE_VAULT
            || from == Predeploys.L1_FEE_VAULT;
        if (!known) revert OnlyFeeVaults();
    }

    /// @inheritdoc IMetisSequencerSet
    function recordAttendance(uint64 anchorNumber, bytes calldata attendance) external {
        if (msg.sender != Predeploys.L1_BLOCK) revert OnlyL1Block();
        _storage().attendances[anchorNumber % HISTORY] = AttendanceEntry(anchorNumber, keccak256(attendance));
        emit AttendanceRecorded(anchorNumber, attendance);
        _count(anchorNumber, attendance);
    }

    /// @notice Tells the EmissionReserve on L1 what the members of an epoch's set did in it, and brings it the epoch's
    ///         fees. Anyone may call, once, when the anchor is two epochs further.
    function reportEpoch(uint64 epoch) external {
        SequencerSetStorage storage $ = _storage();
        uint64 current = _epochOf(L1Block(Predeploys.L1_BLOCK).number());
        if (current < epoch + 2) revert EpochOpen(epoch, current);
        EpochCount storage count = $.epochs[epoch];
        if (count.reported) revert AlreadyReported(epoch);
        count.reported = true;
        uint256[] memory words = _wordsOf(count);
        EpochRevenue memory revenue = _revenueOf(count);
        emit AttendanceReported(epoch, count.blocks, words);
        emit RevenueReported(epoch, revenue);
        _emptyVaults();
        L2CrossDomainMessenger(Predeploys.L2_CROSS_DOMAIN_MESSENGER).sendMessage{value: revenue.fees + revenue.l1Fees}(
            $.emissionReserve,
            abi.encodeCall(IEmissionReserve.receiveAttendance, (epoch, count.blocks, words, revenue)),
            REPORT_GAS
        );
    }

    /// @notice What has been counted of an epoch: `words` as in Attendance, without empty ones at the end.
    function countsOf(uint64 epoch) external view returns (uint64 blocks, bool reported, uint256[] memory words) {
        EpochCount storage count = _storage().epochs[epoch];
        return (count.blocks, count.reported, _wordsOf(count));
    }

    /// @notice What came in while blocks of an epoch were counted; what was collected since then is the next count's.
    function revenueOf(uint64 epoch) external view returns (EpochRevenue memory) {
        return _revenueOf(_storage().epochs[epoch]);
    }

    /// @dev In a system transaction, which must not fail: what makes no sense counts for nothing. A block counts once,
    ///      since numbers only rise, and for the anchor's epoch or an earlier one that is not closed.
    function _count(uint64 anchorNumber, bytes calldata attendance) private {
        SequencerSetStorage storage $ = _storage();
        (uint64 epoch, uint256 runs) = Attendance.head(attendance);
        uint64 current = _epochOf(anchorNumber);
        if (runs == 0 || epoch > current || current >= uint256(epoch) + 2) return;
        uint256[] memory more = new uint256[](Attendance.WORDS);
        uint64 blocks;
        uint256 next = $.nextBlock;
        for (uint256 i = 0; i < runs; ++i) {
            AttendanceRun memory added = Attendance.run(attendance, i);
            uint256 end = uint256(added.firstBlock) + added.blocks;
            if (added.blocks == 0 || added.firstBlock < next || end > block.number) continue;
            next = end;
            blocks += added.blocks;
            for (uint256 word = 0; word < Attendance.WORDS; ++word) {
                more[word] += Attendance.wordOf(added, word);
            }
        }
        if (blocks == 0) return;
        $.nextBlock = uint64(next);
        EpochCount storage count = $.epochs[epoch];
        count.blocks += blocks;
        for (uint256 word = 0; word < Attendance.WORDS; ++word) {
            if (more[word] != 0) count.words[word] += more[word];
        }
        _countRevenue(count);
    }

    /// @dev All METIS is far below 2^128 wei, and a rate is below it (docs/spec/execution.md).
    function _countRevenue(EpochCount storage count) private {
        SequencerSetStorage storage $ = _storage();
        uint256 fees = _collected(Predeploys.SEQUENCER_FEE_VAULT) + _collected(Predeploys.BASE_FEE_VAULT);
        uint256 l1Fees = _collected(Predeploys.L1_FEE_VAULT);
        count.fees += uint128(Math.saturatingSub(fees, $.feesSeen));
        count.l1Fees += uint128(Math.saturatingSub(l1Fees, $.l1FeesSeen));
        count.rate = uint128(L1Block(Predeploys.L1_BLOCK).rate());
        ($.feesSeen, $.l1FeesSeen) = (uint128(fees), uint128(l1Fees));
    }

    /// @dev An epoch of which nothing was counted has batches nevertheless, and they need a rate.
    function _revenueOf(EpochCount storage count) private view returns (EpochRevenue memory) {
        uint256 rate = count.rate == 0 ? L1Block(Predeploys.L1_BLOCK).rate() : count.rate;
        return EpochRevenue({fees: count.fees, l1Fees: count.l1Fees, rate: rate});
    }

    function _emptyVaults() private {
        FeeVault(payable(Predeploys.SEQUENCER_FEE_VAULT)).withdraw();
        FeeVault(payable(Predeploys.BASE_FEE_VAULT)).withdraw();
        FeeVault(payable(Predeploys.L1_FEE_VAULT)).withdraw();
    }

    function _collected(address vault) private view returns (uint256) {
        return FeeVault(payable(vault)).collected();
    }

    function _wordsOf(EpochCount storage count) private view returns (uint256[] memory words) {
        uint256 length = Attendance.WORDS;
        while (length > 0 && count.words[length - 1] == 0) --length;
        words = new uint256[](length);
        for (uint256 i = 0; i < length; ++i) {
            words[i] = count.words[i];
        }
    }

    function _epochOf(uint64 anchorNumber) private view returns (uint64) {
        SequencerSetStorage storage $ = _storage();
        uint64 genesis = $.genesisAnchorNumber;
        if ($.epochLength == 0 || anchorNumber < genesis) return 0;
        return (anchorNumber - genesis) / $.epochLength;
    }

    /// @notice Records who proposed a block of the last 8191; `header` is its RLP.
    function recordProposer(bytes calldata header) external {
        (uint64 number, uint32 generation, address proposer) = _read(header);
        _storage().proposals[number % HISTORY] = Proposal(number, generation, proposer);
        emit ProposerRecorded(number, proposer, generation);
    }

    /// @notice keccak256 of the attendance that came with anchor `anchorNumber`.
    function attendanceHashAt(uint64 anchorNumber) external view returns (bytes32) {
        AttendanceEntry storage entry = _storage().attendances[anchorNumber % HISTORY];
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
