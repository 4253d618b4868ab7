// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockHeader} from "@openzeppelin/contracts/utils/BlockHeader.sol";
import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBatchInbox} from "../interfaces/IBatchInbox.sol";

/// @title AnchorHistory
/// @notice Hashes of L1 blocks: the last 8,191 from the chain itself (EIP-2935), older ones from checkpoints, so that an
///         anchor never expires.
library AnchorHistory {
    struct Checkpoints {
        mapping(uint64 number => bytes32) hashes;
    }

    /// @notice Hash of block `number`, zero when it is not known.
    function hashAt(Checkpoints storage checkpoints, uint64 number) internal view returns (bytes32) {
        bytes32 known = Blockhash.blockHash(number);
        return known != 0 ? known : checkpoints.hashes[number];
    }

    /// @notice Reverts unless block `number` is known to have hash `given`.
    function check(Checkpoints storage checkpoints, uint64 number, bytes32 given) internal view {
        bytes32 known = hashAt(checkpoints, number);
        if (known == 0) revert IBatchInbox.AnchorUnknown(number);
        if (known != given) revert IBatchInbox.WrongAnchorHash(number, known, given);
    }

    /// @notice Follows parent hashes from a known block down and remembers the last block of the run.
    /// @param headers RLP headers, newest first
    /// @return number and hash of the last one
    function extend(Checkpoints storage checkpoints, bytes[] calldata headers)
        internal
        returns (uint64 number, bytes32 hash)
    {
        if (headers.length == 0) revert IBatchInbox.NoHeaders();
        number = SafeCast.toUint64(BlockHeader.getNumber(headers[0]));
        hash = keccak256(headers[0]);
        check(checkpoints, number, hash);
        for (uint256 i = 1; i < headers.length; ++i) {
            bytes32 parentHash = _parentHash(headers[i - 1]);
            hash = keccak256(headers[i]);
            if (hash != parentHash) revert IBatchInbox.BrokenHeaderRun(i);
            // A real header's parent stands one below it.
            --number;
        }
        checkpoints.hashes[number] = hash;
    }

    /// @dev First field of a header whose hash is known to be a block's: behind the list's prefix (0xf9 and two bytes of
    ///      length, a header being longer than 255 bytes) and its own (0xa0).
    function _parentHash(bytes calldata header) private pure returns (bytes32) {
        return bytes32(header[4:36]);
    }
}
