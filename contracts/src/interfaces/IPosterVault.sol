// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Certificate} from "../types/Certificate.sol";
import {DataHeader} from "../types/DataHeader.sol";
import {StateClaim} from "../types/StateClaim.sol";

/// @notice Up to what price posting is paid back, in wei of ETH a gas, inside hard bounds.
struct PosterParameters {
    /// base fee and tip together
    uint64 gasPriceCap;
    /// beyond the block's base fee
    uint64 tipCap;
    uint64 blobPriceCap;
}

/// @notice What an epoch's batches cost, and what is paid for it.
struct EpochRefunds {
    /// wei of ETH that posters are owed together
    uint120 owed;
    /// METIS wei set aside for them
    uint128 granted;
    bool settled;
}

/// @title IPosterVault
/// @notice Holds L2's data fees and pays back what posting batches costs (docs/spec/fees.md).
interface IPosterVault {
    error NotSystemOwner(address caller);
    error NotEmissionReserve(address caller);
    error OutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice What posting costs can be told of a transaction's sender without code alone. Others post to BatchInbox.
    error NotAPlainAccount(address caller);
    /// @notice All batches of the epoch have been paid for.
    error EpochSettled(uint64 epoch);
    error NothingToWithdraw(address poster);

    event ParametersChanged(PosterParameters parameters);
    /// @param gas that is paid back
    /// @param cost wei of ETH, for gas and blobs
    event PostingRecorded(
        uint64 indexed epoch, address indexed poster, uint64 indexed batchIndex, uint256 gas, uint256 cost
    );
    /// @param owed wei of ETH
    /// @param rate METIS wei for 1 ETH
    /// @param granted METIS wei: less than what is owed is worth when the vault held no more
    event EpochRefundsSettled(uint64 indexed epoch, uint256 owed, uint256 rate, uint256 granted);
    event RefundsWithdrawn(address indexed poster, address indexed to, uint256 amount);

    /// @notice Posts a batch, as BatchInbox.submitBatch, and records what it cost the caller. BatchInbox's refusals pass.
    function submitBatch(
        DataHeader calldata header,
        StateClaim calldata claim,
        Certificate calldata certificate,
        bytes calldata data
    ) external;

    /// @notice EmissionReserve, once for each epoch, when all its batches are posted: sets METIS aside for its posters, at
    ///         most what the vault holds beside what others were granted.
    /// @param rate METIS wei for 1 ETH
    function settle(uint64 epoch, uint256 rate) external;

    /// @notice Pays `to` what the caller is granted for posting in `epochs`; those that are not settled stay.
    function withdraw(uint64[] calldata epochs, address to) external returns (uint256 amount);

    /// @notice SystemConfig's owner. Holds for what is posted from then on.
    function setParameters(PosterParameters calldata parameters) external;

    function parameters() external view returns (PosterParameters memory);
    function epochRefunds(uint64 epoch) external view returns (EpochRefunds memory);
    /// @notice Wei of ETH that `poster` paid in an epoch and has not been paid back.
    function owedTo(uint64 epoch, address poster) external view returns (uint256);
    /// @notice METIS wei that `withdraw` of each of `epochs` would pay `poster`.
    function refundsOf(address poster, uint64[] calldata epochs) external view returns (uint256[] memory amounts);
    /// @notice METIS wei set aside for posters, of all epochs.
    function granted() external view returns (uint256);
}
