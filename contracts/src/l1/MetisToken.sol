// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title MetisToken
/// @notice METIS on an L1 that has none yet: a devnet or a testnet. The whole supply is made here, once.
contract MetisToken is ERC20, ERC20Permit {
    /// @notice Somebody has to hold the supply.
    error NoHolder();

    /// @param holder receives everything
    /// @param supply in wei (18 decimals)
    constructor(address holder, uint256 supply) ERC20("Metis Token", "METIS") ERC20Permit("Metis Token") {
        if (holder == address(0)) revert NoHolder();
        _mint(holder, supply);
    }
}
