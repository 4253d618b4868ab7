// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title ISequencerSets
/// @notice Who signs in which epoch. L1 is the only source of it.
interface ISequencerSets {
    /// @notice The set of an epoch.
    /// @return setHash keccak256(abi.encode(SetMember[])), sorted strictly ascending by signer
    /// @return totalWeight sum of the weights, above zero
    function setOf(uint64 epoch) external view returns (bytes32 setHash, uint256 totalWeight);
}
