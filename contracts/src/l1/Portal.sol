// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPortal} from "../interfaces/IPortal.sol";
import {IStateClaims} from "../interfaces/IStateClaims.sol";
import {ISystemConfig, L1Addresses} from "../interfaces/ISystemConfig.sol";
import {AddressAliasing} from "../libraries/AddressAliasing.sol";
import {CallWithGas} from "../libraries/CallWithGas.sol";
import {DepositQueue} from "../libraries/DepositQueue.sol";
import {MessagePasserProof} from "../libraries/MessagePasserProof.sol";
import {ResourceMeter} from "../libraries/ResourceMeter.sol";
import {Deposit} from "../types/Deposit.sol";
import {OutputRootProof, Withdrawal} from "../types/Withdrawal.sol";

/// @title Portal
/// @notice Escrow and deposit queue on L1.
/// @dev Invariants: what left the escrow is the value of finalised withdrawals, each once, and nothing else; the queue only
///      grows, and its block numbers never fall.
contract Portal is IPortal, Initializable, ReentrancyGuardTransient {
    using DepositQueue for DepositQueue.Queue;
    using ResourceMeter for ResourceMeter.State;
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:metis.storage.Portal
    struct PortalStorage {
        ISystemConfig systemConfig;
        IStateClaims stateClaims;
        IERC20 token;
        uint64 depositGasLimit;
        ResourceMeter.State meter;
        DepositQueue.Queue queue;
        mapping(bytes32 withdrawalHash => bool) finalized;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.Portal")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0x1de61b1599425a85422af85dbd576bd2a84d13a5189d2e85d6e8ee2d0624f300;

    /// @notice Bytes of data that a deposit may carry: a transaction of 128 kB is the most that L1 nodes pass on.
    uint256 public constant MAX_DEPOSIT_DATA = 120_000;
    /// @notice Gas of a deposit before its data.
    uint256 public constant DEPOSIT_BASE_GAS = 21_000;
    /// @notice Gas of a byte of data, the dearest it can be (EIP-7623's floor).
    uint256 public constant DEPOSIT_BYTE_GAS = 40;
    /// @dev Gas for the event and the end of finalizeWithdrawal.
    uint256 private constant FINALIZE_RESERVE = 15_000;

    address private transient currentL2Sender;

    constructor() {
        _disableInitializers();
    }

    /// @param systemConfig_ must be initialised before
    function initialize(ISystemConfig systemConfig_) external initializer {
        L1Addresses memory addresses = systemConfig_.addresses();
        PortalStorage storage $ = _storage();
        $.systemConfig = systemConfig_;
        $.stateClaims = IStateClaims(addresses.stateClaims);
        $.token = IERC20(addresses.metisToken);
        $.depositGasLimit = systemConfig_.chainRules().depositGasLimit;
    }

    /// @inheritdoc IPortal
    function depositTransaction(
        address to,
        uint256 mint,
        uint256 value,
        uint64 gasLimit,
        bool isCreation,
        bytes calldata data
    ) external {
        uint256 gasAtStart = gasleft();
        _deposit(to, mint, value, gasLimit, isCreation, data, gasAtStart);
    }

    /// @inheritdoc IPortal
    function depositTransactionWithPermit(
        address to,
        uint256 mint,
        uint256 value,
        uint64 gasLimit,
        bool isCreation,
        bytes calldata data,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        uint256 gasAtStart = gasleft();
        // Whoever saw the permit may have used it before us; then the allowance is there and the deposit goes on.
        try IERC20Permit(address(_storage().token)).permit(msg.sender, address(this), mint, deadline, v, r, s) {}
            catch {}
        _deposit(to, mint, value, gasLimit, isCreation, data, gasAtStart);
    }

    /// @inheritdoc IPortal
    function finalizeWithdrawal(
        Withdrawal calldata withdrawal,
        uint64 batchIndex,
        OutputRootProof calldata outputProof,
        bytes[] calldata storageProof
    ) external nonReentrant {
        PortalStorage storage $ = _storage();
        if ($.systemConfig.paused()) revert WithdrawalsPaused($.systemConfig.pausedUntil());
        if (withdrawal.target == address($.token) || withdrawal.target == address(this)) {
            revert ForbiddenTarget(withdrawal.target);
        }

        bytes32 withdrawalHash = withdrawal.hash();
        if ($.finalized[withdrawalHash]) revert AlreadyFinalized(withdrawalHash);

        (bytes32 settled,) = $.stateClaims.settledOutput(batchIndex);
        bytes32 given = outputProof.hash();
        if (given != settled) revert WrongOutputRoot(settled, given);
        if (!MessagePasserProof.holds(withdrawalHash, outputProof.messagePasserStorageRoot, storageProof)) {
            revert WithdrawalNotProven(withdrawalHash);
        }

        $.finalized[withdrawalHash] = true;
        emit WithdrawalFinalized(withdrawalHash, _pay($.token, withdrawal));
    }

    /// @inheritdoc IPortal
    function depositCount() external view returns (uint64) {
        return _storage().queue.count;
    }

    /// @inheritdoc IPortal
    function queueHashAt(uint64 count) external view returns (bytes32) {
        return _storage().queue.hashAt(count);
    }

    /// @inheritdoc IPortal
    function depositBlockNumber(uint64 index) external view returns (uint64) {
        return _storage().queue.stampOf(index).blockNumber;
    }

    /// @inheritdoc IPortal
    function depositTimestamp(uint64 index) external view returns (uint64) {
        return _storage().queue.stampOf(index).timestamp;
    }

    /// @inheritdoc IPortal
    function depositCountAt(uint64 l1BlockNumber) external view returns (uint64) {
        return _storage().queue.countAt(l1BlockNumber);
    }

    /// @inheritdoc IPortal
    function queueStateAt(uint64 count, uint64 l1BlockNumber) external view returns (bool exact, bytes32 queueHash) {
        return _storage().queue.stateAt(count, l1BlockNumber);
    }

    /// @inheritdoc IPortal
    function finalizedWithdrawals(bytes32 withdrawalHash) external view returns (bool) {
        return _storage().finalized[withdrawalHash];
    }

    /// @inheritdoc IPortal
    function l2Sender() external view returns (address) {
        return currentL2Sender;
    }

    /// @inheritdoc IPortal
    function depositBaseFee() external view returns (uint256 baseFee) {
        PortalStorage storage $ = _storage();
        (baseFee,) = $.meter.current($.systemConfig.parameters(), $.depositGasLimit);
    }

    function _deposit(
        address to,
        uint256 mint,
        uint256 value,
        uint64 gasLimit,
        bool isCreation,
        bytes calldata data,
        uint256 gasAtStart
    ) private {
        _checkDeposit(to, gasLimit, isCreation, data.length);
        PortalStorage storage $ = _storage();
        uint256 cost = $.meter.buy($.systemConfig.parameters(), $.depositGasLimit, gasLimit);

        Deposit memory deposit = Deposit({
            index: $.queue.count,
            l1BlockNumber: uint64(block.number),
            from: AddressAliasing.l2Sender(),
            to: to,
            mint: mint,
            value: value,
            gasLimit: gasLimit,
            isCreation: isCreation,
            data: data
        });
        bytes32 queueHash = $.queue.append(deposit);
        emit TransactionDeposited(
            deposit.index, deposit.from, to, mint, value, gasLimit, isCreation, deposit.data, queueHash
        );

        if (mint != 0) $.token.safeTransferFrom(msg.sender, address(this), mint);
        ResourceMeter.burn(cost, gasAtStart);
    }

    function _checkDeposit(address to, uint64 gasLimit, bool isCreation, uint256 dataLength) private pure {
        if (dataLength > MAX_DEPOSIT_DATA) revert DataTooLong(dataLength, MAX_DEPOSIT_DATA);
        uint256 minimum = DEPOSIT_BASE_GAS + DEPOSIT_BYTE_GAS * dataLength;
        if (gasLimit < minimum) revert GasLimitTooLow(gasLimit, minimum);
        if (isCreation && to != address(0)) revert CreationWithRecipient(to);
    }

    /// @dev The transfer stands whether the call succeeds or not.
    function _pay(IERC20 token, Withdrawal calldata withdrawal) private returns (bool success) {
        if (withdrawal.value != 0) token.safeTransfer(withdrawal.target, withdrawal.value);
        if (withdrawal.data.length == 0) return true;

        currentL2Sender = withdrawal.sender;
        bytes memory data = withdrawal.data;
        uint256 needed = CallWithGas.needed(withdrawal.gasLimit, FINALIZE_RESERVE);
        if (gasleft() < needed) revert NotEnoughGas(needed, gasleft());
        success = CallWithGas.call(withdrawal.target, data);
        currentL2Sender = address(0);
    }

    function _storage() private pure returns (PortalStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
