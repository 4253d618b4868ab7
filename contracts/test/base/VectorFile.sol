// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "./Test.sol";

/// @notice Reads docs/spec/vectors, entry by entry.
abstract contract VectorFile is Test {
    string internal json;
    /// @dev Path of the entry at hand, such as ".[3]".
    string internal entry;

    /// @dev Turns to entry `index` of a vector file; false past its end, and no file is empty.
    function _open(string memory name, uint256 index) internal returns (bool) {
        if (index == 0) json = vm.readFile(string.concat("docs/spec/vectors/", name, ".json"));
        entry = string.concat(".[", vm.toString(index), "]");
        bool exists = vm.keyExistsJson(json, entry);
        vm.assertTrue(exists || index > 0, name);
        return exists;
    }

    function _path(string memory path) internal view returns (string memory) {
        return string.concat(entry, path);
    }

    function _uint(string memory path) internal view returns (uint256) {
        return vm.parseJsonUint(json, _path(path));
    }

    function _bytes32(string memory path) internal view returns (bytes32) {
        return vm.parseJsonBytes32(json, _path(path));
    }

    function _bytes(string memory path) internal view returns (bytes memory) {
        return vm.parseJsonBytes(json, _path(path));
    }

    function _address(string memory path) internal view returns (address) {
        return vm.parseJsonAddress(json, _path(path));
    }
}
