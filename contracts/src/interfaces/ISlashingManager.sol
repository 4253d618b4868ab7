// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockAttestation} from "../types/BlockAttestation.sol";

/// @notice What a seat is slashed for. Values are part of evidence ids and never change.
enum Offence {
    None,
    Equivocation
}

enum SlashStatus {
    None,
    /// in escrow; the council may refund it
    Pending,
    Refunded,
    /// burned, or with the insurance fund
    Released
}

/// @notice A slash and what became of it.
struct Slash {
    uint64 seqId;
    Offence offence;
    SlashStatus status;
    /// from then on anyone may release it
    uint64 releaseAt;
    /// of the seat, when it was slashed: the own stake's part of a refund goes nowhere else
    address owner;
    /// METIS wei in escrow: what was taken less the reporter's share
    uint256 amount;
    /// METIS wei that it took
    uint96 own;
    uint96 delegated;
    uint96 exiting;
    /// of the seat's slashes, from 1
    uint32 number;
    /// METIS wei of a refund that exits have not claimed yet
    uint96 leftForExits;
    /// the seat's slash index, before and after
    uint128 indexBefore;
    uint128 indexAfter;
}

/// @title ISlashingManager
/// @notice Objective evidence against seats, and the METIS that it costs them (docs/spec/staking.md, "Slashing").
interface ISlashingManager {
    error NullAddress();
    /// @notice Both attestations are the same.
    error SameAttestation();
    /// @notice The attestations are about different blocks; a seat may sign both.
    error NoConflict();
    /// @notice The signers are not keys of one and the same seat.
    error NotOneSeat(address signerA, uint256 seqIdA, address signerB, uint256 seqIdB);
    error EvidenceUsed(bytes32 evidenceId);
    /// @notice The seat's stake has been claimed or slashed already.
    error NothingToSlash(uint256 seqId);
    error NotCouncil(address caller);
    error NotSystemOwner(address caller);
    error NotPending(uint256 slashId, SlashStatus status);
    /// @notice The escrow's time is over: no refund any more.
    error RefundTooLate(uint256 slashId, uint64 releaseAt);
    error ReleaseTooEarly(uint256 slashId, uint64 releaseAt);
    error NothingToWithdraw(address account);
    error NotRefunded(uint256 slashId, SlashStatus status);
    /// @notice It has been claimed, or the slash took nothing of it.
    error NothingToRefund(uint256 slashId);

    event SeatSlashed(
        uint256 indexed slashId,
        uint256 indexed seqId,
        Offence indexed offence,
        bytes32 evidenceId,
        address reporter,
        uint256 reward,
        uint256 escrowed,
        uint64 releaseAt
    );
    /// @param amount METIS wei that are the owner's; the rest waits for delegators and exits
    event SlashRefunded(uint256 indexed slashId, address indexed owner, uint256 amount);
    event RefundClaimed(uint256 indexed slashId, address indexed account, uint256 amount);
    event SlashReleased(uint256 indexed slashId, address indexed sink, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    event CouncilChanged(address indexed council);
    event InsuranceFundChanged(address indexed insuranceFund);

    /// @notice Two attestations of one seat for one (generation, number): all of its stake, and it never returns.
    /// @dev The caller is the reporter. Signatures: 65 bytes r ‖ s ‖ v, s in the lower half.
    function reportEquivocation(
        BlockAttestation calldata attestationA,
        bytes calldata signatureA,
        BlockAttestation calldata attestationB,
        bytes calldata signatureB
    ) external returns (uint256 slashId);

    /// @notice Council, while it is in escrow: back to those it was taken from, the seat's owner at once.
    function refund(uint256 slashId) external;

    /// @notice What `delegator` gets back of a refunded slash, by the shares at the time of the slash. Anyone may call;
    ///         `withdraw` pays it.
    function claimDelegatorRefund(uint256 slashId, address delegator) external returns (uint256 amount);

    /// @notice The same for an exit that was in the queue at the time.
    function claimExitRefund(uint256 slashId, uint256 exitId) external returns (uint256 amount);

    /// @notice Anyone, when the escrow's time is over: burns it, or gives it to the insurance fund.
    function release(uint256 slashId) external;

    /// @notice Pays what the caller has earned or got back.
    function withdraw() external;

    /// @notice SystemConfig's owner.
    function setCouncil(address council) external;

    /// @notice SystemConfig's owner. Zero: what is released is burned.
    function setInsuranceFund(address insuranceFund) external;

    function council() external view returns (address);
    function insuranceFund() external view returns (address);
    function totalSlashes() external view returns (uint256);
    /// @notice Ids count from 1.
    function slashOf(uint256 slashId) external view returns (Slash memory);
    /// @notice METIS wei that `withdraw` pays to `account`.
    function credits(address account) external view returns (uint256);
    function evidenceUsed(bytes32 evidenceId) external view returns (bool);
}
