// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IBatchInbox} from "../interfaces/IBatchInbox.sol";
import {IDelegation} from "../interfaces/IDelegation.sol";
import {IEmissionReserve} from "../interfaces/IEmissionReserve.sol";
import {ILockingPool, SlashedStake} from "../interfaces/ILockingPool.sol";
import {ISlashingManager, Offence, Slash, SlashStatus} from "../interfaces/ISlashingManager.sol";
import {IStateClaims} from "../interfaces/IStateClaims.sol";
import {ISystemConfig, StakingParameters} from "../interfaces/ISystemConfig.sol";

/// @title SlashingEscrow
/// @notice What becomes of slashed METIS: the reporter's share at once, the rest after a time in which the council may
///         give it back to those it was taken from.
/// @dev Invariant: it holds at least all credits, all pending slashes and what of refunds is not claimed.
abstract contract SlashingEscrow is ISlashingManager {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:metis.storage.SlashingManager
    struct SlashingManagerStorage {
        ISystemConfig systemConfig;
        ILockingPool pool;
        IBatchInbox inbox;
        IERC20 token;
        address council;
        address insuranceFund;
        uint256 totalSlashes;
        mapping(uint256 slashId => Slash) slashes;
        mapping(bytes32 evidenceId => bool) evidenceUsed;
        mapping(address account => uint256) credits;
        IDelegation delegation;
        /// by slash and who, or which exit
        mapping(uint256 slashId => mapping(uint256 claimant => bool)) refundClaimed;
        IStateClaims stateClaims;
        IEmissionReserve reserve;
        address disputes;
        address handover;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.SlashingManager")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0xcdbb8d5ed7ceec930ecead8f29a9d70456220aa87cbeb8e230514fafdd339900;

    uint256 internal constant WHOLE = 1e18;
    uint256 private constant BASIS_POINTS = 10_000;
    /// @dev METIS has no function that burns; nobody has this address's key.
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;

    /// @inheritdoc ISlashingManager
    function refund(uint256 slashId) external {
        SlashingManagerStorage storage $ = _storage();
        if (msg.sender != $.council) revert NotCouncil(msg.sender);
        Slash storage slash = _pending(slashId);
        if (block.timestamp >= slash.releaseAt) revert RefundTooLate(slashId, slash.releaseAt);
        slash.status = SlashStatus.Refunded;
        uint256 own = _refundOf(slash, slash.own);
        slash.leftForExits = uint96(_refundOf(slash, slash.exiting));
        $.credits[slash.owner] += own;
        emit SlashRefunded(slashId, slash.owner, own);
    }

    /// @inheritdoc ISlashingManager
    function claimDelegatorRefund(uint256 slashId, address delegator) external returns (uint256 amount) {
        Slash storage slash = _refunded(slashId, uint160(delegator));
        (uint256 shares, uint256 total) = _storage().delegation.sharesBefore(slash.seqId, delegator, slash.number);
        if (total != 0) amount = _refundOf(slash, slash.delegated) * shares / total;
        _creditRefund(slashId, delegator, amount);
    }

    /// @inheritdoc ISlashingManager
    function claimExitRefund(uint256 slashId, uint256 exitId) external returns (uint256 amount) {
        // An exit's number is far below any address that somebody could have.
        Slash storage slash = _refunded(slashId, exitId);
        (address owner, uint256 loss) = _storage().pool.lossOf(exitId, slash.seqId, slash.indexBefore, slash.indexAfter);
        amount = _refundOf(slash, loss);
        // Each exit's loss is rounded on its own.
        if (amount > slash.leftForExits) amount = slash.leftForExits;
        slash.leftForExits -= uint96(amount);
        _creditRefund(slashId, owner, amount);
    }

    /// @inheritdoc ISlashingManager
    function release(uint256 slashId) external {
        SlashingManagerStorage storage $ = _storage();
        Slash storage slash = _pending(slashId);
        if (block.timestamp < slash.releaseAt) revert ReleaseTooEarly(slashId, slash.releaseAt);
        slash.status = SlashStatus.Released;
        address sink = $.insuranceFund == address(0) ? BURN : $.insuranceFund;
        emit SlashReleased(slashId, sink, slash.amount);
        $.token.safeTransfer(sink, slash.amount);
    }

    /// @inheritdoc ISlashingManager
    function withdraw() external {
        SlashingManagerStorage storage $ = _storage();
        uint256 amount = $.credits[msg.sender];
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        $.credits[msg.sender] = 0;
        emit Withdrawn(msg.sender, amount);
        $.token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc ISlashingManager
    function setCouncil(address council_) external {
        _onlySystemOwner();
        _setCouncil(council_);
    }

    /// @inheritdoc ISlashingManager
    function setInsuranceFund(address insuranceFund_) external {
        _onlySystemOwner();
        _setInsuranceFund(insuranceFund_);
    }

    /// @inheritdoc ISlashingManager
    function council() external view returns (address) {
        return _storage().council;
    }

    /// @inheritdoc ISlashingManager
    function insuranceFund() external view returns (address) {
        return _storage().insuranceFund;
    }

    /// @inheritdoc ISlashingManager
    function totalSlashes() external view returns (uint256) {
        return _storage().totalSlashes;
    }

    /// @inheritdoc ISlashingManager
    function slashOf(uint256 slashId) external view returns (Slash memory) {
        return _storage().slashes[slashId];
    }

    /// @inheritdoc ISlashingManager
    function credits(address account) external view returns (uint256) {
        return _storage().credits[account];
    }

    /// @inheritdoc ISlashingManager
    function evidenceUsed(bytes32 evidenceId) external view returns (bool) {
        return _storage().evidenceUsed[evidenceId];
    }

    /// @dev Evidence counts once.
    function _use(bytes32 evidenceId) internal {
        SlashingManagerStorage storage $ = _storage();
        if ($.evidenceUsed[evidenceId]) revert EvidenceUsed(evidenceId);
        $.evidenceUsed[evidenceId] = true;
    }

    /// @dev Every offence ends here.
    function _slash(uint256 seqId, Offence offence, bytes32 evidenceId, uint256 fraction, address reporter)
        internal
        returns (uint256 slashId)
    {
        SlashingManagerStorage storage $ = _storage();
        _use(evidenceId);
        SlashedStake memory taken = $.pool.slash(seqId, fraction);
        uint256 amount = uint256(taken.own) + taken.delegated + taken.exiting;
        if (amount == 0) revert NothingToSlash(seqId);

        StakingParameters memory parameters = $.systemConfig.stakingParameters();
        uint256 reward = amount * parameters.reporterShare / BASIS_POINTS;
        uint64 releaseAt = uint64(block.timestamp) + parameters.slashEscrow;
        slashId = ++$.totalSlashes;
        $.slashes[slashId] = Slash({
            seqId: uint64(seqId),
            offence: offence,
            status: SlashStatus.Pending,
            releaseAt: releaseAt,
            owner: taken.owner,
            amount: amount - reward,
            own: taken.own,
            delegated: taken.delegated,
            exiting: taken.exiting,
            number: taken.number,
            leftForExits: 0,
            indexBefore: taken.indexBefore,
            indexAfter: taken.indexAfter
        });
        $.credits[reporter] += reward;
        emit SeatSlashed(slashId, seqId, offence, evidenceId, reporter, reward, amount - reward, releaseAt);
    }

    /// @dev A refunded slash of which `claimant` has had nothing yet, and is not to have it again.
    function _refunded(uint256 slashId, uint256 claimant) private returns (Slash storage slash) {
        SlashingManagerStorage storage $ = _storage();
        slash = $.slashes[slashId];
        if (slash.status != SlashStatus.Refunded) revert NotRefunded(slashId, slash.status);
        if ($.refundClaimed[slashId][claimant]) revert NothingToRefund(slashId);
        $.refundClaimed[slashId][claimant] = true;
    }

    function _creditRefund(uint256 slashId, address account, uint256 amount) private {
        if (amount == 0) revert NothingToRefund(slashId);
        _storage().credits[account] += amount;
        emit RefundClaimed(slashId, account, amount);
    }

    /// @dev What is left of `part` of a slash after the reporter's share, rounded down.
    function _refundOf(Slash storage slash, uint256 part) private view returns (uint256) {
        return slash.amount * part / (uint256(slash.own) + slash.delegated + slash.exiting);
    }

    function _pending(uint256 slashId) private view returns (Slash storage slash) {
        slash = _storage().slashes[slashId];
        if (slash.status != SlashStatus.Pending) revert NotPending(slashId, slash.status);
    }

    function _setCouncil(address council_) internal {
        if (council_ == address(0)) revert NullAddress();
        _storage().council = council_;
        emit CouncilChanged(council_);
    }

    function _setInsuranceFund(address insuranceFund_) internal {
        _storage().insuranceFund = insuranceFund_;
        emit InsuranceFundChanged(insuranceFund_);
    }

    function _onlySystemOwner() internal view {
        if (msg.sender != Ownable(address(_storage().systemConfig)).owner()) revert NotSystemOwner(msg.sender);
    }

    function _storage() internal pure returns (SlashingManagerStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
