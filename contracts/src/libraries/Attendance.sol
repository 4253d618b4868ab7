// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Blocks in a row that one member proposed, and who attested the last of them.
struct AttendanceRun {
    uint64 firstBlock;
    uint8 blocks;
    /// position in the epoch's set; beyond its members: nobody's
    uint8 proposer;
    /// bit i: member i of the epoch's set
    uint64 attested;
}

/// @title Attendance
/// @notice Reads an attendance (docs/spec/staking.md, "Attendance"). Whatever it is given, it never reverts: what is not
///         an attendance counts for nothing.
library Attendance {
    uint256 internal constant MAX_MEMBERS = 64;
    /// @dev Four members share a word: each has the blocks that it proposed (32 bits) and attested (32 bits).
    uint256 internal constant MEMBERS_A_WORD = 4;
    uint256 internal constant WORDS = MAX_MEMBERS / MEMBERS_A_WORD;

    /// @dev Of a member's share: four times as many as may pass in one stretch of its presence.
    uint256 private constant TERMS_WITHOUT_BLOCK = 12;
    uint256 private constant VERSION = 1;
    uint256 private constant HEAD = 9;
    uint256 private constant RUN = 18;

    /// @return epoch of the blocks that it counts
    /// @return runs how many there are; zero: it is no attendance
    function head(bytes calldata data) internal pure returns (uint64 epoch, uint256 runs) {
        if (data.length <= HEAD || (data.length - HEAD) % RUN != 0 || uint8(data[0]) != VERSION) return (0, 0);
        return (uint64(bytes8(data[1:HEAD])), (data.length - HEAD) / RUN);
    }

    /// @param index below what `head` returned
    function run(bytes calldata data, uint256 index) internal pure returns (AttendanceRun memory) {
        uint256 start = HEAD + index * RUN;
        return AttendanceRun({
            firstBlock: uint64(bytes8(data[start:start + 8])),
            blocks: uint8(data[start + 8]),
            proposer: uint8(data[start + 9]),
            attested: uint64(bytes8(data[start + 10:start + RUN]))
        });
    }

    /// @notice What member `index` did, out of the words of an epoch.
    function countOf(uint256[] calldata words, uint256 index)
        internal
        pure
        returns (uint256 proposed, uint256 attested)
    {
        if (index / MEMBERS_A_WORD >= words.length) return (0, 0);
        uint256 pair = words[index / MEMBERS_A_WORD] >> (index % MEMBERS_A_WORD * 64);
        return (uint32(pair), uint32(pair >> 32));
    }

    /// @notice Whether a member of `weight` in a set of `totalWeight` that attested `attested` blocks, and proposed none
    ///         meanwhile, has let its turns pass: a member that proposes whenever it is there and leads has had a block
    ///         long before, whatever others do (docs/spec/slashing.md, "No block of its own").
    /// @param term blocks that a leader proposes in a row
    function letsTurnsPass(uint256 attested, uint256 weight, uint256 totalWeight, uint256 term)
        internal
        pure
        returns (bool)
    {
        return attested * weight >= TERMS_WITHOUT_BLOCK * term * totalWeight;
    }

    /// @notice The word number `word` of what `added` counts.
    function wordOf(AttendanceRun memory added, uint256 word) internal pure returns (uint256 result) {
        uint256 bits = added.attested >> (word * MEMBERS_A_WORD);
        for (uint256 i = 0; i < MEMBERS_A_WORD; ++i) {
            if ((bits >> i) & 1 == 1) result |= uint256(added.blocks) << (i * 64 + 32);
        }
        if (added.proposer / MEMBERS_A_WORD == word) {
            result |= uint256(added.blocks) << (added.proposer % MEMBERS_A_WORD * 64);
        }
    }
}
