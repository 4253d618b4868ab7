// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Predeploys} from "../libraries/Predeploys.sol";

/// @title FeeVault
/// @notice Collects one kind of fee, credited by the kernel, for MetisSequencerSet, which brings it to L1 epoch by epoch
///         (docs/spec/fees.md). Three of it exist: SequencerFeeVault, BaseFeeVault and L1FeeVault.
/// @dev Invariant: `collected` never falls.
contract FeeVault {
    /// @custom:storage-location erc7201:metis.storage.FeeVault
    struct FeeVaultStorage {
        uint256 totalProcessed;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.FeeVault")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xe13d5e0cc38b0606e7224a8661773e760930abaf5ac9bcdfc07bc2bdb03a0a00;

    event Withdrawal(uint256 value, address indexed recipient, address indexed caller);

    /// @notice The recipient refused the payment.
    error PaymentFailed();

    receive() external payable {}

    /// @notice Pays the whole balance to the recipient. Anyone may call.
    function withdraw() external returns (uint256 value) {
        value = address(this).balance;
        _storage().totalProcessed += value;
        emit Withdrawal(value, recipient(), msg.sender);
        (bool paid,) = recipient().call{value: value}("");
        if (!paid) revert PaymentFailed();
    }

    /// @notice METIS wei taken in so far.
    function collected() external view returns (uint256) {
        return _storage().totalProcessed + address(this).balance;
    }

    /// @notice METIS wei paid out so far.
    function totalProcessed() external view returns (uint256) {
        return _storage().totalProcessed;
    }

    /// @notice Who is paid.
    function recipient() public pure returns (address) {
        return Predeploys.METIS_SEQUENCER_SET;
    }

    function _storage() private pure returns (FeeVaultStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
