// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {CrossDomainMessenger} from "./CrossDomainMessenger.sol";

/// @title StandardBridge
/// @notice Carries METIS, ETH and ERC-20 tokens between the layers: on L1 they are locked, on L2 minted (METIS is native
///         there). What is finalised here was taken there, by the other bridge, through the messenger.
abstract contract StandardBridge is ReentrancyGuardTransient {
    /// @notice Gas that finalising is given at least, whatever the caller asks for, so that no transfer needs a replay
    ///         for a gas limit that was chosen too low.
    uint32 public constant FINALIZE_GAS = 200_000;

    event MetisBridgeInitiated(address indexed from, address indexed to, uint256 amount, bytes extraData);
    event MetisBridgeFinalized(address indexed from, address indexed to, uint256 amount, bytes extraData);
    event ETHBridgeInitiated(address indexed from, address indexed to, uint256 amount, bytes extraData);
    event ETHBridgeFinalized(address indexed from, address indexed to, uint256 amount, bytes extraData);
    event ERC20BridgeInitiated(
        address indexed localToken,
        address indexed remoteToken,
        address indexed from,
        address to,
        uint256 amount,
        bytes extraData
    );
    event ERC20BridgeFinalized(
        address indexed localToken,
        address indexed remoteToken,
        address indexed from,
        address to,
        uint256 amount,
        bytes extraData
    );

    /// @notice Only the other bridge, through the messenger, may finalise.
    error OnlyOtherBridge();
    /// @notice The bridge, the messenger or nobody cannot be the recipient.
    error ForbiddenRecipient(address to);
    /// @notice Nothing to carry.
    error ZeroAmount();
    /// @notice METIS and ETH have functions of their own.
    error NotAnERC20(address token);
    /// @notice The recipient refused a native payment.
    error PaymentFailed(address to, uint256 amount);

    modifier onlyOtherBridge() {
        CrossDomainMessenger messenger_ = messenger();
        if (msg.sender != address(messenger_) || messenger_.xDomainMessageSender() != otherBridge()) {
            revert OnlyOtherBridge();
        }
        _;
    }

    /// @notice Carries `amount` of `localToken` to `to` on the other layer, where `remoteToken` stands for it.
    ///         For a token that takes a fee on transfers, what arrives here is what is carried.
    /// @param minGasLimit gas for finalising; FINALIZE_GAS at least
    /// @param extraData passed on to the events of both layers
    function bridgeERC20To(
        address localToken,
        address remoteToken,
        address to,
        uint256 amount,
        uint32 minGasLimit,
        bytes calldata extraData
    ) external nonReentrant {
        _checkRecipient(to);
        uint256 taken = _takeERC20(localToken, remoteToken, amount);
        if (taken == 0) revert ZeroAmount();
        emit ERC20BridgeInitiated(localToken, remoteToken, msg.sender, to, taken, extraData);
        _sendMessage(
            0,
            abi.encodeCall(this.finalizeBridgeERC20, (remoteToken, localToken, msg.sender, to, taken, extraData)),
            minGasLimit
        );
    }

    /// @notice Called by the other bridge: gives `amount` of `localToken` to `to`.
    function finalizeBridgeERC20(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes calldata extraData
    ) external nonReentrant onlyOtherBridge {
        _giveERC20(localToken, remoteToken, from, to, amount, extraData);
    }

    /// @notice The messenger of this layer.
    function messenger() public view virtual returns (CrossDomainMessenger);

    /// @notice The bridge on the other layer.
    function otherBridge() public view virtual returns (address);

    /// @dev Takes `amount` of a token from the caller; returns what really came.
    function _takeERC20(address localToken, address remoteToken, uint256 amount) internal virtual returns (uint256);

    /// @dev Gives a token to its recipient and says so in an event.
    function _giveERC20(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes calldata extraData
    ) internal virtual;

    /// @dev Sends a call of the other bridge with `value` METIS wei.
    function _passOn(uint256 value, bytes memory call, uint32 minGasLimit) internal virtual;

    function _sendMessage(uint256 value, bytes memory call, uint32 minGasLimit) internal {
        _passOn(value, call, minGasLimit < FINALIZE_GAS ? FINALIZE_GAS : minGasLimit);
    }

    /// @dev A recipient that could not hold what it is given, on either layer.
    function _checkRecipient(address to) internal view {
        if (to == address(0) || to == address(this) || to == address(messenger()) || to == otherBridge()) {
            revert ForbiddenRecipient(to);
        }
    }
}
