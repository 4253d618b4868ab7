// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "./Test.sol";

/// @notice Random histories of what actors do: forge calls them, and nothing else.
abstract contract Histories is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    address private stage;
    bytes4[] private parts;

    /// @dev Every public function of `actors` comes as often as the others.
    function _play(address actors) internal {
        stage = actors;
    }

    /// @dev `selectors` alone are called; one that is named more than once comes more often.
    function _play(address actors, bytes4[] memory selectors) internal {
        (stage, parts) = (actors, selectors);
    }

    /// @dev Read by forge.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = stage;
    }

    /// @dev Read by forge, which chooses among all functions where there are none.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        if (parts.length == 0) return targets;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(stage, parts);
    }
}
