// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MintableERC20} from "../bridge/MintableERC20.sol";
import {Predeploys} from "../libraries/Predeploys.sol";

/// @title MintableERC20Factory
/// @notice Makes the L2 tokens that the standard bridge mints for tokens of L1.
contract MintableERC20Factory {
    /// @custom:storage-location erc7201:metis.storage.MintableERC20Factory
    struct FactoryStorage {
        mapping(address localToken => address remoteToken) deployments;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.MintableERC20Factory")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x6aada6015852910cc1a43d68953740ffded6b37fb6d7bd8779f1fe801e9f5200;

    event MintableERC20Created(address indexed localToken, address indexed remoteToken, address creator);

    /// @notice The zero address is no token.
    error ZeroRemoteToken();

    /// @notice Makes a token for `remoteToken` on L1; its address follows from the arguments. Anyone may call, once for
    ///         the same arguments.
    /// @param decimals those of the L1 token: amounts are carried unchanged
    function createMintableERC20(address remoteToken, string calldata name, string calldata symbol, uint8 decimals)
        external
        returns (address localToken)
    {
        if (remoteToken == address(0)) revert ZeroRemoteToken();
        bytes32 salt = keccak256(abi.encode(remoteToken, name, symbol, decimals));
        localToken =
            address(new MintableERC20{salt: salt}(Predeploys.L2_STANDARD_BRIDGE, remoteToken, name, symbol, decimals));
        _storage().deployments[localToken] = remoteToken;
        emit MintableERC20Created(localToken, remoteToken, msg.sender);
    }

    /// @notice The L1 token of a token made here, or zero.
    function deployments(address localToken) external view returns (address) {
        return _storage().deployments[localToken];
    }

    function _storage() private pure returns (FactoryStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
