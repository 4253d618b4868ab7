// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBatchInbox} from "../interfaces/IBatchInbox.sol";
import {DataHeader, DataMode} from "../types/DataHeader.sol";

/// @title PayloadRules
/// @notice What each data mode demands of a batch's payload fields and of the transaction that carries it
///         (docs/spec/structs.md, "DataHeader").
library PayloadRules {
    /// @notice More does not fit into a transaction that L1 nodes pass on.
    uint256 internal constant MAX_CALLDATA_PAYLOAD = 120_000;
    /// @notice 31 bytes in each of a blob's 4,096 field elements.
    uint256 internal constant BLOB_PAYLOAD = 4096 * 31;
    /// @notice Blobs of one transaction (EIP-7594).
    uint256 internal constant MAX_BLOBS = 6;

    /// @notice Reverts unless the payload of `header` is with this transaction.
    /// @return versionedHashes of its blobs in mode 1, else none
    function check(DataHeader calldata header, bytes calldata data)
        internal
        view
        returns (bytes32[] memory versionedHashes)
    {
        if (header.dataMode == DataMode.CALLDATA) {
            _checkCalldata(header, data);
        } else if (header.dataMode == DataMode.BLOBS) {
            versionedHashes = _checkBlobs(header, data);
        } else {
            revert IBatchInbox.UnsupportedDataMode(header.dataMode);
        }
    }

    function _checkCalldata(DataHeader calldata header, bytes calldata data) private pure {
        _checkSize(header.payloadSize, MAX_CALLDATA_PAYLOAD);
        if (data.length != header.payloadSize) revert IBatchInbox.WrongPayloadSize(header.payloadSize, data.length);
        bytes32 hash = keccak256(data);
        if (hash != header.payloadHash) revert IBatchInbox.WrongPayloadHash(header.payloadHash, hash);
        if (header.dataCommitment != 0) revert IBatchInbox.WrongDataCommitment(0, header.dataCommitment);
    }

    function _checkBlobs(DataHeader calldata header, bytes calldata data)
        private
        view
        returns (bytes32[] memory versionedHashes)
    {
        _checkSize(header.payloadSize, MAX_BLOBS * BLOB_PAYLOAD);
        if (data.length != 0) revert IBatchInbox.UnexpectedData(data.length);
        if (header.payloadHash != 0) revert IBatchInbox.NonZeroPayloadHash(header.payloadHash);
        uint256 expected = (header.payloadSize + BLOB_PAYLOAD - 1) / BLOB_PAYLOAD;
        uint256 given;
        while (blobhash(given) != 0) ++given;
        if (given != expected) revert IBatchInbox.WrongBlobCount(expected, given);

        versionedHashes = new bytes32[](expected);
        for (uint256 i = 0; i < expected; ++i) {
            versionedHashes[i] = blobhash(i);
        }
        bytes32 commitment = keccak256(abi.encodePacked(versionedHashes));
        if (commitment != header.dataCommitment) {
            revert IBatchInbox.WrongDataCommitment(commitment, header.dataCommitment);
        }
    }

    function _checkSize(uint256 size, uint256 maximum) private pure {
        if (size == 0) revert IBatchInbox.EmptyPayload();
        if (size > maximum) revert IBatchInbox.PayloadTooLarge(size, maximum);
    }
}
