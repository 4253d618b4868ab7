// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {LibCall} from "solady/utils/LibCall.sol";
import {CrossDomainMessenger} from "../bridge/CrossDomainMessenger.sol";
import {AddressAliasing} from "../libraries/AddressAliasing.sol";
import {Predeploys} from "../libraries/Predeploys.sol";
import {L2ToL1MessagePasser} from "./L2ToL1MessagePasser.sol";

/// @title L2CrossDomainMessenger
/// @notice Messages from L1 arrive as deposits of the L1 messenger; messages to L1 become withdrawals to it.
contract L2CrossDomainMessenger is CrossDomainMessenger {
    /// @custom:storage-location erc7201:metis.storage.L2CrossDomainMessenger
    struct L2MessengerStorage {
        address otherMessenger;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.L2CrossDomainMessenger")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xb405140a2367403a00ba2b878185472445252a9dd45972edebded0ce73881800;

    /// @notice Calls `target` on L1 with `message` and the METIS sent along, once the claim that holds it has settled.
    /// @param minGasLimit L1 gas that the call is given at least
    function sendMessage(address target, bytes calldata message, uint32 minGasLimit) external payable {
        _send(target, msg.value, message, minGasLimit);
    }

    function otherMessenger() public view override returns (address) {
        return _storage().otherMessenger;
    }

    function _passOn(uint256 value, uint64 gasLimit, bytes memory call) internal override {
        L2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER)).initiateWithdrawal{value: value}(
            otherMessenger(), gasLimit, call
        );
    }

    function _calledByOtherMessenger() internal view override returns (bool) {
        return msg.sender == AddressAliasing.alias_(otherMessenger());
    }

    function _checkValue(uint256 expected) internal view override {
        if (msg.value != expected) revert WrongValue(expected, msg.value);
    }

    /// @dev The message passer: a withdrawal made there by this contract would speak for the messenger on L1.
    function _isForbidden(address target) internal view override returns (bool) {
        return target == address(this) || target == Predeploys.L2_TO_L1_MESSAGE_PASSER;
    }

    function _deliver(address target, uint256 value, uint256 gasLimit, bytes calldata message)
        internal
        override
        returns (bool success, bytes memory reason)
    {
        (success,, reason) = LibCall.tryCall(target, value, gasLimit, MAX_REASON, message);
    }

    function _storage() private pure returns (L2MessengerStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
