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
    /// of the seat, when it was slashed: a refund goes nowhere else
    address owner;
    /// METIS wei in escrow: what was taken less the reporter's share
    uint256 amount;
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
    event SlashRefunded(uint256 indexed slashId, address indexed owner, uint256 amount);
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

    /// @notice Council, while it is in escrow: back to the seat's owner.
    function refund(uint256 slashId) external;

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
