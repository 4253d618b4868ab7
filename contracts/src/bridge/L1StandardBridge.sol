// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ISystemConfig, L1Addresses} from "../interfaces/ISystemConfig.sol";
import {AddressAliasing} from "../libraries/AddressAliasing.sol";
import {Predeploys} from "../libraries/Predeploys.sol";
import {CrossDomainMessenger} from "./CrossDomainMessenger.sol";
import {L1CrossDomainMessenger} from "./L1CrossDomainMessenger.sol";
import {StandardBridge} from "./StandardBridge.sol";

/// @title L1StandardBridge
/// @notice The L1 side of the bridge: holds the ETH and the tokens that exist on L2; METIS goes into the Portal.
contract L1StandardBridge is StandardBridge, Initializable {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:metis.storage.L1StandardBridge
    struct L1BridgeStorage {
        L1CrossDomainMessenger messenger;
        IERC20 metis;
        mapping(address localToken => mapping(address remoteToken => uint256)) deposits;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.L1StandardBridge")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x3284725e95da65328103e29abbd248010f1acf1129d44fa40949333e40504200;

    /// @notice More is asked for than was locked for this pair of tokens: the L2 token is not what it pretends to be.
    error MoreThanLocked(uint256 locked, uint256 amount);
    /// @notice Contracts name their recipient with bridgeETHTo: nobody may hold their address on L2.
    error SenderIsContract(address sender);

    constructor() {
        _disableInitializers();
    }

    function initialize(ISystemConfig systemConfig) external initializer {
        L1Addresses memory addresses = systemConfig.addresses();
        L1BridgeStorage storage $ = _storage();
        $.messenger = L1CrossDomainMessenger(addresses.l1Messenger);
        $.metis = IERC20(addresses.metisToken);
    }

    /// @notice ETH sent by a plain transfer goes to the sender's own address on L2.
    receive() external payable nonReentrant {
        if (AddressAliasing.l2Sender() != msg.sender) revert SenderIsContract(msg.sender);
        _bridgeETH(msg.sender, FINALIZE_GAS, "");
    }

    /// @notice Carries the ETH sent along to `to` on L2, as MetisETH.
    function bridgeETHTo(address to, uint32 minGasLimit, bytes calldata extraData) external payable nonReentrant {
        _bridgeETH(to, minGasLimit, extraData);
    }

    /// @notice Carries `amount` METIS, approved to this contract, to `to` on L2, where it is the native coin.
    function bridgeMETISTo(address to, uint256 amount, uint32 minGasLimit, bytes calldata extraData)
        external
        nonReentrant
    {
        _checkRecipient(to);
        if (amount == 0) revert ZeroAmount();
        _storage().metis.safeTransferFrom(msg.sender, address(this), amount);
        emit MetisBridgeInitiated(msg.sender, to, amount, extraData);
        bytes memory call = abi.encodeWithSignature(
            "finalizeBridgeMETIS(address,address,uint256,bytes)", msg.sender, to, amount, extraData
        );
        _sendMessage(amount, call, minGasLimit);
    }

    /// @notice Called by the other bridge: pays `amount` wei of ETH to `to`.
    function finalizeBridgeETH(address from, address to, uint256 amount, bytes calldata extraData)
        external
        nonReentrant
        onlyOtherBridge
    {
        emit ETHBridgeFinalized(from, to, amount, extraData);
        (bool paid,) = to.call{value: amount}("");
        if (!paid) revert PaymentFailed(to, amount);
    }

    /// @notice Called by the other bridge: passes on the METIS that the messenger has just handed over.
    function finalizeBridgeMETIS(address from, address to, uint256 amount, bytes calldata extraData)
        external
        nonReentrant
        onlyOtherBridge
    {
        emit MetisBridgeFinalized(from, to, amount, extraData);
        _storage().metis.safeTransfer(to, amount);
    }

    /// @notice Amount of `localToken` locked here for `remoteToken`.
    function deposits(address localToken, address remoteToken) external view returns (uint256) {
        return _storage().deposits[localToken][remoteToken];
    }

    function messenger() public view override returns (CrossDomainMessenger) {
        return _storage().messenger;
    }

    function otherBridge() public pure override returns (address) {
        return Predeploys.L2_STANDARD_BRIDGE;
    }

    function _bridgeETH(address to, uint32 minGasLimit, bytes memory extraData) private {
        _checkRecipient(to);
        if (msg.value == 0) revert ZeroAmount();
        emit ETHBridgeInitiated(msg.sender, to, msg.value, extraData);
        _sendMessage(0, abi.encodeCall(this.finalizeBridgeETH, (msg.sender, to, msg.value, extraData)), minGasLimit);
    }

    function _takeERC20(address localToken, address remoteToken, uint256 amount) internal override returns (uint256) {
        L1BridgeStorage storage $ = _storage();
        if (localToken == address($.metis) || remoteToken == Predeploys.METIS_ETH) revert NotAnERC20(localToken);
        uint256 before = IERC20(localToken).balanceOf(address(this));
        IERC20(localToken).safeTransferFrom(msg.sender, address(this), amount);
        uint256 taken = IERC20(localToken).balanceOf(address(this)) - before;
        $.deposits[localToken][remoteToken] += taken;
        return taken;
    }

    function _giveERC20(
        address localToken,
        address remoteToken,
        address from,
        address to,
        uint256 amount,
        bytes calldata extraData
    ) internal override {
        L1BridgeStorage storage $ = _storage();
        uint256 locked = $.deposits[localToken][remoteToken];
        if (amount > locked) revert MoreThanLocked(locked, amount);
        $.deposits[localToken][remoteToken] = locked - amount;
        emit ERC20BridgeFinalized(localToken, remoteToken, from, to, amount, extraData);
        IERC20(localToken).safeTransfer(to, amount);
    }

    function _passOn(uint256 value, bytes memory call, uint32 minGasLimit) internal override {
        L1BridgeStorage storage $ = _storage();
        if (value > 0) $.metis.forceApprove(address($.messenger), value);
        $.messenger.sendMessageWithValue(otherBridge(), value, call, minGasLimit);
    }

    function _storage() private pure returns (L1BridgeStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
