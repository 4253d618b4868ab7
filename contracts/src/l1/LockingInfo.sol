// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ILockingInfo} from "../interfaces/ILockingInfo.sol";

/// @title LockingInfo
/// @notice Holds all staked METIS. Not upgradable; METIS leaves it to the owner of an exit or to SlashingManager, when
///         LockingPool says so, and never more than LockingPool has put in.
contract LockingInfo is ILockingInfo {
    using SafeERC20 for IERC20;

    IERC20 public immutable L1_TOKEN;
    address public immutable LOCKING_POOL;
    address public immutable SLASHING_MANAGER;

    /// @inheritdoc ILockingInfo
    uint256 public totalLocked;

    constructor(IERC20 l1Token, address lockingPool, address slashingManager) {
        L1_TOKEN = l1Token;
        LOCKING_POOL = lockingPool;
        SLASHING_MANAGER = slashingManager;
    }

    modifier onlyLockingPool() {
        if (msg.sender != LOCKING_POOL) revert NotLockingPool(msg.sender);
        _;
    }

    /// @inheritdoc ILockingInfo
    function newSequencer(
        address payer,
        uint256 seqId,
        address signer,
        uint256 nonce,
        uint256 activationEpoch,
        uint256 amount,
        bytes calldata signerPubkey
    ) external onlyLockingPool {
        uint256 total = _take(payer, amount);
        emit Locked(signer, seqId, nonce, activationEpoch, amount, total, signerPubkey);
    }

    /// @inheritdoc ILockingInfo
    function increaseLocked(address payer, uint256 seqId, uint256 nonce, uint256 incoming, uint256 locked)
        external
        onlyLockingPool
    {
        uint256 total = _take(payer, incoming);
        emit Relocked(seqId, incoming, total);
        emit LockUpdate(seqId, nonce, locked);
    }

    /// @inheritdoc ILockingInfo
    function increaseDelegated(address payer, uint256 seqId, uint256 amount) external onlyLockingPool {
        uint256 total = _take(payer, amount);
        emit DelegationLocked(payer, seqId, amount, total);
    }

    /// @inheritdoc ILockingInfo
    function initializeUnlock(
        address owner,
        uint256 seqId,
        uint256 nonce,
        uint256 exitId,
        uint256 unlockClaimTime,
        uint256 amount,
        uint256 left
    ) external onlyLockingPool {
        emit UnlockInit(owner, seqId, nonce, exitId, block.timestamp, unlockClaimTime, amount);
        emit LockUpdate(seqId, nonce, left);
    }

    /// @inheritdoc ILockingInfo
    function finalizeUnlock(address owner, uint256 seqId, uint256 amount) external onlyLockingPool {
        uint256 total = _give(owner, amount);
        emit Unlocked(owner, seqId, amount, total);
    }

    /// @inheritdoc ILockingInfo
    function slash(uint256 seqId, uint256 nonce, uint256 amount, uint256 left) external onlyLockingPool {
        uint256 total = _give(SLASHING_MANAGER, amount);
        emit Slashed(seqId, amount, total);
        emit LockUpdate(seqId, nonce, left);
    }

    /// @inheritdoc ILockingInfo
    function logSignerChange(
        uint256 seqId,
        uint256 nonce,
        address oldSigner,
        address newSigner,
        bytes calldata signerPubkey
    ) external onlyLockingPool {
        emit SignerChange(seqId, nonce, oldSigner, newSigner, signerPubkey);
    }

    function _take(address payer, uint256 amount) private returns (uint256 total) {
        total = totalLocked + amount;
        totalLocked = total;
        L1_TOKEN.safeTransferFrom(payer, address(this), amount);
    }

    function _give(address to, uint256 amount) private returns (uint256 total) {
        total = totalLocked - amount;
        totalLocked = total;
        L1_TOKEN.safeTransfer(to, amount);
    }
}
