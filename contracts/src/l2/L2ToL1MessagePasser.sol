// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title L2ToL1MessagePasser
/// @notice Every withdrawal is an entry of `sentMessages`, which the output root commits to and the Portal proves.
/// @dev `sentMessages` is at slot 0: protocol (docs/spec/structs.md, "Withdrawal").
contract L2ToL1MessagePasser {
    /// @notice Version in the top 16 bits of every nonce.
    uint16 public constant MESSAGE_VERSION = 1;
    /// @notice L1 gas of a withdrawal made by sending METIS to this contract.
    uint256 public constant RECEIVE_GAS_LIMIT = 100_000;

    /// @notice Hashes of the withdrawals made so far.
    mapping(bytes32 withdrawalHash => bool) public sentMessages;
    uint240 private _nonce;

    event MessagePassed(
        uint256 indexed nonce,
        address indexed sender,
        address indexed target,
        uint256 value,
        uint256 gasLimit,
        bytes data,
        bytes32 withdrawalHash
    );

    /// @notice Sending METIS withdraws it to the sender's own address on L1.
    receive() external payable {
        initiateWithdrawal(msg.sender, RECEIVE_GAS_LIMIT, "");
    }

    /// @notice Asks L1 to pay `msg.value` METIS to `target` and to call it with `data`, once the claim that holds this
    ///         withdrawal has settled. The METIS stays here for ever: on L1 it leaves the escrow.
    /// @param gasLimit L1 gas that the call is given at least.
    function initiateWithdrawal(address target, uint256 gasLimit, bytes memory data) public payable {
        uint256 nonce = messageNonce();
        bytes32 withdrawalHash = keccak256(abi.encode(nonce, msg.sender, target, msg.value, gasLimit, data));
        sentMessages[withdrawalHash] = true;
        ++_nonce;
        emit MessagePassed(nonce, msg.sender, target, msg.value, gasLimit, data, withdrawalHash);
    }

    /// @notice Nonce of the next withdrawal, its version included.
    function messageNonce() public view returns (uint256) {
        return (uint256(MESSAGE_VERSION) << 240) | _nonce;
    }
}
