// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {OutputRootProof, Withdrawal} from "../types/Withdrawal.sol";

/// @title IPortal
/// @notice The door between the layers: deposits in, proven withdrawals out, METIS in escrow.
interface IPortal {
    /// @notice More than 120,000 bytes of data.
    error DataTooLong(uint256 length, uint256 maximum);
    /// @notice Below 21,000 + 40 a byte.
    error GasLimitTooLow(uint64 gasLimit, uint256 minimum);
    /// @notice A creation has no recipient: `to` must be zero.
    error CreationWithRecipient(address to);
    /// @notice The deposits of this L1 block have used up the gas there is for them.
    error DepositGasExhausted(uint256 wanted, uint256 left);
    /// @notice No such deposit.
    error UnknownDeposit(uint64 index);
    /// @notice The guardian has paused withdrawals.
    error WithdrawalsPaused(uint64 until);
    /// @notice A withdrawal may call neither the token nor the escrow.
    error ForbiddenTarget(address target);
    /// @notice The proof does not open the settled output root of the batch.
    error WrongOutputRoot(bytes32 settled, bytes32 given);
    /// @notice The storage proof does not show the withdrawal.
    error WithdrawalNotProven(bytes32 withdrawalHash);
    /// @notice Paid before.
    error AlreadyFinalized(bytes32 withdrawalHash);
    /// @notice The transaction has too little gas left to give the call what the withdrawal asks for.
    error NotEnoughGas(uint256 needed, uint256 left);

    event TransactionDeposited(
        uint64 indexed index,
        address indexed from,
        address indexed to,
        uint256 mint,
        uint256 value,
        uint64 gasLimit,
        bool isCreation,
        bytes data,
        bytes32 queueHash
    );
    event WithdrawalFinalized(bytes32 indexed withdrawalHash, bool success);

    /// @notice Queues a transaction for L2. Nobody can leave it out: the block that moves the anchor to this L1 block
    ///         takes it. Burns L1 gas by the price of deposit gas.
    /// @param to recipient on L2; zero when `isCreation`
    /// @param mint METIS wei taken from the caller into the escrow and credited to it on L2 whatever happens there
    /// @param value METIS wei that the L2 call carries
    function depositTransaction(
        address to,
        uint256 mint,
        uint256 value,
        uint64 gasLimit,
        bool isCreation,
        bytes calldata data
    ) external;

    /// @notice The same with an EIP-2612 permit over `mint`. A permit already used by someone else is no error as long
    ///         as the allowance is there.
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
    ) external;

    /// @notice Pays a withdrawal of a settled batch once: transfers `value` METIS to the target, then calls it when
    ///         there is data. A failed call does not undo the transfer and is not tried again; what must be replayable
    ///         goes through the messenger.
    /// @param storageProof Merkle-Patricia proof of the withdrawal's slot in L2ToL1MessagePasser
    function finalizeWithdrawal(
        Withdrawal calldata withdrawal,
        uint64 batchIndex,
        OutputRootProof calldata outputProof,
        bytes[] calldata storageProof
    ) external;

    function depositCount() external view returns (uint64);
    /// @notice Queue hash after the first `count` deposits; 0 for 0. Reverts beyond the queue.
    function queueHashAt(uint64 count) external view returns (bytes32);
    /// @notice L1 block of deposit `index`.
    function depositBlockNumber(uint64 index) external view returns (uint64);
    /// @notice L1 time of deposit `index`.
    function depositTimestamp(uint64 index) external view returns (uint64);
    /// @notice Number of deposits in L1 blocks up to and including `l1BlockNumber`. Logarithmic in the queue's length.
    function depositCountAt(uint64 l1BlockNumber) external view returns (uint64);
    /// @notice `exact`: the first `count` deposits are those of L1 blocks up to `l1BlockNumber`. Constant cost.
    function queueStateAt(uint64 count, uint64 l1BlockNumber) external view returns (bool exact, bytes32 queueHash);
    function finalizedWithdrawals(bytes32 withdrawalHash) external view returns (bool);
    /// @notice L2 sender of the withdrawal being paid right now; zero outside of a payment.
    function l2Sender() external view returns (address);
    /// @notice Wei of L1 gas to be burnt for each gas of a deposit made in this block.
    function depositBaseFee() external view returns (uint256);
}
