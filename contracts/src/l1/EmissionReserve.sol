// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {CrossDomainMessenger} from "../bridge/CrossDomainMessenger.sol";
import {IDelegation} from "../interfaces/IDelegation.sol";
import {IEmissionReserve, RewardParameters} from "../interfaces/IEmissionReserve.sol";
import {ILockingPool} from "../interfaces/ILockingPool.sol";
import {IPosterVault} from "../interfaces/IPosterVault.sol";
import {ISystemConfig, L1Addresses} from "../interfaces/ISystemConfig.sol";
import {Attendance} from "../libraries/Attendance.sol";
import {Predeploys} from "../libraries/Predeploys.sol";
import {SetMember} from "../types/Certificate.sol";
import {EpochRevenue} from "../types/EpochRevenue.sol";
import {SeatStatus} from "../types/Seat.sol";

/// @title EmissionReserve
/// @notice Holds the METIS that staking is paid from, and L2's fees until their epoch is paid. Both leave as payment of
///         epochs alone, by what L2's state says that the members did; nobody can take them out or say another number.
/// @dev Invariants: an epoch is paid once; what it pays is at most its fees and its reward, the cap and what is here
///      beside the fees of other epochs.
contract EmissionReserve is IEmissionReserve, Initializable {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:metis.storage.EmissionReserve
    struct EmissionReserveStorage {
        ISystemConfig systemConfig;
        /// seconds of an epoch
        uint64 epochTime;
        ILockingPool pool;
        IDelegation delegation;
        CrossDomainMessenger messenger;
        IERC20 token;
        RewardParameters parameters;
        mapping(uint64 epoch => bytes32) attendances;
        mapping(uint64 epoch => bool) distributed;
        IPosterVault posterVault;
        /// METIS wei: those of every epoch that is not distributed
        uint256 feesHeld;
        mapping(uint64 epoch => uint256) fees;
    }

    /// @dev What an epoch pays, and by what it is divided.
    struct Worth {
        uint256 reward;
        uint256 fees;
        uint256 totalWeight;
        uint256 blocks;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.EmissionReserve")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0x5bd4049c4cd81c050da5e4c6e561347ee73da669d76f74024480673700119c00;

    uint256 private constant METIS = 1e18;
    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant YEAR = 365 days;
    uint256 private constant MAX_BLOCK_TIME = 60;

    constructor() {
        _disableInitializers();
    }

    /// @param systemConfig must be initialised before
    /// @param l1BlockTime seconds between two blocks of L1, for ever
    function initialize(ISystemConfig systemConfig, uint256 l1BlockTime, RewardParameters calldata parameters_)
        external
        initializer
    {
        _bound("l1BlockTime", l1BlockTime, 1, MAX_BLOCK_TIME);
        L1Addresses memory addresses = systemConfig.addresses();
        EmissionReserveStorage storage $ = _storage();
        $.systemConfig = systemConfig;
        $.epochTime = uint64(l1BlockTime * systemConfig.chainRules().epochLength);
        $.pool = ILockingPool(addresses.lockingPool);
        $.delegation = IDelegation(addresses.delegation);
        $.messenger = CrossDomainMessenger(addresses.l1Messenger);
        $.token = IERC20(addresses.metisToken);
        $.posterVault = IPosterVault(addresses.posterVault);
        _setParameters(parameters_);
    }

    /// @inheritdoc IEmissionReserve
    function receiveAttendance(uint64 epoch, uint64 blocks, uint256[] calldata words, EpochRevenue calldata revenue)
        external
    {
        EmissionReserveStorage storage $ = _storage();
        if (msg.sender != address($.messenger)) revert NotSequencerSet(msg.sender);
        address sender = $.messenger.xDomainMessageSender();
        if (sender != Predeploys.METIS_SEQUENCER_SET) revert NotSequencerSet(sender);
        if ($.attendances[epoch] != 0) revert AttendanceKnown(epoch);
        $.attendances[epoch] = keccak256(abi.encode(blocks, words));
        emit AttendanceReceived(epoch, blocks, words);
        _takeRevenue(epoch, revenue);
    }

    /// @inheritdoc IEmissionReserve
    function distribute(uint64 epoch, SetMember[] calldata members, uint64 blocks, uint256[] calldata words) external {
        EmissionReserveStorage storage $ = _storage();
        if (keccak256(abi.encode(blocks, words)) != $.attendances[epoch]) revert WrongAttendance(epoch);
        if ($.distributed[epoch]) revert AlreadyDistributed(epoch);
        $.distributed[epoch] = true;
        uint256 totalWeight = _checkSet(epoch, members);
        Worth memory worth = Worth(_rewardOf(totalWeight), _releaseFees(epoch), totalWeight, blocks);
        uint256 paid = _pay(epoch, members, words, worth);
        emit EpochDistributed(epoch, worth.reward, worth.fees, paid);
        if (paid != 0) $.token.safeTransfer(address($.delegation), paid);
    }

    /// @inheritdoc IEmissionReserve
    function setParameters(RewardParameters calldata parameters_) external {
        if (msg.sender != Ownable(address(_storage().systemConfig)).owner()) revert NotSystemOwner(msg.sender);
        _setParameters(parameters_);
    }

    /// @inheritdoc IEmissionReserve
    function parameters() external view returns (RewardParameters memory) {
        return _storage().parameters;
    }

    /// @inheritdoc IEmissionReserve
    function rewardOf(uint256 totalWeight) external view returns (uint256) {
        return _rewardOf(totalWeight);
    }

    /// @inheritdoc IEmissionReserve
    function attendanceHashOf(uint64 epoch) external view returns (bytes32) {
        return _storage().attendances[epoch];
    }

    /// @inheritdoc IEmissionReserve
    function feesOf(uint64 epoch) external view returns (uint256) {
        return _storage().fees[epoch];
    }

    /// @inheritdoc IEmissionReserve
    function feesHeld() external view returns (uint256) {
        return _storage().feesHeld;
    }

    /// @inheritdoc IEmissionReserve
    function distributed(uint64 epoch) external view returns (bool) {
        return _storage().distributed[epoch];
    }

    /// @dev The METIS is here: the messenger moves it with the call, or neither.
    function _takeRevenue(uint64 epoch, EpochRevenue calldata revenue) private {
        EmissionReserveStorage storage $ = _storage();
        emit RevenueReceived(epoch, revenue);
        $.fees[epoch] = revenue.fees;
        $.feesHeld += revenue.fees;
        if (revenue.l1Fees != 0) $.token.safeTransfer(address($.posterVault), revenue.l1Fees);
        $.posterVault.settle(epoch, revenue.rate);
    }

    /// @dev What of them nobody earns is the reserve's from here on.
    function _releaseFees(uint64 epoch) private returns (uint256 fees) {
        EmissionReserveStorage storage $ = _storage();
        fees = $.fees[epoch];
        $.feesHeld -= fees;
        delete $.fees[epoch];
    }

    function _checkSet(uint64 epoch, SetMember[] calldata members) private view returns (uint256 totalWeight) {
        bytes32 setHash;
        (setHash, totalWeight) = _storage().pool.setOf(epoch);
        bytes32 given = keccak256(abi.encode(members));
        if (setHash != given) revert WrongSet(setHash, given);
    }

    function _pay(uint64 epoch, SetMember[] calldata members, uint256[] calldata words, Worth memory worth)
        private
        returns (uint256 paid)
    {
        EmissionReserveStorage storage $ = _storage();
        uint256[] memory seqIds = new uint256[](members.length);
        uint256[] memory rewards = new uint256[](members.length);
        for (uint256 i = 0; i < members.length; ++i) {
            seqIds[i] = $.pool.seqSigners(members[i].signer);
            if ($.pool.stakeOf(seqIds[i]).status == SeatStatus.Tombstoned) continue;
            (uint256 reward, uint256 fees) = _earnedBy(i, members[i].weight, words, worth);
            rewards[i] = reward + fees;
            paid += rewards[i];
            if (rewards[i] != 0) emit SeatPaid(epoch, seqIds[i], reward, fees);
        }
        $.delegation.creditRewards(epoch, seqIds, rewards);
    }

    /// @dev Proposing is paid by the blocks, attesting by blocks and weight; both parts together are at most the reward.
    ///      Who was away for more than half of the epoch earns nothing by it.
    function _earnedBy(uint256 index, uint256 weight, uint256[] calldata words, Worth memory worth)
        private
        view
        returns (uint256 reward, uint256 fees)
    {
        (uint256 proposed, uint256 attested) = Attendance.countOf(words, index);
        if (attested * 2 < worth.blocks || worth.blocks == 0) return (0, 0);
        (proposed, attested) = (proposed * worth.totalWeight, attested * weight);
        uint256 whole = BASIS_POINTS * worth.blocks * worth.totalWeight;
        RewardParameters storage terms = _storage().parameters;
        reward = worth.reward * _points(terms.proposerShare, proposed, attested) / whole;
        fees = worth.fees * _points(terms.feeProposerShare, proposed, attested) / whole;
    }

    function _points(uint256 share, uint256 proposed, uint256 attested) private pure returns (uint256) {
        return share * proposed + (BASIS_POINTS - share) * attested;
    }

    function _rewardOf(uint256 totalWeight) private view returns (uint256 reward) {
        EmissionReserveStorage storage $ = _storage();
        reward = totalWeight * $.parameters.rate * $.epochTime / (BASIS_POINTS * YEAR);
        if (reward > $.parameters.epochCap) reward = $.parameters.epochCap;
        uint256 held = $.token.balanceOf(address(this)) - $.feesHeld;
        if (reward > held) reward = held;
    }

    function _setParameters(RewardParameters calldata given) private {
        _bound("epochCap", given.epochCap, 0, 100_000 * METIS);
        _bound("rate", given.rate, 0, BASIS_POINTS / 5);
        _bound("proposerShare", given.proposerShare, 0, BASIS_POINTS);
        // Neither the leaders nor the committee can be left without a part of the fees.
        _bound("feeProposerShare", given.feeProposerShare, 1_000, 9_000);
        _storage().parameters = given;
        emit ParametersChanged(given);
    }

    function _bound(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) revert OutOfBounds(name, value, minimum, maximum);
    }

    function _storage() private pure returns (EmissionReserveStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
