// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What a seat is doing. A seat that has left does not come back; its owner takes a new one.
enum SeatStatus {
    /// no such seat
    Unavailable,
    /// its whole stake is in the exit queue, or was claimed
    Inactive,
    /// its stake is locked
    Active,
    /// slashed in full for equivocation or fraud
    Tombstoned
}

/// @notice A sequencer's seat (docs/spec/staking.md, "Seats"). Amounts in METIS wei.
/// @dev Lies in a mapping, so members may be appended. Slots are laid out by what `freeze` reads: one for the key and the
///      own stake, one for the rest of the weight.
struct Seat {
    address owner;
    /// counts what was done to the seat, for those who follow the events
    uint64 nonce;
    SeatStatus status;
    /// signs from the next frozen set on
    address signer;
    /// own stake
    uint96 amount;
    /// stake of delegators
    uint96 delegated;
    /// of both, in the exit queue: slashed with the seat
    uint96 exiting;
    /// not in any set frozen while this is not zero; `unjail` clears it when the time is over
    uint64 jailedUntil;
    address rewardRecipient;
    /// number of frozen sets when the signer was last changed
    uint48 signerChangedAt;
    /// place in the line of candidates, from 1; zero: not in line
    uint32 linePosition;
    /// what is left of each METIS that never moved, in SLASH_UNIT: falls with every slash
    uint128 slashIndex;
    /// the owner's last exit; those of delegators are not in this list
    uint64 lastExit;
    /// how often it was slashed
    uint32 slashes;
    /// the signer's public key, uncompressed, without its prefix
    bytes32 publicKeyX;
    bytes32 publicKeyY;
}

/// @notice An entry of the exit queue.
struct Exit {
    address owner;
    /// the owner's exit from this seat before this one; zero: none, or a delegator's
    uint64 previous;
    bool claimed;
    /// when it was queued
    uint96 amount;
    uint64 seqId;
    uint48 queuedAt;
    /// position of the first frozen set that does not count it
    uint48 setIndex;
    /// the seat's, when it was queued
    uint128 slashIndex;
    /// the seat's, when it was claimed; zero: not claimed
    uint128 claimedIndex;
}

/// @notice The set of an epoch and of those after it, until the next frozen one.
struct FrozenSet {
    bytes32 setHash;
    uint96 totalWeight;
    uint48 epoch;
    /// L1 time and block at which it was frozen; the block holds its EpochFrozen event
    uint48 frozenAt;
    uint48 blockNumber;
}
