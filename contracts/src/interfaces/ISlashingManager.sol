// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockAttestation} from "../types/BlockAttestation.sol";
import {Certificate, SetMember} from "../types/Certificate.sol";
import {Inclusion} from "../types/Inclusion.sol";
import {OrderReceipt} from "../types/OrderReceipt.sol";
import {StateClaim} from "../types/StateClaim.sol";

/// @notice What a seat is slashed for. Values are part of evidence ids and never change.
enum Offence {
    None,
    Equivocation,
    BrokenOrder,
    Absence,
    WrongClaim,
    Silence,
    PinBroken
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

/// @notice A receipt as its user has it: 65 bytes r ‖ s ‖ v, s in the lower half.
struct SignedReceipt {
    OrderReceipt receipt;
    bytes signature;
}

/// @notice A receipt and where its transaction stands.
struct IncludedReceipt {
    SignedReceipt signed;
    Inclusion inclusion;
}

/// @notice What the members of an epoch's set did, as EmissionReserve has received it from L2.
struct EpochAttendance {
    uint64 epoch;
    /// the epoch's set
    SetMember[] members;
    uint64 blocks;
    uint256[] words;
}

/// @notice The same without the set: what of an epoch's attendance is the epoch's own.
struct AttendanceCount {
    uint64 blocks;
    uint256[] words;
}

/// @title ISlashingManager
/// @notice Objective evidence against seats, and the METIS that it costs them (docs/spec/slashing.md).
interface ISlashingManager {
    error NullAddress();
    /// @notice Both attestations are the same.
    error SameAttestation();
    /// @notice What was signed does not contradict itself: a seat may sign both.
    error NoConflict();
    /// @notice The signers are not keys of one and the same seat.
    error NotOneSeat(address signerA, uint256 seqIdA, address signerB, uint256 seqIdB);
    /// @notice The receipts are of two keys; sequences are each key's own.
    error NotOneSigner(address signerA, address signerB);
    /// @notice No seat has ever signed with this key.
    error NotASeat(address signer);
    /// @notice The batch has no settled claim, or another one.
    error ClaimNotSettled(uint64 batchIndex);
    /// @notice The claim leads to no such block of this number.
    error BlockNotInClaim(uint256 number);
    error UnknownExtraData(bytes extraData);
    error ProofTooLong();
    /// @notice Another transaction stands there.
    error WrongTransaction(bytes32 expected, bytes32 given);
    /// @notice The block is not the signer's, of another generation, or outside of the receipt's blocks.
    error ReceiptDoesNotBind(uint64 number);
    /// @notice The transactions stand by rising sequence.
    error OrderKept();
    /// @notice No such attendance of the epoch has arrived from L2.
    error WrongAttendance(uint64 epoch);
    /// @notice The member list is not the epoch's.
    error WrongSet(bytes32 expected, bytes32 given);
    /// @notice The member was there for at least half of the epoch's counted blocks.
    error WasPresent(address signer, uint256 attested, uint256 blocks);
    /// @notice The member proposed in the epoch.
    error HasProposed(address signer, uint64 epoch);
    /// @notice The blocks that the member attested are too few to say that it does not lead.
    error TooFewTurns(address signer, uint256 attested);
    error NotDisputes(address caller);
    error NotHandover(address caller);
    /// @notice The contract of disputes is named once.
    error DisputesNamed(address disputes);
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
    event DisputesNamedOnce(address indexed disputes);

    /// @notice Two attestations of one seat for one (generation, number): all of its stake, and it never returns.
    /// @dev The caller is the reporter. Signatures: 65 bytes r ‖ s ‖ v, s in the lower half.
    function reportEquivocation(
        BlockAttestation calldata attestationA,
        bytes calldata signatureA,
        BlockAttestation calldata attestationB,
        bytes calldata signatureB
    ) external returns (uint256 slashId);

    /// @notice Two receipts of one key and generation with one sequence for two transactions: a hundredth of the stake.
    /// @dev The caller is the reporter.
    function reportDoubleSequence(SignedReceipt calldata a, SignedReceipt calldata b) external returns (uint256 slashId);

    /// @notice A leader's blocks have the transaction of the later receipt before that of the earlier one, though both
    ///         receipts bound it there: a hundredth of the stake.
    /// @param passedOver the receipt with the lower sequence, whose transaction stands behind
    /// @param preferred the receipt with the higher sequence
    function reportBrokenOrder(IncludedReceipt calldata passedOver, IncludedReceipt calldata preferred)
        external
        returns (uint256 slashId);

    /// @notice A member that attested fewer than half of an epoch's counted blocks: a thousandth of the stake, and jail.
    /// @param index the member's place in the epoch's set
    function reportAbsence(EpochAttendance calldata attendance, uint256 index) external returns (uint256 slashId);

    /// @notice A member that attested, in epochs that follow one another with one and the same set, so many blocks that its
    ///         fair share of them is twelve terms, and proposed none: a thousandth of the stake, and jail.
    /// @param members the set of each of the epochs
    /// @param counts of `firstEpoch` and those after it, each as EmissionReserve has received it
    /// @param index the member's place in the set
    function reportNoProposal(
        uint64 firstEpoch,
        SetMember[] calldata members,
        AttendanceCount[] calldata counts,
        uint256 index
    ) external returns (uint256 slashId);

    /// @notice The contract of disputes: `claim` of batch `batchIndex` was wrong. Everybody who signed for it loses all.
    /// @param reporter who won the dispute
    /// @return slashed seats that had something to lose
    function punishSigners(
        uint64 batchIndex,
        StateClaim calldata claim,
        Certificate calldata certificate,
        address reporter
    ) external returns (uint256 slashed);

    /// @notice EmergencyHandover: an offence that it has proven itself. `fraction` zero jails alone.
    /// @param fraction of the stake, 1e18 = all
    /// @param jails whether the seat is in no set until its owner calls `unjail`
    /// @return slashId zero when nothing was slashed
    function punish(uint256 seqId, Offence offence, bytes32 evidenceId, uint256 fraction, bool jails, address reporter)
        external
        returns (uint256 slashId);

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

    /// @notice SystemConfig's owner, once and for ever: the contract whose word on wrong claims counts.
    function nameDisputes(address disputes) external;

    function council() external view returns (address);
    /// @notice Zero: there are no disputes yet.
    function disputes() external view returns (address);
    function insuranceFund() external view returns (address);
    function totalSlashes() external view returns (uint256);
    /// @notice Ids count from 1.
    function slashOf(uint256 slashId) external view returns (Slash memory);
    /// @notice METIS wei that `withdraw` pays to `account`.
    function credits(address account) external view returns (uint256);
    function evidenceUsed(bytes32 evidenceId) external view returns (bool);
}
