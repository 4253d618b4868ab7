// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {Vm} from "./Vm.sol";

/// @notice The L1 under a test: real block headers, their hashes in EIP-2935's contract.
library L1Chain {
    using RLP for *;

    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address internal constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    uint256 internal constant WINDOW = 8191;

    /// @notice Puts EIP-2935's runtime code where it belongs.
    function installHistory() internal {
        vm.etch(
            HISTORY,
            hex"3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"
        );
    }

    /// @notice Makes `count` blocks of `seconds_` each, from the current one on.
    function mine(uint256 count, uint256 seconds_) internal {
        for (uint256 i = 0; i < count; ++i) {
            uint256 number = block.number;
            vm.roll(number + 1);
            vm.warp(block.timestamp + seconds_);
            remember(number);
        }
    }

    /// @notice Writes the hash of block `number` into the history, as the block after it would.
    function remember(uint256 number) internal {
        vm.store(HISTORY, bytes32(number % WINDOW), hashOf(number));
    }

    /// @notice Hash of block `number` on this chain.
    function hashOf(uint256 number) internal pure returns (bytes32 hash) {
        Memory.Pointer free = Memory.getFreeMemoryPointer();
        hash = keccak256(header(number));
        // A test asks for hundreds of hashes; memory that is never given back would cost more than the test.
        Memory.unsafeSetFreeMemoryPointer(free);
    }

    /// @notice RLP header of block `number`, Prague's 21 fields. Parent hashes reach ten blocks back at most: a test
    ///         that follows them needs no more.
    function header(uint256 number) internal pure returns (bytes memory) {
        return header(number, number % 10 == 0 ? keccak256(abi.encode("cut", number)) : hashOf(number - 1));
    }

    /// @notice The same with a parent of one's choice.
    function header(uint256 number, bytes32 parentHash) internal pure returns (bytes memory) {
        RLP.Encoder memory fields = RLP.encoder();
        fields.push(parentHash).push(keccak256("ommers")).push(address(0)).push(keccak256("state"));
        fields.push(keccak256("transactions")).push(keccak256("receipts")).push(new bytes(256)).push(uint256(0));
        fields.push(number).push(uint256(30_000_000)).push(uint256(21_000)).push(1_700_000_000 + number);
        fields.push(bytes("")).push(keccak256("randao")).push(abi.encodePacked(bytes8(0))).push(uint256(7));
        fields.push(keccak256("withdrawals")).push(uint256(0)).push(uint256(0)).push(keccak256("beacon"));
        fields.push(keccak256("requests"));
        return fields.encode();
    }
}
