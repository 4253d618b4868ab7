// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IBatchInbox} from "../interfaces/IBatchInbox.sol";
import {
    Announcement,
    Handover,
    HandoverParameters,
    IEmergencyHandover,
    Pin,
    Presence
} from "../interfaces/IEmergencyHandover.sol";
import {ILockingPool} from "../interfaces/ILockingPool.sol";
import {ISlashingManager, Offence} from "../interfaces/ISlashingManager.sol";
import {ISystemConfig, L1Addresses} from "../interfaces/ISystemConfig.sol";
import {Certificates} from "../libraries/Certificates.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {BlockAttestation} from "../types/BlockAttestation.sol";
import {Certificate, SetMember} from "../types/Certificate.sol";
import {Heartbeat} from "../types/Heartbeat.sol";
import {EmergencyHandoverState} from "./EmergencyHandoverState.sol";

/// @title EmergencyHandover
/// @notice Brings a pool back that has lost a third of its weight: the silent decay, the rest goes on in a new generation
///         on top of the highest block that was shown to be certified (docs/spec/below-two-thirds.md).
/// @dev Invariants: a handed over set is a part of the set before it, and never changes; generations of handovers rise; no
///      handover while those present hold more than two thirds.
contract EmergencyHandover is EmergencyHandoverState, Initializable {
    uint256 private constant WHOLE = 1e18;
    /// @dev Of the whole seat: a hundredth.
    uint256 private constant SILENCE_PENALTY = 1e16;

    constructor() {
        _disableInitializers();
    }

    /// @param systemConfig must be initialised before
    function initialize(ISystemConfig systemConfig, HandoverParameters calldata parameters_) external initializer {
        L1Addresses memory addresses = systemConfig.addresses();
        EmergencyHandoverStorage storage $ = _storage();
        $.systemConfig = systemConfig;
        $.inbox = IBatchInbox(addresses.batchInbox);
        $.pool = ILockingPool(addresses.lockingPool);
        $.slashingManager = ISlashingManager(addresses.slashingManager);
        _setParameters(parameters_);
    }

    /// @inheritdoc IEmergencyHandover
    function heartbeat(Heartbeat calldata beat, bytes calldata signature) external {
        EmergencyHandoverStorage storage $ = _storage();
        _checkGeneration(beat.generation);
        uint64 epoch = $.inbox.nextEpoch();
        if (beat.epoch != epoch) revert WrongEpoch(epoch, beat.epoch);
        _checkFresh(beat);
        address signer = Signatures.recover(signature, _digest(beat.hash()));
        if ($.pool.seqSigners(signer) == 0) revert UnknownSigner(signer);

        uint64 left = $.leftOutSince[signer];
        if (left != 0 && block.timestamp < left + $.parameters.silenceLimit) delete $.leftOutSince[signer];
        $.lastSeen[signer] = uint64(block.timestamp);
        emit HeartbeatSeen(signer, uint64(block.timestamp));
    }

    /// @inheritdoc IEmergencyHandover
    function announceHandover(SetMember[] calldata members) external {
        EmergencyHandoverStorage storage $ = _storage();
        if (_isInForce()) revert AlreadyAnnounced($.announcement.readyAt);
        Presence memory presence = _requireCause(members);
        uint32 generation = $.inbox.generation();
        uint64 readyAt = uint64(block.timestamp) + $.systemConfig.parameters().pinWindow;
        $.announcement = Announcement(readyAt, generation, $.inbox.certifiedAt());
        $.pinned = _unposted(generation);
        emit HandoverAnnounced(generation, readyAt, presence.presentWeight, presence.countedWeight);
    }

    /// @inheritdoc IEmergencyHandover
    function pin(BlockAttestation calldata attestation, Certificate calldata certificate) external {
        EmergencyHandoverStorage storage $ = _storage();
        if (!_isInForce()) revert NotAnnounced();
        _checkGeneration(attestation.generation);
        if (attestation.number <= $.pinned.number) revert NotHigher($.pinned.number, attestation.number);
        bytes32 anchorHash = $.inbox.anchorHashAt(attestation.anchorNumber);
        if (anchorHash == 0) revert AnchorUnknown(attestation.anchorNumber);
        if (anchorHash != attestation.anchorHash) {
            revert WrongAnchorHash(attestation.anchorNumber, anchorHash, attestation.anchorHash);
        }
        (bytes32 setHash, uint256 totalWeight) = _setFor(attestation.epoch, attestation.generation);
        Certificates.check(certificate, _digest(attestation.hash()), setHash, totalWeight);

        $.pinned = Pin(attestation.number, attestation.blockHash);
        emit Pinned(attestation.generation, attestation.number, attestation.blockHash);
    }

    /// @inheritdoc IEmergencyHandover
    function handover(SetMember[] calldata members) external {
        EmergencyHandoverStorage storage $ = _storage();
        if (!_isInForce()) revert NotAnnounced();
        uint64 readyAt = $.announcement.readyAt;
        if (block.timestamp < readyAt) revert HandoverTooEarly(readyAt);
        _requireCause(members);
        uint64 since = _silentSince();
        (SetMember[] memory list, uint256 totalWeight) = _presentSet(members);
        Handover memory begun = _begin(list, totalWeight);
        delete $.announcement;
        delete $.pinned;
        emit HandedOver(
            begun.generation, begun.epoch, begun.setHash, totalWeight, list, begun.pin.number, begun.pin.blockHash
        );
        _leaveOut(members, since, begun.generation);
    }

    /// @inheritdoc IEmergencyHandover
    function ejectSilent(address signer) external returns (uint256 slashId) {
        EmergencyHandoverStorage storage $ = _storage();
        uint64 since = $.leftOutSince[signer];
        if (since == 0) revert NotSilent(signer);
        uint64 limitAt = since + $.parameters.silenceLimit;
        if (block.timestamp < limitAt) revert SilentTooShort(signer, limitAt);
        delete $.leftOutSince[signer];
        uint256 seqId = $.pool.seqSigners(signer);
        bytes32 evidenceId = keccak256(abi.encode(Offence.Silence, seqId, since));
        return $.slashingManager.punish(seqId, Offence.Silence, evidenceId, SILENCE_PENALTY, false, msg.sender);
    }

    /// @inheritdoc IEmergencyHandover
    function reportPinBroken(BlockAttestation calldata attestation, bytes calldata signature, bytes calldata header)
        external
        returns (uint256 slashId)
    {
        EmergencyHandoverStorage storage $ = _storage();
        Pin memory bound = _pinOf(attestation.generation);
        if (attestation.number > bound.number) {
            if (bound.number == 0 || attestation.number != bound.number + 1) revert PinKept();
            if (keccak256(header) != attestation.blockHash) revert WrongHeader(attestation.blockHash);
            if (_parentHash(header) == bound.blockHash) revert PinKept();
        }
        address signer = Signatures.recover(signature, _digest(attestation.hash()));
        uint256 seqId = $.pool.seqSigners(signer);
        if (seqId == 0) revert UnknownSigner(signer);
        bytes32 evidenceId = keccak256(abi.encode(Offence.PinBroken, seqId, attestation.generation, attestation.number));
        return $.slashingManager.punish(seqId, Offence.PinBroken, evidenceId, WHOLE, false, msg.sender);
    }

    /// @inheritdoc IEmergencyHandover
    function setParameters(HandoverParameters calldata parameters_) external {
        if (msg.sender != Ownable(address(_storage().systemConfig)).owner()) revert NotSystemOwner(msg.sender);
        _setParameters(parameters_);
    }

    /// @inheritdoc IEmergencyHandover
    function checkRelations() external view {
        _checkRelations(_storage().parameters);
    }
}
