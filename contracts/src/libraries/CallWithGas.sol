// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title CallWithGas
/// @notice A call that gets the gas it was promised, or does not happen at all.
library CallWithGas {
    /// @dev Cost of a CALL to a cold account that carries no value, and of what stands between check and call.
    uint256 private constant OVERHEAD = 5_000;

    /// @notice Gas that must be left for a call to receive `gasLimit` under EIP-150 (63/64) and for the caller to go on
    ///         with `reserve` afterwards.
    function needed(uint256 gasLimit, uint256 reserve) internal pure returns (uint256) {
        if (gasLimit > type(uint64).max) return type(uint256).max;
        return gasLimit * 64 / 63 + 1 + reserve + OVERHEAD;
    }

    /// @notice Calls `target` with all gas but a 64th. Copies no return data, so that a target cannot make the caller
    ///         pay for memory.
    function call(address target, bytes memory data) internal returns (bool success) {
        assembly ("memory-safe") {
            success := call(gas(), target, 0, add(data, 0x20), mload(data), 0, 0)
        }
    }
}
