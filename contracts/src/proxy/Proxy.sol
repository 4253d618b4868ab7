// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ITransparentUpgradeableProxy} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {Proxy as DelegatingProxy} from "@openzeppelin/contracts/proxy/Proxy.sol";

/// @title Proxy
/// @notice The one proxy kind of the protocol: transparent and ERC-1967, like OpenZeppelin's, but without an
///         implementation in its constructor, so that its CREATE2 address depends on the admin alone.
contract Proxy is DelegatingProxy {
    /// @dev Never changes; a ProxyAdmin passes the power on by changing its own owner.
    address private immutable ADMIN;

    /// @notice The admin may only upgrade.
    error ProxyDeniedAdminAccess();
    /// @notice Nothing has been installed behind this proxy yet.
    error NoImplementation();

    constructor(address admin) {
        ADMIN = admin;
        ERC1967Utils.changeAdmin(admin);
    }

    function _implementation() internal view override returns (address implementation) {
        implementation = ERC1967Utils.getImplementation();
        if (implementation == address(0)) revert NoImplementation();
    }

    function _fallback() internal override {
        if (msg.sender != ADMIN) return super._fallback();
        if (msg.sig != ITransparentUpgradeableProxy.upgradeToAndCall.selector) revert ProxyDeniedAdminAccess();
        (address implementation, bytes memory data) = abi.decode(msg.data[4:], (address, bytes));
        ERC1967Utils.upgradeToAndCall(implementation, data);
    }
}
