// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IMintableERC20} from "../interfaces/IMintableERC20.sol";

/// @title MintableERC20
/// @notice An L2 token that stands for one on L1: minted and burned by the bridge alone.
contract MintableERC20 is ERC20Permit, IMintableERC20 {
    /// @inheritdoc IMintableERC20
    address public immutable remoteToken;
    /// @inheritdoc IMintableERC20
    address public immutable bridge;
    uint8 private immutable DECIMALS;

    /// @notice Only the bridge may mint and burn.
    error OnlyBridge();

    modifier onlyBridge() {
        if (msg.sender != bridge) revert OnlyBridge();
        _;
    }

    constructor(address bridge_, address remoteToken_, string memory name_, string memory symbol_, uint8 decimals_)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
    {
        bridge = bridge_;
        remoteToken = remoteToken_;
        DECIMALS = decimals_;
    }

    /// @inheritdoc IMintableERC20
    function mint(address to, uint256 amount) external onlyBridge {
        _mint(to, amount);
    }

    /// @inheritdoc IMintableERC20
    function burn(address from, uint256 amount) external onlyBridge {
        _burn(from, amount);
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }
}
