// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IBatchInbox} from "../interfaces/IBatchInbox.sol";
import {ILockingInfo} from "../interfaces/ILockingInfo.sol";
import {ILockingPool, InitialSeat, SlashedStake} from "../interfaces/ILockingPool.sol";
import {IStateClaims} from "../interfaces/IStateClaims.sol";
import {ISystemConfig, L1Addresses, StakingParameters} from "../interfaces/ISystemConfig.sol";
import {EpochSets} from "../libraries/EpochSets.sol";
import {SignerProofs} from "../libraries/SignerProofs.sol";
import {SetMember} from "../types/Certificate.sol";
import {ChainRules} from "../types/ChainConfig.sol";
import {Seat, SeatStatus} from "../types/Seat.sol";
import {LockingPoolQueue} from "./LockingPoolQueue.sol";

/// @title LockingPool
/// @notice Seats, their stake and the sets of the epochs. The METIS lies in LockingInfo.
/// @dev Invariants: LockingInfo holds at least the own, delegated and exiting stake of all seats; exits start in the order
///      in which they were queued; a frozen set never changes; a key belongs to one seat for ever.
contract LockingPool is LockingPoolQueue, Initializable {
    using EpochSets for EpochSets.History;

    constructor() {
        _disableInitializers();
    }

    /// @notice Takes the stakes of the first seats from `payer`, who has approved them to LockingInfo, and fixes the set of
    ///         epochs 0 and 1. SystemConfig must be initialised before.
    /// @param permissionless_ whether anyone may take a seat from the start
    function initialize(ISystemConfig systemConfig, address payer, InitialSeat[] calldata seats, bool permissionless_)
        external
        initializer
    {
        if (seats.length == 0) revert NoInitialSeats();
        L1Addresses memory addresses = systemConfig.addresses();
        ChainRules memory rules = systemConfig.chainRules();
        LockingPoolStorage storage $ = _storage();
        $.systemConfig = systemConfig;
        $.genesisAnchorNumber = rules.genesisAnchorNumber;
        $.epochLength = rules.epochLength;
        $.lockingInfo = ILockingInfo(addresses.lockingInfo);
        $.inbox = IBatchInbox(addresses.batchInbox);
        $.stateClaims = IStateClaims(addresses.stateClaims);
        $.slashingManager = addresses.slashingManager;
        $.delegation = addresses.delegation;
        if (permissionless_) _openAdmission();
        for (uint256 i = 0; i < seats.length; ++i) {
            InitialSeat calldata seat = seats[i];
            address signer = SignerProofs.addressOf(seat.signerPublicKey);
            _setWhitelist(seat.owner, true);
            _lock(payer, seat.owner, signer, seat.rewardRecipient, seat.amount, seat.signerPublicKey, seat.proof);
        }
        _freeze(0);
    }

    /// @inheritdoc ILockingPool
    function lockFor(address signer, uint256 amount, bytes calldata signerPublicKey, bytes calldata proof)
        external
        returns (uint256 seqId)
    {
        return _lockForCaller(signer, msg.sender, amount, signerPublicKey, proof);
    }

    /// @inheritdoc ILockingPool
    function lockWithRewardRecipient(
        address signer,
        address rewardRecipient,
        uint256 amount,
        bytes calldata signerPublicKey,
        bytes calldata proof
    ) external returns (uint256 seqId) {
        return _lockForCaller(signer, rewardRecipient, amount, signerPublicKey, proof);
    }

    /// @inheritdoc ILockingPool
    function relock(uint256 seqId, uint256 amount) external {
        Seat storage seat = _ownActiveSeat(seqId);
        StakingParameters memory parameters = _parameters();
        if (amount == 0) revert WrongAmount(amount, parameters.maxLock);
        uint256 locked = seat.amount + amount;
        if (locked > parameters.maxLock) revert AmountOutOfBounds(locked, parameters.minLock, parameters.maxLock);
        seat.amount = uint96(locked);
        uint64 nonce = ++seat.nonce;
        if (seat.linePosition == 0) _joinLine(seqId, seat, parameters.maxLock);
        _storage().lockingInfo.increaseLocked(msg.sender, seqId, nonce, amount, locked);
    }

    /// @inheritdoc ILockingPool
    function unlock(uint256 seqId, uint256 amount) external returns (uint256 exitId) {
        Seat storage seat = _ownActiveSeat(seqId);
        if (amount == 0 || amount > seat.amount) revert WrongAmount(amount, seat.amount);
        uint256 left = seat.amount - amount;
        StakingParameters memory parameters = _parameters();
        if (left != 0 && left < parameters.minLock) revert TooLittleLeft(left, parameters.minLock);
        return _unlock(seqId, seat, amount, parameters.exitDelay);
    }

    /// @inheritdoc ILockingPool
    function eject(uint256 seqId) external returns (uint256 exitId) {
        Seat storage seat = _activeSeat(seqId);
        StakingParameters memory parameters = _parameters();
        uint256 amount = seat.amount;
        if (amount >= parameters.ejectionBelow) revert NotBelowEjection(seqId, amount, parameters.ejectionBelow);
        emit Ejected(seqId, amount);
        return _unlock(seqId, seat, amount, parameters.exitDelay);
    }

    /// @inheritdoc ILockingPool
    function updateSigner(uint256 seqId, address signer, bytes calldata signerPublicKey, bytes calldata proof)
        external
    {
        LockingPoolStorage storage $ = _storage();
        Seat storage seat = _ownActiveSeat(seqId);
        if (seat.signerChangedAt == $.history.count()) revert SignerChangedAlready(seqId);
        address old = seat.signer;
        _setSigner(seqId, seat, signer, signerPublicKey, proof);
        $.lockingInfo.logSignerChange(seqId, ++seat.nonce, old, signer, signerPublicKey);
    }

    /// @inheritdoc ILockingPool
    function setSequencerRewardRecipient(uint256 seqId, address recipient) external {
        Seat storage seat = _ownActiveSeat(seqId);
        if (recipient == address(0)) revert NullAddress();
        seat.rewardRecipient = recipient;
        emit SequencerRewardRecipientChanged(seqId, recipient);
    }

    /// @inheritdoc ILockingPool
    function freeze(uint64 epoch) external {
        if (epoch < FIRST_FROZEN_EPOCH || epoch <= _storage().history.last().epoch) revert AlreadyFrozen(epoch);
        (uint64 firstBlock, uint64 lastBlock) = _windowOf(epoch);
        if (block.number < firstBlock) revert FreezeTooEarly(epoch, firstBlock);
        if (block.number > lastBlock) revert FreezeTooLate(epoch, lastBlock);
        _freeze(epoch);
    }

    /// @inheritdoc ILockingPool
    function setWhitelist(address user, bool yes) external {
        _onlySystemOwner();
        _setWhitelist(user, yes);
    }

    /// @inheritdoc ILockingPool
    function openAdmission() external {
        _onlySystemOwner();
        if (_storage().permissionless) revert AlreadyPermissionless();
        _openAdmission();
    }

    /// @inheritdoc ILockingPool
    function slash(uint256 seqId, uint256 fraction) external returns (SlashedStake memory taken) {
        _onlySlashingManager();
        if (fraction > WHOLE) revert WrongFraction(fraction);
        LockingPoolStorage storage $ = _storage();
        Seat storage seat = $.seats[seqId];
        if (seat.status == SeatStatus.Unavailable) revert SeqNotActive(seqId, seat.status);
        taken.owner = seat.owner;
        taken.own = uint96(seat.amount * fraction / WHOLE);
        taken.delegated = uint96(seat.delegated * fraction / WHOLE);
        taken.exiting = uint96(seat.exiting * fraction / WHOLE);
        taken.number = ++seat.slashes;
        taken.indexBefore = seat.slashIndex;
        taken.indexAfter = uint128(uint256(seat.slashIndex) * (WHOLE - fraction) / WHOLE);
        seat.amount -= taken.own;
        seat.delegated -= taken.delegated;
        seat.exiting -= taken.exiting;
        seat.slashIndex = taken.indexAfter;
        uint64 nonce = ++seat.nonce;
        if (fraction == WHOLE) {
            seat.status = SeatStatus.Tombstoned;
            _leaveLine(seqId, seat);
            emit Tombstoned(seqId);
        }
        $.lockingInfo.slash(seqId, nonce, uint256(taken.own) + taken.delegated + taken.exiting, seat.amount);
    }

    /// @inheritdoc ILockingPool
    function jail(uint256 seqId, uint64 until) external {
        _onlySlashingManager();
        Seat storage seat = _activeSeat(seqId);
        if (until > seat.jailedUntil) seat.jailedUntil = until;
        emit Jailed(seqId, seat.jailedUntil);
    }

    /// @inheritdoc ILockingPool
    function unjail(uint256 seqId) external {
        Seat storage seat = _ownActiveSeat(seqId);
        uint64 until = seat.jailedUntil;
        if (until == 0) revert NotJailed(seqId);
        if (block.timestamp < until) revert StillJailed(seqId, until);
        seat.jailedUntil = 0;
        emit Unjailed(seqId);
    }

    function _lockForCaller(
        address signer,
        address rewardRecipient,
        uint256 amount,
        bytes calldata signerPublicKey,
        bytes calldata proof
    ) private returns (uint256 seqId) {
        LockingPoolStorage storage $ = _storage();
        if (!$.permissionless && !$.whitelist[msg.sender]) revert NotWhitelisted(msg.sender);
        return _lock(msg.sender, msg.sender, signer, rewardRecipient, amount, signerPublicKey, proof);
    }

    function _lock(
        address payer,
        address owner,
        address signer,
        address rewardRecipient,
        uint256 amount,
        bytes calldata signerPublicKey,
        bytes calldata proof
    ) private returns (uint64 seqId) {
        LockingPoolStorage storage $ = _storage();
        StakingParameters memory parameters = _parameters();
        if (owner == address(0) || rewardRecipient == address(0)) revert NullAddress();
        if ($.seqOwners[owner] != 0) revert OwnedSequencer($.seqOwners[owner]);
        if (amount < parameters.minLock || amount > parameters.maxLock) {
            revert AmountOutOfBounds(amount, parameters.minLock, parameters.maxLock);
        }
        seqId = ++$.totalSequencers;
        Seat storage seat = $.seats[seqId];
        seat.owner = owner;
        seat.nonce = 1;
        seat.status = SeatStatus.Active;
        seat.amount = uint96(amount);
        seat.rewardRecipient = rewardRecipient;
        seat.slashIndex = SLASH_UNIT;
        $.seqOwners[owner] = seqId;
        _setSigner(seqId, seat, signer, signerPublicKey, proof);
        _joinLine(seqId, seat, parameters.maxLock);
        emit SequencerOwnerChanged(seqId, owner);
        emit SequencerRewardRecipientChanged(seqId, rewardRecipient);
        $.lockingInfo.newSequencer(payer, seqId, signer, 1, _activationEpoch(), amount, signerPublicKey);
    }

    /// @dev A key is taken once and for ever, so that whatever it has signed points to one seat.
    function _setSigner(
        uint256 seqId,
        Seat storage seat,
        address signer,
        bytes calldata signerPublicKey,
        bytes calldata proof
    ) private {
        LockingPoolStorage storage $ = _storage();
        address proven = SignerProofs.check(seat.owner, signerPublicKey, proof);
        if (proven != signer) revert WrongPublicKey(signer, proven);
        if ($.seqSigners[signer] != 0) revert SignerExisted(signer, $.seqSigners[signer]);
        $.seqSigners[signer] = uint64(seqId);
        seat.signer = signer;
        seat.signerChangedAt = $.history.count();
        seat.publicKeyX = bytes32(signerPublicKey[:32]);
        seat.publicKeyY = bytes32(signerPublicKey[32:]);
    }

    /// @dev Takes `amount` of the own stake out of what the next set counts; with nothing left the seat is over and its
    ///      owner free.
    function _unlock(uint256 seqId, Seat storage seat, uint256 amount, uint256 exitDelay)
        private
        returns (uint64 exitId)
    {
        address owner = seat.owner;
        uint256 left = seat.amount - amount;
        seat.amount = uint96(left);
        exitId = _queueExit(seqId, seat, owner, amount, seat.lastExit);
        seat.lastExit = exitId;
        if (left == 0) {
            seat.status = SeatStatus.Inactive;
            delete _storage().seqOwners[owner];
            _leaveLine(seqId, seat);
        }
        _logExit(seqId, seat, owner, exitId, amount, exitDelay);
    }

    /// @dev When the line is full, the lightest seat makes place for one that is heavier. It keeps its stake and all
    ///      rights, and joins again by `relock`. So the line cannot be blocked by seats that are too light to matter.
    function _joinLine(uint256 seqId, Seat storage seat, uint256 maxLock) private {
        LockingPoolStorage storage $ = _storage();
        if ($.line.length == MAX_LINE) {
            uint64 lightest = $.line[0];
            uint256 least = _weight($.seats[lightest], maxLock);
            for (uint256 i = 1; i < MAX_LINE; ++i) {
                uint64 candidate = $.line[i];
                uint256 weight = _weight($.seats[candidate], maxLock);
                if (weight < least) (lightest, least) = (candidate, weight);
            }
            if (_weight(seat, maxLock) <= least) revert LineFull(least);
            _leaveLine(lightest, $.seats[lightest]);
        }
        $.line.push(uint64(seqId));
        seat.linePosition = uint32($.line.length);
        emit LineJoined(seqId);
    }

    function _leaveLine(uint256 seqId, Seat storage seat) private {
        uint32 position = seat.linePosition;
        if (position == 0) return;
        LockingPoolStorage storage $ = _storage();
        uint64 last = $.line[$.line.length - 1];
        $.line[position - 1] = last;
        $.seats[last].linePosition = position;
        $.line.pop();
        seat.linePosition = 0;
        emit LineLeft(seqId);
    }

    function _freeze(uint64 epoch) private {
        (SetMember[] memory members, uint256 totalWeight) = _nextSet();
        if (members.length == 0) revert EmptySet();
        bytes32 setHash = keccak256(abi.encode(members));
        _storage().history.push(epoch, setHash, totalWeight);
        emit EpochFrozen(epoch, setHash, totalWeight, members);
    }

    function _setWhitelist(address user, bool yes) private {
        _storage().whitelist[user] = yes;
        emit SetWhitelist(user, yes);
    }

    function _openAdmission() private {
        _storage().permissionless = true;
        emit AdmissionOpened();
    }

    /// @dev The first epoch that a seat taken now may serve.
    function _activationEpoch() private view returns (uint64 epoch) {
        if (_storage().history.count() == 0) return 0;
        (epoch,,) = _freezeWindow();
    }

    function _ownActiveSeat(uint256 seqId) private view returns (Seat storage seat) {
        seat = _activeSeat(seqId);
        if (seat.owner != msg.sender) revert NotSeqOwner(seqId, msg.sender);
    }

    function _onlySlashingManager() private view {
        if (msg.sender != _storage().slashingManager) revert NotSlashingManager(msg.sender);
    }

    function _onlySystemOwner() private view {
        if (msg.sender != Ownable(address(_storage().systemConfig)).owner()) revert NotSystemOwner(msg.sender);
    }
}
