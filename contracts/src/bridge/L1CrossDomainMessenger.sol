// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LibCall} from "solady/utils/LibCall.sol";
import {IPortal} from "../interfaces/IPortal.sol";
import {ISystemConfig, L1Addresses} from "../interfaces/ISystemConfig.sol";
import {Predeploys} from "../libraries/Predeploys.sol";
import {CrossDomainMessenger} from "./CrossDomainMessenger.sol";

/// @title L1CrossDomainMessenger
/// @notice Messages to L2 become deposits; messages from L2 arrive as withdrawals that the Portal pays to this contract.
contract L1CrossDomainMessenger is CrossDomainMessenger, Initializable {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:metis.storage.L1CrossDomainMessenger
    struct L1MessengerStorage {
        ISystemConfig systemConfig;
        IPortal portal;
        IERC20 metis;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.L1CrossDomainMessenger")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xeabd8014496c3fab913dc129d3a18980772a24da90567b3e2d24a522185b1900;

    /// @notice Only this contract itself may deliver.
    error OnlySelf();
    /// @notice The guardian has paused withdrawals.
    error WithdrawalsPaused();

    constructor() {
        _disableInitializers();
    }

    function initialize(ISystemConfig systemConfig_) external initializer {
        L1Addresses memory addresses = systemConfig_.addresses();
        L1MessengerStorage storage $ = _storage();
        $.systemConfig = systemConfig_;
        $.portal = IPortal(addresses.portal);
        $.metis = IERC20(addresses.metisToken);
    }

    /// @notice Calls `target` on L2 with `message`.
    /// @param minGasLimit L2 gas that the call is given at least
    function sendMessage(address target, bytes calldata message, uint32 minGasLimit) external {
        _send(target, 0, message, minGasLimit);
    }

    /// @notice The same with `value` METIS wei, which the caller has approved to this contract.
    function sendMessageWithValue(address target, uint256 value, bytes calldata message, uint32 minGasLimit) external {
        _storage().metis.safeTransferFrom(msg.sender, address(this), value);
        _send(target, value, message, minGasLimit);
    }

    /// @notice Moves `value` METIS to `target` and calls it; only this contract calls this, so that both fail together.
    function deliver(address target, uint256 value, bytes calldata message) external {
        if (msg.sender != address(this)) revert OnlySelf();
        if (value > 0) _storage().metis.safeTransfer(target, value);
        (bool success,, bytes memory reason) = LibCall.tryCall(target, 0, gasleft(), MAX_REASON, message);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    function systemConfig() external view returns (ISystemConfig) {
        return _storage().systemConfig;
    }

    function portal() external view returns (IPortal) {
        return _storage().portal;
    }

    function otherMessenger() public pure override returns (address) {
        return Predeploys.L2_CROSS_DOMAIN_MESSENGER;
    }

    function _passOn(uint256 value, uint64 gasLimit, bytes memory call) internal override {
        L1MessengerStorage storage $ = _storage();
        if (value > 0) $.metis.forceApprove(address($.portal), value);
        $.portal.depositTransaction(otherMessenger(), value, value, gasLimit, false, call);
    }

    function _calledByOtherMessenger() internal view override returns (bool) {
        IPortal portal_ = _storage().portal;
        return msg.sender == address(portal_) && portal_.l2Sender() == otherMessenger();
    }

    /// @dev METIS came as an ERC-20 before the call; ETH never belongs here.
    function _checkValue(uint256) internal view override {
        if (msg.value != 0) revert WrongValue(0, msg.value);
    }

    function _checkReplay() internal view override {
        if (_storage().systemConfig.paused()) revert WithdrawalsPaused();
    }

    /// @dev The token: this contract holds the METIS of failed messages. The Portal: it trusts this contract's deposits.
    function _isForbidden(address target) internal view override returns (bool) {
        L1MessengerStorage storage $ = _storage();
        return target == address(this) || target == address($.portal) || target == address($.metis);
    }

    function _deliver(address target, uint256 value, uint256 gasLimit, bytes calldata message)
        internal
        override
        returns (bool success, bytes memory reason)
    {
        bytes memory call = abi.encodeCall(this.deliver, (target, value, message));
        (success,, reason) = LibCall.tryCall(address(this), 0, gasLimit, MAX_REASON, call);
    }

    function _storage() private pure returns (L1MessengerStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
