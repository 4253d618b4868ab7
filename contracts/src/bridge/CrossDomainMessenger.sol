// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title CrossDomainMessenger
/// @notice Calls between L1 and L2 that arrive once. A message whose call fails is kept, value and all, and anyone may
///         try it again with more gas; one that has been relayed never runs a second time.
/// @dev Values are METIS wei on both layers: native on L2, ERC-20 on L1.
abstract contract CrossDomainMessenger {
    enum MessageStatus {
        None,
        Failed,
        Relayed
    }

    /// @custom:storage-location erc7201:metis.storage.CrossDomainMessenger
    struct MessengerStorage {
        uint240 nonce;
        mapping(bytes32 messageHash => MessageStatus) statuses;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.CrossDomainMessenger")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xc753d6ea49718cacb6b0d39828d365b7b6e078645be2c91c743b8c116b020600;

    /// @notice Version in the top 16 bits of every nonce.
    uint16 public constant MESSAGE_VERSION = 1;
    /// @notice Gas kept back for the bookkeeping after a call.
    uint64 public constant RELAY_RESERVED_GAS = 40_000;
    /// @notice Gas of handing value over and of the call itself, beside what the target uses.
    uint64 public constant RELAY_CALL_OVERHEAD = 90_000;
    /// @notice Gas of the checks before a call.
    uint64 public constant RELAY_CONSTANT_OVERHEAD = 100_000;
    /// @notice Gas of copying and hashing a byte of a message, before the call and in it.
    uint64 public constant RELAY_GAS_PER_BYTE = 4;
    /// @dev Bytes of a failed call's answer that are kept, so that no target can exhaust the reserved gas with its answer.
    uint16 internal constant MAX_REASON = 512;
    /// @dev Intrinsic gas of a transaction, of a byte in it, and EIP-7623's floor for a byte.
    uint64 private constant INTRINSIC_GAS = 21_000;
    uint64 private constant CALLDATA_GAS_PER_BYTE = 16;
    uint64 private constant FLOOR_GAS_PER_BYTE = 40;

    /// @dev Sender on the other layer of the message being relayed.
    address private transient _sender;

    event SentMessage(address indexed target, address sender, bytes message, uint256 messageNonce, uint256 gasLimit);
    event SentMessageExtension1(address indexed sender, uint256 value);
    event RelayedMessage(bytes32 indexed msgHash);
    event FailedRelayedMessage(bytes32 indexed msgHash);

    /// @notice No message is being relayed.
    error NoMessageInFlight();
    /// @notice A message arrives once.
    error MessageAlreadyRelayed(bytes32 messageHash);
    /// @notice Only a message that came from the other messenger and failed can be tried again.
    error MessageNotFailed(bytes32 messageHash);
    /// @notice Native value does not match the message's.
    error WrongValue(uint256 expected, uint256 given);
    /// @notice Calling this address could move what belongs to others.
    error ForbiddenTarget(address target);
    /// @notice A message cannot be relayed from within another.
    error RelayInProgress();
    /// @notice The caller gives less gas than the message asks for.
    error NotEnoughGas(uint256 needed, uint256 left);
    /// @notice The call failed again; the message stays replayable.
    error ReplayFailed(bytes reason);
    /// @notice The nonce is of another version than this contract relays.
    error UnknownMessageVersion(uint256 version);

    /// @notice Relays a message: the first time for the other messenger, later, if its call failed, for anyone.
    /// @dev The first attempt never reverts but for what an honest messenger cannot send: its value has arrived already.
    function relayMessage(
        uint256 nonce,
        address sender,
        address target,
        uint256 value,
        uint256 minGasLimit,
        bytes calldata message
    ) external payable {
        if (nonce >> 240 != MESSAGE_VERSION) revert UnknownMessageVersion(nonce >> 240);
        bytes32 messageHash =
            keccak256(abi.encodeCall(this.relayMessage, (nonce, sender, target, value, minGasLimit, message)));
        MessengerStorage storage $ = _messengerStorage();
        MessageStatus status = $.statuses[messageHash];
        if (status == MessageStatus.Relayed) revert MessageAlreadyRelayed(messageHash);

        bool first = _calledByOtherMessenger() && status == MessageStatus.None;
        _checkValue(first ? value : 0);
        if (!first && status != MessageStatus.Failed) revert MessageNotFailed(messageHash);
        if (!first) _checkReplay();

        $.statuses[messageHash] = MessageStatus.Relayed;
        (bool success, bytes memory reason) = _tryDeliver(sender, target, value, minGasLimit, message);
        if (success) {
            emit RelayedMessage(messageHash);
        } else {
            if (!first) revert ReplayFailed(reason);
            $.statuses[messageHash] = MessageStatus.Failed;
            emit FailedRelayedMessage(messageHash);
        }
    }

    /// @notice Sender, on the other layer, of the message being relayed right now.
    function xDomainMessageSender() external view returns (address) {
        if (_sender == address(0)) revert NoMessageInFlight();
        return _sender;
    }

    /// @notice Whether the message has been relayed.
    function successfulMessages(bytes32 messageHash) external view returns (bool) {
        return _messengerStorage().statuses[messageHash] == MessageStatus.Relayed;
    }

    /// @notice Whether the message has arrived and waits to be tried again.
    function failedMessages(bytes32 messageHash) external view returns (bool) {
        return _messengerStorage().statuses[messageHash] == MessageStatus.Failed;
    }

    /// @notice Nonce of the next message, its version included.
    function messageNonce() public view returns (uint256) {
        return (uint256(MESSAGE_VERSION) << 240) | _messengerStorage().nonce;
    }

    /// @notice Gas with which the other layer is sure to reach the target with `minGasLimit`, or to record the failure.
    /// @param length length of the message, bytes
    function baseGas(uint256 length, uint32 minGasLimit) public pure returns (uint64) {
        // relayMessage's selector, six words, the length and padding of `message`
        uint64 encoded = uint64(length) + 4 + 8 * 32;
        uint64 execution = RELAY_CONSTANT_OVERHEAD + RELAY_RESERVED_GAS
            + uint64(_throughCalls(4, uint256(minGasLimit) + RELAY_CALL_OVERHEAD + RELAY_GAS_PER_BYTE * encoded));
        uint64 charged = CALLDATA_GAS_PER_BYTE * encoded + RELAY_GAS_PER_BYTE * encoded + execution;
        uint64 floor = FLOOR_GAS_PER_BYTE * encoded;
        return INTRINSIC_GAS + (charged > floor ? charged : floor);
    }

    /// @notice The messenger on the other layer.
    function otherMessenger() public view virtual returns (address);

    /// @dev Sends `value`, which this contract holds, and `message` to the other layer.
    function _send(address target, uint256 value, bytes calldata message, uint32 minGasLimit) internal {
        uint256 nonce = messageNonce();
        ++_messengerStorage().nonce;
        emit SentMessage(target, msg.sender, message, nonce, minGasLimit);
        emit SentMessageExtension1(msg.sender, value);
        bytes memory call = abi.encodeCall(this.relayMessage, (nonce, msg.sender, target, value, minGasLimit, message));
        _passOn(value, baseGas(message.length, minGasLimit), call);
    }

    /// @dev Hands an encoded call of the other messenger to what carries it.
    function _passOn(uint256 value, uint64 gasLimit, bytes memory call) internal virtual;

    function _calledByOtherMessenger() internal view virtual returns (bool);

    /// @dev Reverts unless the native value that came with the call is right; `expected` is METIS wei.
    function _checkValue(uint256 expected) internal view virtual;

    /// @dev Reverts when failed messages may not be tried again right now.
    function _checkReplay() internal view virtual {}

    /// @dev Whether a message may not call `target`, because this contract holds rights there that are not the sender's.
    function _isForbidden(address target) internal view virtual returns (bool);

    /// @dev Moves `value` to `target` and calls it, or neither.
    function _deliver(address target, uint256 value, uint256 gasLimit, bytes calldata message)
        internal
        virtual
        returns (bool success, bytes memory reason);

    function _tryDeliver(address sender, address target, uint256 value, uint256 minGasLimit, bytes calldata message)
        private
        returns (bool success, bytes memory reason)
    {
        if (_sender != address(0)) return (false, abi.encodeWithSelector(RelayInProgress.selector));
        if (_isForbidden(target)) return (false, abi.encodeWithSelector(ForbiddenTarget.selector, target));
        if (minGasLimit > type(uint64).max) {
            return (false, abi.encodeWithSelector(NotEnoughGas.selector, minGasLimit, gasleft()));
        }
        uint256 needed = RELAY_RESERVED_GAS
            + _throughCalls(3, minGasLimit + RELAY_CALL_OVERHEAD + RELAY_GAS_PER_BYTE * message.length);
        if (gasleft() < needed) return (false, abi.encodeWithSelector(NotEnoughGas.selector, needed, gasleft()));
        _sender = sender;
        (success, reason) = _deliver(target, value, gasleft() - RELAY_RESERVED_GAS, message);
        _sender = address(0);
    }

    /// @dev Gas before `calls` nested calls that leaves `gas` after them: each keeps a 64th back (EIP-150). From here to
    ///      the target it is three at most: to this contract itself, through its proxy, to the target.
    function _throughCalls(uint256 calls, uint256 gas) private pure returns (uint256) {
        for (uint256 i; i < calls; ++i) {
            gas += gas / 63 + 1;
        }
        return gas;
    }

    function _messengerStorage() private pure returns (MessengerStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
