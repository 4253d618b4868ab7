// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SetMember} from "../types/Certificate.sol";
import {FrozenSet, SeatStatus} from "../types/Seat.sol";
import {ISequencerSets} from "./ISequencerSets.sol";

/// @notice A seat that is there from the start.
struct InitialSeat {
    address owner;
    address rewardRecipient;
    /// METIS wei
    uint96 amount;
    /// uncompressed, 64 bytes without prefix
    bytes signerPublicKey;
    /// the signer's, over SignerProof
    bytes proof;
}

/// @notice A seat as its owner sees it. Amounts in METIS wei.
struct Sequencer {
    address owner;
    address signer;
    address rewardRecipient;
    SeatStatus status;
    uint256 amount;
    uint256 delegated;
    uint256 exiting;
    /// zero: not jailed
    uint64 jailedUntil;
    /// among those that the next set is chosen from
    bool inLine;
    uint64 nonce;
    bytes signerPublicKey;
}

/// @notice An exit as its owner sees it.
struct ExitState {
    uint256 seqId;
    address owner;
    /// METIS wei that a claim pays now: what was queued less what was slashed since
    uint256 amount;
    uint64 queuedAt;
    /// when the first set was frozen that does not count it; zero: not yet
    uint64 startedAt;
    /// startedAt + exitDelay; zero: not started
    uint64 claimableAt;
    /// the last epoch that the stake may have served; its batches must be settled
    uint64 lastEpoch;
    /// whether they are
    bool settled;
    bool claimed;
}

/// @notice What a seat's stake consists of.
struct Stake {
    SeatStatus status;
    uint256 own;
    uint256 delegated;
    /// how often it was slashed
    uint32 slashes;
    address owner;
    address rewardRecipient;
}

/// @notice What a slash took.
struct SlashedStake {
    address owner;
    uint96 own;
    uint96 delegated;
    uint96 exiting;
    /// of the seat's slashes, from 1
    uint32 number;
    /// the seat's, before and after
    uint128 indexBefore;
    uint128 indexAfter;
}

/// @title ILockingPool
/// @notice Seats of sequencers, their stake and the sets of the epochs (docs/spec/staking.md).
interface ILockingPool is ISequencerSets {
    /// @notice In permissioned mode only those on the list may take a seat.
    error NotWhitelisted(address account);
    error AlreadyPermissionless();
    error NotSystemOwner(address caller);
    error NotSlashingManager(address caller);
    error NotDelegation(address caller);
    /// @notice The stake would be more than counts: at most maxLock, and five times the own.
    error DelegationFull(uint256 seqId, uint256 stake, uint256 counts);
    error NotSeqOwner(uint256 seqId, address caller);
    /// @notice An owner has one seat at a time.
    error OwnedSequencer(uint256 seqId);
    /// @notice A signer's address belongs to one seat for ever, also after a change of key.
    error SignerExisted(address signer, uint256 seqId);
    /// @notice The seat's stake is not locked (any more).
    error SeqNotActive(uint256 seqId, SeatStatus status);
    error NullAddress();
    error WrongPublicKeyLength(uint256 length);
    /// @notice The public key is another's than `signer`.
    error WrongPublicKey(address signer, address given);
    /// @notice The proof of possession was not signed by `signer`.
    error WrongProof(address signer, address recovered);
    error AmountOutOfBounds(uint256 amount, uint256 minimum, uint256 maximum);
    /// @notice Nothing, or more than is there, was asked for.
    error WrongAmount(uint256 amount, uint256 available);
    /// @notice A seat keeps at least `minimum`, or leaves with all of it.
    error TooLittleLeft(uint256 left, uint256 minimum);
    /// @notice All places are taken by seats that are at least as heavy.
    error LineFull(uint256 lightest);
    /// @notice The own stake is not below what a seat needs.
    error NotBelowEjection(uint256 seqId, uint256 amount, uint256 ejectionBelow);
    /// @notice The key was changed since the last set was frozen.
    error SignerChangedAlready(uint256 seqId);
    error NotJailed(uint256 seqId);
    error StillJailed(uint256 seqId, uint64 until);
    error UnknownExit(uint256 exitId);
    error NotExitOwner(uint256 exitId, address caller);
    error ExitClaimed(uint256 exitId);
    /// @notice No set has been frozen since the exit was queued.
    error ExitNotStarted(uint256 exitId);
    error ExitTooEarly(uint256 exitId, uint64 claimableAt);
    /// @notice A batch of an epoch that the stake served is not settled, or may still come.
    error EpochsNotSettled(uint256 exitId, uint64 lastEpoch);
    /// @notice All of it was slashed.
    error NothingLeft(uint256 exitId);
    /// @notice The L1 blocks in which `epoch` may be frozen are still to come.
    error FreezeTooEarly(uint64 epoch, uint64 firstBlock);
    /// @notice They are over, and nobody froze it: the set before it stays.
    error FreezeTooLate(uint64 epoch, uint64 lastBlock);
    /// @notice The set of `epoch` is fixed already; that of epochs 0 and 1 since the deployment.
    error AlreadyFrozen(uint64 epoch);
    error WrongFraction(uint256 fraction);
    error NoInitialSeats();
    /// @notice No seat could sign; the old set stays.
    error EmptySet();

    event SetWhitelist(address indexed user, bool yes);
    event AdmissionOpened();
    event SequencerOwnerChanged(uint256 indexed seqId, address indexed owner);
    event SequencerRewardRecipientChanged(uint256 indexed seqId, address indexed recipient);
    /// @notice The seat joined those that the next set is chosen from, or left them.
    event LineJoined(uint256 indexed seqId);
    event LineLeft(uint256 indexed seqId);
    event Ejected(uint256 indexed seqId, uint256 amount);
    event Jailed(uint256 indexed seqId, uint64 until);
    event Unjailed(uint256 indexed seqId);
    event Tombstoned(uint256 indexed seqId);
    /// @notice The set of `epoch` and those after it until the next frozen one; `members` is what certificates show.
    event EpochFrozen(uint64 indexed epoch, bytes32 indexed setHash, uint256 totalWeight, SetMember[] members);

    /// @notice Takes a seat for the caller, who has approved `amount` to LockingInfo. Rewards go to the caller.
    /// @param signer address of the key that signs for the seat
    /// @param signerPublicKey uncompressed, 64 bytes without prefix
    /// @param proof the signer's EIP-712 signature over SignerProof(owner, signer)
    function lockFor(address signer, uint256 amount, bytes calldata signerPublicKey, bytes calldata proof)
        external
        returns (uint256 seqId);

    /// @notice The same, with rewards for another account.
    function lockWithRewardRecipient(
        address signer,
        address rewardRecipient,
        uint256 amount,
        bytes calldata signerPublicKey,
        bytes calldata proof
    ) external returns (uint256 seqId);

    /// @notice Adds to the own stake; a seat that was crowded out of the line joins it again when it is heavy enough.
    function relock(uint256 seqId, uint256 amount) external;

    /// @notice Puts `amount` of the own stake into the exit queue; all of it ends the seat.
    function unlock(uint256 seqId, uint256 amount) external returns (uint256 exitId);

    /// @notice Pays an exit out to its owner, the caller.
    function unlockClaim(uint256 exitId) external;

    /// @notice Ends a seat whose own stake has fallen below what a seat needs. Anyone may call.
    function eject(uint256 seqId) external returns (uint256 exitId);

    /// @notice Changes the key from the next frozen set on; once between two frozen sets. The owner calls.
    function updateSigner(uint256 seqId, address signer, bytes calldata signerPublicKey, bytes calldata proof) external;

    function setSequencerRewardRecipient(uint256 seqId, address recipient) external;

    /// @notice Fixes the set of `epoch` in the first half of the L1 blocks of the epoch before. Anyone may call.
    function freeze(uint64 epoch) external;

    /// @notice SystemConfig's owner: who may take a seat in permissioned mode.
    function setWhitelist(address user, bool yes) external;

    /// @notice SystemConfig's owner, once and for ever: anyone with the stake may take a seat.
    function openAdmission() external;

    /// @notice SlashingManager: takes `fraction` (1e18 = all, which tombstones the seat) of own, delegated and exiting
    ///         stake, and moves it there.
    function slash(uint256 seqId, uint256 fraction) external returns (SlashedStake memory taken);

    /// @notice SlashingManager: no set frozen before the owner's `unjail`, after `until`, counts the seat.
    function jail(uint256 seqId, uint64 until) external;

    function unjail(uint256 seqId) external;

    /// @notice Delegation: takes METIS of `payer` into the escrow for an active seat.
    function delegateFor(uint256 seqId, address payer, uint256 amount) external;

    /// @notice Delegation: puts `amount` of the delegated stake into the exit queue for `delegator`.
    function undelegateFor(uint256 seqId, address delegator, uint256 amount) external returns (uint256 exitId);

    /// @notice Delegation: an exit that may be claimed becomes delegated stake of another seat; METIS stays where it is.
    function moveExit(uint256 exitId, uint256 seqId) external returns (uint256 amount);

    function permissionless() external view returns (bool);
    function whitelist(address user) external view returns (bool);
    /// @notice Seats ever taken; ids count from 1.
    function totalSequencers() external view returns (uint256);
    function sequencers(uint256 seqId) external view returns (Sequencer memory);
    /// @notice The little of it that other contracts ask for often.
    function stakeOf(uint256 seqId) external view returns (Stake memory);
    /// @notice What an exit lost when the seat's index fell from `indexBefore` to `indexAfter`; zero when it was queued
    ///         later or claimed before.
    function lossOf(uint256 exitId, uint256 seqId, uint128 indexBefore, uint128 indexAfter)
        external
        view
        returns (address owner, uint256 loss);
    /// @notice The seat of an owner; zero: none.
    function seqOwners(address owner) external view returns (uint256 seqId);
    /// @notice The seat that a key signs or has ever signed for; zero: none.
    function seqSigners(address signer) external view returns (uint256 seqId);
    /// @notice Those that the next set is chosen from, in no order.
    function line() external view returns (uint64[] memory seqIds);
    /// @notice What the own and the delegated stake weigh in a set, before the cap on a share of it.
    function weightOf(uint256 seqId) external view returns (uint256);
    function totalExits() external view returns (uint256);
    function exitOf(uint256 exitId) external view returns (ExitState memory);
    /// @notice The exits of the owner's stake, newest first.
    function exitsOf(uint256 seqId) external view returns (uint256[] memory exitIds);
    function frozenSetCount() external view returns (uint256);
    function frozenSetAt(uint256 index) external view returns (FrozenSet memory);
    /// @notice The set of an epoch: the one last frozen for an epoch <= `epoch`.
    function frozenSetOf(uint64 epoch) external view returns (FrozenSet memory);
    /// @notice The next epoch whose set may still be frozen, and the L1 blocks in which it may be.
    function freezeWindow() external view returns (uint64 epoch, uint64 firstBlock, uint64 lastBlock);
    /// @notice The set that a freeze would store now.
    function nextSet() external view returns (bytes32 setHash, uint256 totalWeight, SetMember[] memory members);
    /// @notice EIP-712 digest that a signer's key signs to enter.
    function signerProofDigest(address owner, address signer) external view returns (bytes32);
}
