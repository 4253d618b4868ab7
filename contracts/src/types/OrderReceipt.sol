// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What a leader signs for a transaction's place in line (docs/spec/receipts.md).
struct OrderReceipt {
    uint32 generation;
    bytes32 transactionHash;
    uint64 sequence;
    /// L2 blocks in which the receipt binds, both included
    uint64 firstBlock;
    uint64 lastBlock;
}

/// @title OrderReceiptHash
library OrderReceiptHash {
    bytes32 internal constant TYPEHASH = keccak256(
        "Receipt(uint32 generation,bytes32 transactionHash,uint64 sequence,uint64 firstBlock,uint64 lastBlock)"
    );

    /// @notice EIP-712 hashStruct.
    function hash(OrderReceipt memory receipt) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, receipt));
    }
}

using OrderReceiptHash for OrderReceipt global;
