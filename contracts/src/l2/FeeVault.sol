// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Predeploys} from "../libraries/Predeploys.sol";
import {L2ToL1MessagePasser} from "./L2ToL1MessagePasser.sol";

/// @title FeeVault
/// @notice Collects one kind of fee, credited by the kernel, and pays it out to its recipient when anyone asks.
///         Three of it exist: SequencerFeeVault, BaseFeeVault and L1FeeVault.
contract FeeVault {
    /// @notice L1 gas for a payment on L1: a plain transfer of METIS.
    uint256 public constant L1_GAS_LIMIT = 100_000;

    /// @custom:storage-location erc7201:metis.storage.FeeVault
    struct FeeVaultStorage {
        address recipient;
        bool onL1;
        uint256 minimum;
        uint256 totalProcessed;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.FeeVault")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xe13d5e0cc38b0606e7224a8661773e760930abaf5ac9bcdfc07bc2bdb03a0a00;

    event Withdrawal(uint256 value, address indexed recipient, bool onL1, address indexed caller);

    /// @notice The vault holds less than it pays out at once.
    error BelowMinimum(uint256 balance, uint256 minimum);
    /// @notice The recipient refused the payment.
    error PaymentFailed();

    receive() external payable {}

    /// @notice Pays the whole balance to the recipient. Anyone may call.
    function withdraw() external returns (uint256 value) {
        FeeVaultStorage storage $ = _storage();
        value = address(this).balance;
        if (value < $.minimum) revert BelowMinimum(value, $.minimum);
        $.totalProcessed += value;
        emit Withdrawal(value, $.recipient, $.onL1, msg.sender);
        if ($.onL1) {
            L2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER)).initiateWithdrawal{value: value}(
                $.recipient, L1_GAS_LIMIT, ""
            );
        } else {
            (bool paid,) = $.recipient.call{value: value}("");
            if (!paid) revert PaymentFailed();
        }
    }

    /// @notice Who is paid.
    function recipient() external view returns (address) {
        return _storage().recipient;
    }

    /// @notice Whether the recipient is an L1 address, paid by a withdrawal.
    function onL1() external view returns (bool) {
        return _storage().onL1;
    }

    /// @notice Least balance that is paid out, METIS wei.
    function minimum() external view returns (uint256) {
        return _storage().minimum;
    }

    /// @notice METIS wei paid out so far.
    function totalProcessed() external view returns (uint256) {
        return _storage().totalProcessed;
    }

    function _storage() private pure returns (FeeVaultStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
