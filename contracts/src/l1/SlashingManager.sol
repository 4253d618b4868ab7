// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBatchInbox} from "../interfaces/IBatchInbox.sol";
import {IDelegation} from "../interfaces/IDelegation.sol";
import {IEmissionReserve} from "../interfaces/IEmissionReserve.sol";
import {ILockingPool, Sequencer} from "../interfaces/ILockingPool.sol";
import {
    AttendanceCount,
    EpochAttendance,
    IncludedReceipt,
    ISlashingManager,
    Offence,
    SignedReceipt
} from "../interfaces/ISlashingManager.sol";
import {IStateClaims} from "../interfaces/IStateClaims.sol";
import {ISystemConfig, L1Addresses} from "../interfaces/ISystemConfig.sol";
import {Attendance} from "../libraries/Attendance.sol";
import {OrderEvidence} from "../libraries/OrderEvidence.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {BlockAttestation} from "../types/BlockAttestation.sol";
import {Certificate, SetMember} from "../types/Certificate.sol";
import {OrderReceipt} from "../types/OrderReceipt.sol";
import {SeatStatus} from "../types/Seat.sol";
import {StateClaim} from "../types/StateClaim.sol";
import {SlashingEscrow} from "./SlashingEscrow.sol";

/// @title SlashingManager
/// @notice Takes objective evidence and slashes the seat that it is against (docs/spec/slashing.md).
/// @dev Evidence needs no list of its own for being bound to chain and contract: attestations and receipts are signed
///      under the inbox's domain, which binds both; attendance comes by the bridge; claims are the inbox's.
contract SlashingManager is SlashingEscrow, Initializable {
    uint256 private constant BROKEN_ORDER = WHOLE / 100;
    uint256 private constant ABSENCE = WHOLE / 1000;

    constructor() {
        _disableInitializers();
    }

    /// @param council_ may refund a slash while it is in escrow
    /// @param insuranceFund_ gets what is released; zero: it is burned
    function initialize(ISystemConfig systemConfig, address council_, address insuranceFund_) external initializer {
        L1Addresses memory addresses = systemConfig.addresses();
        SlashingManagerStorage storage $ = _storage();
        $.systemConfig = systemConfig;
        $.pool = ILockingPool(addresses.lockingPool);
        $.inbox = IBatchInbox(addresses.batchInbox);
        $.token = IERC20(addresses.metisToken);
        $.delegation = IDelegation(addresses.delegation);
        $.stateClaims = IStateClaims(addresses.stateClaims);
        $.reserve = IEmissionReserve(addresses.emissionReserve);
        $.handover = addresses.emergencyHandover;
        _setCouncil(council_);
        _setInsuranceFund(insuranceFund_);
    }

    /// @inheritdoc ISlashingManager
    function reportEquivocation(
        BlockAttestation calldata attestationA,
        bytes calldata signatureA,
        BlockAttestation calldata attestationB,
        bytes calldata signatureB
    ) external returns (uint256 slashId) {
        if (attestationA.generation != attestationB.generation || attestationA.number != attestationB.number) {
            revert NoConflict();
        }
        bytes32 hashA = attestationA.hash();
        bytes32 hashB = attestationB.hash();
        if (hashA == hashB) revert SameAttestation();
        uint256 seqId = _seatOfBoth(hashA, signatureA, hashB, signatureB);
        bytes32 evidenceId =
            keccak256(abi.encode(Offence.Equivocation, seqId, attestationA.generation, attestationA.number));
        return _slash(seqId, Offence.Equivocation, evidenceId, WHOLE, msg.sender);
    }

    /// @inheritdoc ISlashingManager
    function reportDoubleSequence(SignedReceipt calldata a, SignedReceipt calldata b)
        external
        returns (uint256 slashId)
    {
        if (a.receipt.sequence != b.receipt.sequence || a.receipt.transactionHash == b.receipt.transactionHash) {
            revert NoConflict();
        }
        address signer = OrderEvidence.signerOfBoth(a, b, _storage().inbox.domainSeparator());
        return _slashForOrder(signer, a.receipt);
    }

    /// @inheritdoc ISlashingManager
    function reportBrokenOrder(IncludedReceipt calldata passedOver, IncludedReceipt calldata preferred)
        external
        returns (uint256 slashId)
    {
        SlashingManagerStorage storage $ = _storage();
        address signer = OrderEvidence.signerOfBoth(passedOver.signed, preferred.signed, $.inbox.domainSeparator());
        OrderEvidence.checkBrokenOrder(
            signer,
            passedOver.signed.receipt,
            passedOver.inclusion,
            preferred.signed.receipt,
            preferred.inclusion,
            $.stateClaims
        );
        return _slashForOrder(signer, passedOver.signed.receipt);
    }

    /// @inheritdoc ISlashingManager
    function reportAbsence(EpochAttendance calldata attendance, uint256 index) external returns (uint256 slashId) {
        _requireAttendance(attendance.epoch, attendance.blocks, attendance.words);
        _requireSet(attendance.epoch, attendance.members);
        address signer = attendance.members[index].signer;
        (, uint256 attested) = Attendance.countOf(attendance.words, index);
        if (attested * 2 >= attendance.blocks) revert WasPresent(signer, attested, attendance.blocks);
        return _slashForAbsence(_storage().pool.seqSigners(signer), attendance.epoch);
    }

    /// @inheritdoc ISlashingManager
    function reportNoProposal(
        uint64 firstEpoch,
        SetMember[] calldata members,
        AttendanceCount[] calldata counts,
        uint256 index
    ) external returns (uint256 slashId) {
        SlashingManagerStorage storage $ = _storage();
        SetMember calldata member = members[index];
        uint256 seqId = $.pool.seqSigners(member.signer);
        uint64 last = firstEpoch + uint64(counts.length) - 1;
        uint256 inAll;
        for (uint64 epoch = firstEpoch; epoch <= last; ++epoch) {
            AttendanceCount calldata count = counts[epoch - firstEpoch];
            _requireAttendance(epoch, count.blocks, count.words);
            // Another set begins the order of its leaders anew.
            _requireSet(epoch, members);
            (uint256 proposed, uint256 attested) = Attendance.countOf(count.words, index);
            if (proposed != 0) revert HasProposed(member.signer, epoch);
            inAll += attested;
            if (epoch != last) _use(_absenceId(seqId, epoch));
        }
        (, uint256 totalWeight) = $.pool.setOf(last);
        bool isLong = Attendance.letsTurnsPass(inAll, member.weight, totalWeight, $.systemConfig.chainRules().term);
        if (!isLong) revert TooFewTurns(member.signer, inAll);
        return _slashForAbsence(seqId, last);
    }

    /// @inheritdoc ISlashingManager
    function punishSigners(
        uint64 batchIndex,
        StateClaim calldata claim,
        Certificate calldata certificate,
        address reporter
    ) external returns (uint256 slashed) {
        SlashingManagerStorage storage $ = _storage();
        if (msg.sender != $.disputes) revert NotDisputes(msg.sender);
        if (reporter == address(0)) revert NullAddress();
        $.inbox.checkClaim(batchIndex, claim, certificate);
        bytes32 claimHash = claim.hash();
        for (uint256 i = 0; i < certificate.members.length; ++i) {
            if ((certificate.bitmap >> i) & 1 == 0) continue;
            uint256 seqId = $.pool.seqSigners(certificate.members[i].signer);
            bytes32 evidenceId = keccak256(abi.encode(Offence.WrongClaim, seqId, claimHash));
            // One signer that has lost everything before does not protect the others.
            if ($.evidenceUsed[evidenceId] || !_hasStake(seqId)) continue;
            _slash(seqId, Offence.WrongClaim, evidenceId, WHOLE, reporter);
            ++slashed;
        }
    }

    /// @inheritdoc ISlashingManager
    function punish(uint256 seqId, Offence offence, bytes32 evidenceId, uint256 fraction, bool jails, address reporter)
        external
        returns (uint256 slashId)
    {
        if (msg.sender != _storage().handover) revert NotHandover(msg.sender);
        if (reporter == address(0)) revert NullAddress();
        if (fraction != 0) slashId = _slash(seqId, offence, evidenceId, fraction, reporter);
        if (jails) _jail(seqId);
    }

    /// @inheritdoc ISlashingManager
    function nameDisputes(address disputes_) external {
        _onlySystemOwner();
        SlashingManagerStorage storage $ = _storage();
        if (disputes_ == address(0)) revert NullAddress();
        if ($.disputes != address(0)) revert DisputesNamed($.disputes);
        $.disputes = disputes_;
        emit DisputesNamedOnce(disputes_);
    }

    /// @inheritdoc ISlashingManager
    function disputes() external view returns (address) {
        return _storage().disputes;
    }

    /// @dev The one seat whose keys signed both, now or before a change of key.
    function _seatOfBoth(bytes32 hashA, bytes calldata signatureA, bytes32 hashB, bytes calldata signatureB)
        private
        view
        returns (uint256 seqId)
    {
        SlashingManagerStorage storage $ = _storage();
        bytes32 domain = $.inbox.domainSeparator();
        address signerA = Signatures.recover(signatureA, keccak256(abi.encodePacked(hex"1901", domain, hashA)));
        address signerB = Signatures.recover(signatureB, keccak256(abi.encodePacked(hex"1901", domain, hashB)));
        seqId = $.pool.seqSigners(signerA);
        uint256 seqIdB = signerA == signerB ? seqId : $.pool.seqSigners(signerB);
        if (seqId == 0 || seqId != seqIdB) revert NotOneSeat(signerA, seqId, signerB, seqIdB);
    }

    /// @dev Both kinds of broken order count once for the receipt that was passed over.
    function _slashForOrder(address signer, OrderReceipt calldata receipt) private returns (uint256 slashId) {
        uint256 seqId = _storage().pool.seqSigners(signer);
        if (seqId == 0) revert NotASeat(signer);
        bytes32 evidenceId = keccak256(abi.encode(Offence.BrokenOrder, signer, receipt.generation, receipt.sequence));
        return _slash(seqId, Offence.BrokenOrder, evidenceId, BROKEN_ORDER, msg.sender);
    }

    /// @dev An epoch's absence counts once, of whichever kind it is.
    function _absenceId(uint256 seqId, uint64 epoch) private pure returns (bytes32) {
        return keccak256(abi.encode(Offence.Absence, seqId, epoch));
    }

    function _slashForAbsence(uint256 seqId, uint64 epoch) private returns (uint256 slashId) {
        slashId = _slash(seqId, Offence.Absence, _absenceId(seqId, epoch), ABSENCE, msg.sender);
        _jail(seqId);
    }

    /// @dev A seat that is over has nothing to be jailed from.
    function _jail(uint256 seqId) private {
        SlashingManagerStorage storage $ = _storage();
        if ($.pool.stakeOf(seqId).status != SeatStatus.Active) return;
        $.pool.jail(seqId, uint64(block.timestamp) + $.systemConfig.stakingParameters().jail);
    }

    function _requireAttendance(uint64 epoch, uint64 blocks, uint256[] calldata words) private view {
        bytes32 told = keccak256(abi.encode(blocks, words));
        if (told != _storage().reserve.attendanceHashOf(epoch)) revert WrongAttendance(epoch);
    }

    function _requireSet(uint64 epoch, SetMember[] calldata members) private view {
        (bytes32 setHash,) = _storage().pool.setOf(epoch);
        bytes32 given = keccak256(abi.encode(members));
        if (setHash != given) revert WrongSet(setHash, given);
    }

    function _hasStake(uint256 seqId) private view returns (bool) {
        Sequencer memory seat = _storage().pool.sequencers(seqId);
        return seat.amount + seat.delegated + seat.exiting != 0;
    }
}
