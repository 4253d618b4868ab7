// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title AddressAliasing
/// @notice L1 contracts act on L2 under another address: whoever controls an address on L1 by code does not control the
///         same address on L2.
library AddressAliasing {
    uint160 internal constant OFFSET = uint160(0x1111000000000000000000000000000000001111);

    /// @notice L2 address of the L1 contract `l1Address`.
    function alias_(address l1Address) internal pure returns (address) {
        unchecked {
            return address(uint160(l1Address) + OFFSET);
        }
    }

    /// @notice L1 contract behind `l2Address`.
    function unalias(address l2Address) internal pure returns (address) {
        unchecked {
            return address(uint160(l2Address) - OFFSET);
        }
    }

    /// @notice The address under which this call's sender acts on L2. A sender with a key keeps its own, also when it has
    ///         delegated to code (EIP-7702: code is 0xef0100 ‖ address). A contract under construction has no code yet,
    ///         so absence of code is no sign of a key; being the transaction's origin is.
    function l2Sender() internal view returns (address) {
        address sender = msg.sender;
        // solhint-disable-next-line avoid-tx-origin
        if (sender == tx.origin) return sender;
        bytes memory code = sender.code.length == 23 ? sender.code : bytes("");
        if (code.length == 23 && bytes3(code) == 0xef0100) return sender;
        return alias_(sender);
    }
}
