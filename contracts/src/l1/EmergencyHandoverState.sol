// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBatchInbox} from "../interfaces/IBatchInbox.sol";
import {
    Announcement,
    Handover,
    HandoverParameters,
    IEmergencyHandover,
    Pin,
    Presence
} from "../interfaces/IEmergencyHandover.sol";
import {ILockingPool, Sequencer} from "../interfaces/ILockingPool.sol";
import {ISlashingManager, Offence} from "../interfaces/ISlashingManager.sol";
import {ISystemConfig, Parameters, StakingParameters} from "../interfaces/ISystemConfig.sol";
import {SeatWeights} from "../libraries/SeatWeights.sol";
import {SetMember} from "../types/Certificate.sol";
import {ChainRules} from "../types/ChainConfig.sol";
import {Heartbeat} from "../types/Heartbeat.sol";
import {SeatStatus} from "../types/Seat.sol";

/// @title EmergencyHandoverState
/// @notice What EmergencyHandover keeps, what can be read of it, and how silence is counted.
abstract contract EmergencyHandoverState is IEmergencyHandover {
    /// @custom:storage-location erc7201:metis.storage.EmergencyHandover
    struct EmergencyHandoverStorage {
        ISystemConfig systemConfig;
        IBatchInbox inbox;
        ILockingPool pool;
        ISlashingManager slashingManager;
        HandoverParameters parameters;
        Announcement announcement;
        Pin pinned;
        Handover[] handovers;
        mapping(address signer => uint64) lastSeen;
        mapping(address signer => uint64) leftOutSince;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.EmergencyHandover")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0xee7c3baef0953e8977a68b684898db75e6967b67b9cf3fbf3acf6d295c83f200;

    /// @notice A heartbeat names one of so many last L1 blocks.
    uint64 public constant HEARTBEAT_BLOCKS = 32;

    /// @inheritdoc IEmergencyHandover
    function parameters() external view returns (HandoverParameters memory) {
        return _storage().parameters;
    }

    /// @inheritdoc IEmergencyHandover
    function setFor(uint64 epoch, uint32 generation) external view returns (bytes32 setHash, uint256 totalWeight) {
        return _setFor(epoch, generation);
    }

    /// @inheritdoc IEmergencyHandover
    function silentSince() external view returns (uint64) {
        return _silentSince();
    }

    /// @inheritdoc IEmergencyHandover
    function lastSeen(address signer) external view returns (uint64) {
        return _storage().lastSeen[signer];
    }

    /// @inheritdoc IEmergencyHandover
    function leftOutSince(address signer) external view returns (uint64) {
        return _storage().leftOutSince[signer];
    }

    /// @inheritdoc IEmergencyHandover
    function presenceOf(SetMember[] calldata members) external view returns (Presence memory) {
        return _presenceOf(members);
    }

    /// @inheritdoc IEmergencyHandover
    function announced() external view returns (Announcement memory announcement, Pin memory pinned) {
        if (_isInForce()) (announcement, pinned) = (_storage().announcement, _storage().pinned);
    }

    /// @inheritdoc IEmergencyHandover
    function handoverCount() external view returns (uint256) {
        return _storage().handovers.length;
    }

    /// @inheritdoc IEmergencyHandover
    function handoverAt(uint256 index) external view returns (Handover memory) {
        return _storage().handovers[index];
    }

    /// @dev A batch, an escape or a handover since makes an announcement void.
    function _isInForce() internal view returns (bool) {
        EmergencyHandoverStorage storage $ = _storage();
        Announcement memory given = $.announcement;
        return
            given.readyAt != 0 && given.generation == $.inbox.generation() && given.certifiedAt == $.inbox.certifiedAt();
    }

    function _silentSince() internal view returns (uint64 since) {
        EmergencyHandoverStorage storage $ = _storage();
        since = $.inbox.certifiedAt();
        uint256 count = $.handovers.length;
        if (count != 0 && $.handovers[count - 1].handedOverAt > since) since = $.handovers[count - 1].handedOverAt;
    }

    /// @dev The set of the last handover to a generation up to `generation`, until a set frozen after it takes over.
    function _setFor(uint64 epoch, uint32 generation) internal view returns (bytes32 setHash, uint256 totalWeight) {
        EmergencyHandoverStorage storage $ = _storage();
        uint256 index = $.handovers.length;
        while (index != 0 && $.handovers[index - 1].generation > generation) --index;
        if (index == 0) return $.pool.setOf(epoch);
        Handover storage last = $.handovers[index - 1];
        uint256 frozen = $.pool.frozenSetCount();
        if (frozen > last.frozenSets && $.pool.frozenSetAt(last.frozenSets).epoch <= epoch) return $.pool.setOf(epoch);
        return (last.setHash, last.totalWeight);
    }

    /// @dev The pin that `generation` was begun on, while no batch has brought it to L1.
    function _unposted(uint32 generation) internal view returns (Pin memory) {
        EmergencyHandoverStorage storage $ = _storage();
        uint256 count = $.handovers.length;
        if (count == 0) return Pin(0, 0);
        Handover storage last = $.handovers[count - 1];
        return last.generation == generation && last.batchCount == $.inbox.batchCount() ? last.pin : Pin(0, 0);
    }

    /// @dev What attestations of `generation` are bound to; number 0: nothing.
    function _pinOf(uint32 generation) internal view returns (Pin memory) {
        Handover[] storage handovers = _storage().handovers;
        for (uint256 i = handovers.length; i != 0 && handovers[i - 1].generation >= generation; --i) {
            if (handovers[i - 1].generation == generation) return handovers[i - 1].pin;
        }
        return Pin(0, 0);
    }

    function _checkGeneration(uint32 given) internal view {
        uint32 generation = _storage().inbox.generation();
        if (given != generation) revert WrongGeneration(generation, given);
    }

    function _checkFresh(Heartbeat calldata beat) internal view {
        uint64 number = beat.l1BlockNumber;
        if (number >= block.number || number + HEARTBEAT_BLOCKS < block.number) revert StaleHeartbeat(number);
        bytes32 known = _storage().inbox.anchorHashAt(number);
        if (known != beat.l1BlockHash) revert WrongBlockHash(number, known, beat.l1BlockHash);
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", _storage().inbox.domainSeparator(), structHash));
    }

    /// @dev Reverts unless the present may take over from the rest now.
    function _requireCause(SetMember[] calldata members) internal view returns (Presence memory presence) {
        EmergencyHandoverStorage storage $ = _storage();
        (bytes32 expected,) = _setFor($.inbox.nextEpoch(), $.inbox.generation());
        bytes32 given = keccak256(abi.encode(members));
        if (given != expected) revert WrongSet(expected, given);
        presence = _presenceOf(members);
        (uint256 present, uint256 total, uint256 counted) =
            (presence.presentWeight, presence.totalWeight, presence.countedWeight);
        if (present * 3 > total * 2) revert EnoughPresent(present, total);
        if (present * 3 <= counted * 2) revert NotDecayed(present, counted);
        if (presence.seats < $.parameters.minSeats) revert TooFewSeats(presence.seats, $.parameters.minSeats);
    }

    function _presenceOf(SetMember[] calldata members) internal view returns (Presence memory presence) {
        HandoverParameters memory limits = _storage().parameters;
        uint256 ejectionBelow = _storage().systemConfig.stakingParameters().ejectionBelow;
        uint64 since = _silentSince();
        for (uint256 i = 0; i < members.length; ++i) {
            uint256 weight = members[i].weight;
            uint256 silence = _silenceOf(members[i].signer, since);
            presence.totalWeight += weight;
            presence.countedWeight += _counted(weight, silence, limits);
            if (silence >= limits.leakStart) continue;
            presence.presentWeight += weight;
            (uint256 seqId,) = _eligible(members[i].signer, ejectionBelow);
            if (seqId != 0) ++presence.seats;
        }
    }

    /// @dev Linear between leakStart and silenceLimit; rounded up, so that rounding never hastens a handover.
    function _counted(uint256 weight, uint256 silence, HandoverParameters memory limits)
        internal
        pure
        returns (uint256)
    {
        if (silence < limits.leakStart) return weight;
        if (silence >= limits.silenceLimit) return 0;
        uint256 span = limits.silenceLimit - limits.leakStart;
        return (weight * (limits.silenceLimit - silence) + span - 1) / span;
    }

    function _silenceOf(address signer, uint64 since) internal view returns (uint256) {
        return block.timestamp - _signOfLife(signer, since);
    }

    /// @dev Of a member, while no batch has come since `since`.
    function _signOfLife(address signer, uint64 since) internal view returns (uint64) {
        uint64 seen = _storage().lastSeen[signer];
        return seen > since ? seen : since;
    }

    /// @dev A seat that any set may count, and its weight now; 0 when there is none.
    function _eligible(address signer, uint256 ejectionBelow) internal view returns (uint256 seqId, uint256 weight) {
        ILockingPool pool = _storage().pool;
        seqId = pool.seqSigners(signer);
        Sequencer memory seat = pool.sequencers(seqId);
        if (seat.status != SeatStatus.Active || seat.amount < ejectionBelow || seat.jailedUntil != 0) return (0, 0);
        weight = pool.weightOf(seqId);
    }

    /// @dev The present members that may take part, as a set: weights of now, capped, sorted by signer.
    function _presentSet(SetMember[] calldata members)
        internal
        view
        returns (SetMember[] memory list, uint256 totalWeight)
    {
        HandoverParameters memory limits = _storage().parameters;
        StakingParameters memory staking = _storage().systemConfig.stakingParameters();
        uint64 since = _silentSince();
        uint256[] memory keys = new uint256[](members.length);
        uint256 count;
        for (uint256 i = 0; i < members.length; ++i) {
            if (_silenceOf(members[i].signer, since) >= limits.leakStart) continue;
            (uint256 seqId, uint256 weight) = _eligible(members[i].signer, staking.ejectionBelow);
            // The position tells seats of one weight apart, as the id does where sets are frozen.
            if (seqId != 0) keys[count++] = SeatWeights.keyOf(weight, uint64(i));
        }
        assembly {
            mstore(keys, count)
        }
        SeatWeights.select(keys, staking.maxSeats);
        address[] memory signers = new address[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            signers[i] = members[SeatWeights.seqIdOf(keys[i])].signer;
        }
        return SeatWeights.members(signers, SeatWeights.weightsOf(keys));
    }

    /// @dev Raises the generation and stores whose it is.
    function _begin(SetMember[] memory list, uint256 totalWeight) internal returns (Handover memory begun) {
        EmergencyHandoverStorage storage $ = _storage();
        begun = Handover({
            generation: $.inbox.generation() + 1,
            epoch: $.inbox.nextEpoch(),
            handedOverAt: uint64(block.timestamp),
            blockNumber: uint64(block.number),
            frozenSets: uint64($.pool.frozenSetCount()),
            batchCount: $.inbox.batchCount(),
            setHash: keccak256(abi.encode(list)),
            totalWeight: totalWeight,
            pin: $.pinned
        });
        $.handovers.push(begun);
        $.inbox.raiseGeneration();
    }

    /// @dev Jails the silent, so that no set counts them until their owners say that they are back.
    /// @param since what silence was counted from before the handover
    function _leaveOut(SetMember[] calldata members, uint64 since, uint32 generation) internal {
        EmergencyHandoverStorage storage $ = _storage();
        for (uint256 i = 0; i < members.length; ++i) {
            address signer = members[i].signer;
            uint64 silentFrom = _signOfLife(signer, since);
            if (block.timestamp - silentFrom < $.parameters.leakStart) continue;
            uint256 seqId = $.pool.seqSigners(signer);
            if ($.pool.stakeOf(seqId).status != SeatStatus.Active) continue;
            $.leftOutSince[signer] = silentFrom;
            $.slashingManager.punish(seqId, Offence.Silence, 0, 0, true, msg.sender);
            emit LeftOut(generation, signer, silentFrom);
        }
    }

    /// @dev First field of an L2 header: behind the list's prefix (0xf9 and two bytes of length) and its own (0xa0).
    function _parentHash(bytes calldata header) internal pure returns (bytes32) {
        return bytes32(header[4:36]);
    }

    function _setParameters(HandoverParameters calldata given) internal {
        EmergencyHandoverStorage storage $ = _storage();
        bool devnet = $.systemConfig.DEVNET();
        _bound("leakStart", given.leakStart, devnet ? 5 : 30 minutes, 1 days);
        _bound("silenceLimit", given.silenceLimit, devnet ? 10 : 1 hours, 3 days);
        _bound("minSeats", given.minSeats, devnet ? 1 : 2, 64);
        _checkRelations(given);
        $.parameters = given;
        emit ParametersChanged(given);
    }

    function _checkRelations(HandoverParameters memory given) internal view {
        EmergencyHandoverStorage storage $ = _storage();
        ChainRules memory rules = $.systemConfig.chainRules();
        Parameters memory windows = $.systemConfig.parameters();
        _relation("heartbeat+maxBatchAge<leakStart", uint256(rules.heartbeat) + rules.maxBatchAge < given.leakStart);
        _relation("leakStart<silenceLimit", given.leakStart < given.silenceLimit);
        _relation("silenceLimit+pin<escapeDelay", uint256(given.silenceLimit) + windows.pinWindow < windows.escapeDelay);
        _relation("silenceLimit<exitDelay", given.silenceLimit < $.systemConfig.stakingParameters().exitDelay);
    }

    function _bound(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) revert OutOfBounds(name, value, minimum, maximum);
    }

    function _relation(bytes32 name, bool holds) private pure {
        if (!holds) revert RelationBroken(name);
    }

    function _storage() internal pure returns (EmergencyHandoverStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
