// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A seat of an epoch's set.
struct SetMember {
    address signer;
    uint96 weight;
}

/// @notice Path A certificate (docs/spec/structs.md, "Certificate").
struct Certificate {
    /// bit i: members[i] has signed
    uint256 bitmap;
    /// 65 bytes (r ‖ s ‖ v) for each set bit, lowest bit first
    bytes signatures;
    /// the whole set, strictly ascending by signer
    SetMember[] members;
}
