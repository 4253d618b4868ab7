// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title IMintableERC20
/// @notice What the bridge asks of an L2 token that stands for a token on L1.
interface IMintableERC20 {
    /// @notice The token on L1 that this one stands for.
    function remoteToken() external view returns (address);

    /// @notice The only address that may mint and burn.
    function bridge() external view returns (address);

    function mint(address to, uint256 amount) external;

    function burn(address from, uint256 amount) external;
}
