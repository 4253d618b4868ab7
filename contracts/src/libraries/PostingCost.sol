// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {LibBit} from "solady/utils/LibBit.sol";
import {PosterParameters} from "../interfaces/IPosterVault.sol";
import {Certificate} from "../types/Certificate.sol";

/// @title PostingCost
/// @notice What a transaction that posts a batch costs its sender (docs/spec/fees.md, "What is paid back"): never more than
///         it does, up to capped prices.
library PostingCost {
    /// @notice Gas of a transaction (EIP-2028), and what a byte of calldata costs at least (EIP-7623).
    uint256 internal constant INTRINSIC = 21_000;
    uint256 internal constant ZERO_BYTE = 4;
    uint256 internal constant OTHER_BYTE = 16;
    uint256 internal constant FLOOR_ZERO_BYTE = 10;
    uint256 internal constant FLOOR_OTHER_BYTE = 40;
    uint256 internal constant GAS_PER_BLOB = 131_072;
    /// @notice Bytes of submitBatch's calldata that never change their number: selector, header, claim, two offsets; the
    ///         certificate's head and the lengths of its two lists; the length of `data`.
    uint256 internal constant FIXED_BYTES = 4 + 32 * (15 + 9 + 2 + 3 + 2 + 1);
    uint256 internal constant MEMBER_BYTES = 64;

    /// @notice Gas that the transaction uses at least, its calldata included.
    /// @param gasBefore what was left when its execution began
    /// @param yet what it is still going to use
    /// @param length bytes of calldata that are paid for, see `canonicalLength`
    function gasUsed(uint256 gasBefore, uint256 yet, uint256 length) internal view returns (uint256) {
        if (length > msg.data.length) length = msg.data.length;
        uint256 zeros = LibBit.countZeroBytesCalldata(msg.data[:length]);
        return gasOf(zeros, length - zeros, gasBefore - gasleft() + yet);
    }

    /// @notice Gas of a transaction whose calldata has so many `zeros` and `others`, and that executes for `execution`.
    function gasOf(uint256 zeros, uint256 others, uint256 execution) internal pure returns (uint256) {
        uint256 used = ZERO_BYTE * zeros + OTHER_BYTE * others + execution;
        uint256 floor = FLOOR_ZERO_BYTE * zeros + FLOOR_OTHER_BYTE * others;
        return INTRINSIC + (used > floor ? used : floor);
    }

    /// @notice Length of the canonical encoding of a call of submitBatch: what somebody adds to it is at their own cost.
    function canonicalLength(Certificate calldata certificate, bytes calldata data) internal pure returns (uint256) {
        return FIXED_BYTES + MEMBER_BYTES * certificate.members.length + _padded(certificate.signatures.length)
            + _padded(data.length);
    }

    /// @notice Wei of ETH for `gas` and the batch's blobs.
    /// @param inBlobs the batch is in this transaction's blobs, all of them; those beside another batch are not its own
    function price(uint256 gas, bool inBlobs, PosterParameters memory caps) internal view returns (uint256) {
        uint256 gasPrice = _least(tx.gasprice, block.basefee + caps.tipCap, caps.gasPriceCap);
        uint256 blobs;
        if (inBlobs) while (blobhash(blobs) != 0) ++blobs;
        uint256 blobPrice = block.blobbasefee < caps.blobPriceCap ? block.blobbasefee : caps.blobPriceCap;
        return gas * gasPrice + blobs * GAS_PER_BLOB * blobPrice;
    }

    function _padded(uint256 length) private pure returns (uint256) {
        return (length + 31) / 32 * 32;
    }

    function _least(uint256 a, uint256 b, uint256 c) private pure returns (uint256 least) {
        least = a < b ? a : b;
        if (c < least) least = c;
    }
}
