// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Vm} from "./Vm.sol";

/// @notice Base of all forge tests: the cheatcodes, and a way to bound fuzzed numbers.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev Tells forge that this is a test contract.
    bool public constant IS_TEST = true;

    /// @notice A number in [minimum, maximum], the same number when it already is.
    function bound(uint256 value, uint256 minimum, uint256 maximum) internal pure returns (uint256) {
        if (value >= minimum && value <= maximum) return value;
        uint256 size = maximum - minimum + 1;
        return size == 0 ? value : minimum + value % size;
    }

    /// @notice An address from a name; nobody has its key.
    function makeAddress(string memory name) internal returns (address account) {
        account = address(uint160(uint256(keccak256(bytes(name)))));
        vm.label(account, name);
    }
}
