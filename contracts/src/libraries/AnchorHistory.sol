// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockHeader} from "@openzeppelin/contracts/utils/BlockHeader.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBatchInbox} from "../interfaces/IBatchInbox.sol";

/// @title AnchorHistory
/// @notice Hashes of L1 blocks: the last 8,191 from the chain itself (EIP-2935), older ones from checkpoints, so that an
///         anchor never expires.
library AnchorHistory {
    /// @dev EIP-2935. Asked for recent blocks, too, where the opcode would do: one rule for all, and the opcode answers
    ///      wrongly for blocks before the restart of an anvil.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    struct Checkpoints {
        mapping(uint64 number => bytes32) hashes;
    }

    /// @notice Hash of block `number`, zero when it is not known.
    function hashAt(Checkpoints storage checkpoints, uint64 number) internal view returns (bytes32) {
        bytes32 known = _historyAt(number);
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

    /// @dev Zero for what EIP-2935 refuses: blocks to come and those it has forgotten.
    function _historyAt(uint64 number) private view returns (bytes32) {
        (bool known, bytes memory answer) = HISTORY.staticcall(abi.encode(number));
        return known && answer.length == 32 ? bytes32(answer) : bytes32(0);
    }

    /// @dev First field of a header whose hash is known to be a block's: behind the list's prefix (0xf9 and two bytes of
    ///      length, a header being longer than 255 bytes) and its own (0xa0).
    function _parentHash(bytes calldata header) private pure returns (bytes32) {
        return bytes32(header[4:36]);
    }
}
