// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title ILockingInfo
/// @notice The escrow of staked METIS and the log of what happens to it. Events have the topics of the LockingInfo that
///         Metis' sequencers know. Every function is LockingPool's alone.
interface ILockingInfo {
    error NotLockingPool(address caller);

    /// @param nonce of the seat, counting what was done to it
    /// @param activationEpoch the first epoch that it may serve
    /// @param total METIS wei in the escrow
    event Locked(
        address indexed signer,
        uint256 indexed sequencerId,
        uint256 nonce,
        uint256 indexed activationEpoch,
        uint256 amount,
        uint256 total,
        bytes signerPubkey
    );
    event Relocked(uint256 indexed sequencerId, uint256 amount, uint256 total);
    /// @notice The own stake is `newAmount` now.
    event LockUpdate(uint256 indexed sequencerId, uint256 indexed nonce, uint256 indexed newAmount);
    /// @param unlockClaimTime the earliest, should a set be frozen at once
    event UnlockInit(
        address indexed user,
        uint256 indexed sequencerId,
        uint256 nonce,
        uint256 exitId,
        uint256 deactivationTime,
        uint256 unlockClaimTime,
        uint256 indexed amount
    );
    event Unlocked(address indexed user, uint256 indexed sequencerId, uint256 amount, uint256 total);
    event SignerChange(
        uint256 indexed sequencerId,
        uint256 nonce,
        address indexed oldSigner,
        address indexed newSigner,
        bytes signerPubkey
    );
    /// @notice A delegator put `amount` behind a seat.
    event DelegationLocked(address indexed delegator, uint256 indexed sequencerId, uint256 amount, uint256 total);
    /// @notice `amount` went to SlashingManager.
    event Slashed(uint256 indexed sequencerId, uint256 amount, uint256 total);

    /// @notice Takes a new seat's stake from `payer`.
    function newSequencer(
        address payer,
        uint256 seqId,
        address signer,
        uint256 nonce,
        uint256 activationEpoch,
        uint256 amount,
        bytes calldata signerPubkey
    ) external;

    /// @notice Takes `incoming` from `payer`; the own stake is `locked` then.
    function increaseLocked(address payer, uint256 seqId, uint256 nonce, uint256 incoming, uint256 locked) external;

    /// @notice Takes `amount` from `payer`, who delegates it.
    function increaseDelegated(address payer, uint256 seqId, uint256 amount) external;

    /// @notice Logs that `amount` joined the exit queue; the own stake is `left` then.
    function initializeUnlock(
        address owner,
        uint256 seqId,
        uint256 nonce,
        uint256 exitId,
        uint256 unlockClaimTime,
        uint256 amount,
        uint256 left
    ) external;

    /// @notice Pays an exit.
    function finalizeUnlock(address owner, uint256 seqId, uint256 amount) external;

    /// @notice Moves what was slashed to SlashingManager; the own stake is `left` then.
    function slash(uint256 seqId, uint256 nonce, uint256 amount, uint256 left) external;

    function logSignerChange(
        uint256 seqId,
        uint256 nonce,
        address oldSigner,
        address newSigner,
        bytes calldata signerPubkey
    ) external;

    /// @notice METIS wei that the pool has put in and not taken out.
    function totalLocked() external view returns (uint256);
}
