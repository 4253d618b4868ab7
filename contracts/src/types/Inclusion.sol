// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {StateClaim} from "./StateClaim.sol";

/// @notice Where a transaction stands on L2, as far as a settled claim can show it (docs/spec/receipts.md, "Evidence").
struct Inclusion {
    uint64 batchIndex;
    /// the batch's settled claim
    StateClaim claim;
    /// from the block's output root up to the claim's outputsRoot, without places where a lone end moves up
    bytes32[] outputPath;
    /// of the output root's preimage
    bytes32 stateRoot;
    bytes32 messagePasserStorageRoot;
    /// RLP of the block's header
    bytes header;
    uint64 transactionIndex;
    /// from the header's transactionsRoot to the transaction, root first
    bytes[] transactionProof;
}
