// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Order of a batch, final once posted (docs/spec/structs.md, "DataHeader").
struct DataHeader {
    uint8 version;
    uint64 batchIndex;
    bytes32 parentHash;
    uint32 generation;
    uint64 epoch;
    uint64 lastTimestamp;
    uint64 depositCount;
    bytes32 depositQueueHash;
    uint64 anchorNumber;
    bytes32 anchorHash;
    uint8 dataMode;
    bytes32 payloadHash;
    uint32 payloadSize;
    bytes32 dataCommitment;
    bytes32 extraHash;
}

/// @title DataMode
/// @notice Where the payload of a batch lies.
library DataMode {
    uint8 internal constant CALLDATA = 0;
    uint8 internal constant BLOBS = 1;
    uint8 internal constant OFF_CHAIN = 2;
    uint8 internal constant NONE = 3;
}

/// @title DataHeaders
/// @notice Hash of a DataHeader and the two headers that nobody signs: genesis and escape.
library DataHeaders {
    uint8 internal constant VERSION = 1;

    bytes32 internal constant TYPEHASH = keccak256(
        "DataHeader(uint8 version,uint64 batchIndex,bytes32 parentHash,uint32 generation,uint64 epoch,uint64 lastTimestamp,uint64 depositCount,bytes32 depositQueueHash,uint64 anchorNumber,bytes32 anchorHash,uint8 dataMode,bytes32 payloadHash,uint32 payloadSize,bytes32 dataCommitment,bytes32 extraHash)"
    );

    /// @notice EIP-712 hashStruct: the batch hash.
    function hash(DataHeader memory header) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, header));
    }

    /// @notice DataHeader 0: no deposits, no data, the genesis anchor and its time.
    function genesis(uint64 anchorNumber, bytes32 anchorHash, uint64 anchorTime)
        internal
        pure
        returns (DataHeader memory header)
    {
        header.version = VERSION;
        header.lastTimestamp = anchorTime;
        header.anchorNumber = anchorNumber;
        header.anchorHash = anchorHash;
        header.dataMode = DataMode.NONE;
    }
}

using DataHeaders for DataHeader global;
