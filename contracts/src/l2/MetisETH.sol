// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import {
    ERC20PermitUpgradeable
} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20PermitUpgradeable.sol";
import {Predeploys} from "../libraries/Predeploys.sol";

/// @title MetisETH
/// @notice ETH on L2, one for one with the ETH locked in L1StandardBridge.
contract MetisETH is ERC20PermitUpgradeable {
    /// @notice Only the bridge may mint and burn.
    error OnlyBridge();

    modifier onlyBridge() {
        if (msg.sender != Predeploys.L2_STANDARD_BRIDGE) revert OnlyBridge();
        _;
    }

    function mint(address to, uint256 amount) external onlyBridge {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external onlyBridge {
        _burn(from, amount);
    }

    /// @notice The only address that may mint and burn.
    function bridge() external pure returns (address) {
        return Predeploys.L2_STANDARD_BRIDGE;
    }

    function name() public pure override returns (string memory) {
        return "Ether";
    }

    function symbol() public pure override returns (string memory) {
        return "ETH";
    }

    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Name() internal pure override returns (string memory) {
        return name();
    }

    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Version() internal pure override returns (string memory) {
        return "1";
    }
}
