// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CrossDomainMessenger} from "../bridge/CrossDomainMessenger.sol";
import {StandardBridge} from "../bridge/StandardBridge.sol";
import {IMintableERC20} from "../interfaces/IMintableERC20.sol";
import {Predeploys} from "../libraries/Predeploys.sol";
import {L2CrossDomainMessenger} from "./L2CrossDomainMessenger.sol";
import {MetisETH} from "./MetisETH.sol";

/// @title L2StandardBridge
/// @notice The L2 side of the bridge: mints and burns what stands for the ETH and the tokens locked on L1.
contract L2StandardBridge is StandardBridge {
    /// @custom:storage-location erc7201:metis.storage.L2StandardBridge
    struct L2BridgeStorage {
        address otherBridge;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.L2StandardBridge")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x784e51627d45565027c06b41bad20b5923345f2eecf1272e99f825d773e57300;

    /// @notice The local token does not stand for the L1 token, so what was locked goes back to its sender on L1.
    event ERC20BridgeReturned(
        address indexed localToken, address indexed remoteToken, address indexed from, uint256 amount
    );

    /// @notice `localToken` does not stand for `remoteToken`.
    error WrongTokenPair(address localToken, address remoteToken);

    /// @notice Burns `amount` MetisETH of the caller and pays ETH to `to` on L1.
    function bridgeETHTo(address to, uint256 amount, uint32 minGasLimit, bytes calldata extraData)
        external
        nonReentrant
    {
        _checkRecipient(to);
        if (amount == 0) revert ZeroAmount();
        emit ETHBridgeInitiated(msg.sender, to, amount, extraData);
        MetisETH(Predeploys.METIS_ETH).burn(msg.sender, amount);
        _sendMessage(0, abi.encodeCall(this.finalizeBridgeETH, (msg.sender, to, amount, extraData)), minGasLimit);
    }

    /// @notice Pays the METIS sent along to `to` on L1.
    function bridgeMETISTo(address to, uint32 minGasLimit, bytes calldata extraData) external payable nonReentrant {
        _checkRecipient(to);
        if (msg.value == 0) revert ZeroAmount();
        emit MetisBridgeInitiated(msg.sender, to, msg.value, extraData);
        bytes memory call = abi.encodeCall(this.finalizeBridgeMETIS, (msg.sender, to, msg.value, extraData));
        _sendMessage(msg.value, call, minGasLimit);
    }

    /// @notice Called by the other bridge: mints `amount` MetisETH to `to`.
    function finalizeBridgeETH(address from, address to, uint256 amount, bytes calldata extraData)
        external
        nonReentrant
        onlyOtherBridge
    {
        emit ETHBridgeFinalized(from, to, amount, extraData);
        MetisETH(Predeploys.METIS_ETH).mint(to, amount);
    }

    /// @notice Called by the other bridge: passes on the METIS that comes with the message.
    function finalizeBridgeMETIS(address from, address to, uint256 amount, bytes calldata extraData)
        external
        payable
        nonReentrant
        onlyOtherBridge
    {
        emit MetisBridgeFinalized(from, to, amount, extraData);
        (bool paid,) = to.call{value: msg.value}("");
        if (!paid || msg.value != amount) revert PaymentFailed(to, amount);
    }

    function messenger() public pure override returns (CrossDomainMessenger) {
        return CrossDomainMessenger(Predeploys.L2_CROSS_DOMAIN_MESSENGER);
    }

    function otherBridge() public view override returns (address) {
        return _storage().otherBridge;
    }

    function _takeERC20(address localToken, address remoteToken, uint256 amount) internal override returns (uint256) {
        if (localToken == Predeploys.METIS_ETH) revert NotAnERC20(localToken);
        if (!_standsFor(localToken, remoteToken)) revert WrongTokenPair(localToken, remoteToken);
        IMintableERC20(localToken).burn(msg.sender, amount);
        return amount;
    }

    function _giveERC20(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes calldata extraData
    ) internal override {
        if (_standsFor(localToken, remoteToken)) {
            emit ERC20BridgeFinalized(localToken, remoteToken, from, to, amount, extraData);
            IMintableERC20(localToken).mint(to, amount);
        } else {
            emit ERC20BridgeReturned(localToken, remoteToken, from, amount);
            _sendMessage(
                0, abi.encodeCall(this.finalizeBridgeERC20, (remoteToken, localToken, to, from, amount, extraData)), 0
            );
        }
    }

    function _passOn(uint256 value, bytes memory call, uint32 minGasLimit) internal override {
        L2CrossDomainMessenger(address(messenger())).sendMessage{value: value}(otherBridge(), call, minGasLimit);
    }

    /// @dev Whether `localToken` says that it stands for `remoteToken` and that this bridge mints it.
    function _standsFor(address localToken, address remoteToken) private view returns (bool) {
        return _says(localToken, IMintableERC20.remoteToken.selector, remoteToken)
            && _says(localToken, IMintableERC20.bridge.selector, address(this));
    }

    function _says(address token, bytes4 question, address expected) private view returns (bool) {
        (bool success, bytes memory answer) = token.staticcall(abi.encodePacked(question));
        return success && answer.length == 32 && uint256(bytes32(answer)) == uint160(expected);
    }

    function _storage() private pure returns (L2BridgeStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
