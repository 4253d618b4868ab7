// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MessagePasserProof} from "../../src/libraries/MessagePasserProof.sol";
import {Test} from "../base/Test.sol";

/// @notice The proof library behind a call of its own, so that a test can see it revert.
contract ProofChecker {
    function holds(bytes32 withdrawalHash, bytes32 root, bytes[] memory proof) external pure returns (bool) {
        return MessagePasserProof.holds(withdrawalHash, root, proof);
    }
}

/// @notice Proofs from tries that another implementation built (contracts/test/fixtures/generate.mjs).
contract WithdrawalProofsTest is Test {
    string private constant FILE = "contracts/test/fixtures/withdrawalProofs.json";
    uint256 private constant TRIES = 5;

    ProofChecker private checker;
    string private json;

    function setUp() public {
        checker = new ProofChecker();
        json = vm.readFile(FILE);
    }

    function test_MembersAreProvenAndStrangersAreNot() public view {
        for (uint256 i = 0; i < TRIES; ++i) {
            bytes32 root = _root(i);
            uint256 count;
            for (; vm.keyExistsJson(json, _key(i, "members", count, "")); ++count) {
                (bytes32 hash, bytes[] memory proof) = _entry(i, "members", count);
                vm.assertTrue(checker.holds(hash, root, proof));
                vm.assertFalse(_holds(hash, bytes32(uint256(root) ^ 1), proof));
            }
            vm.assertGt(count, 0);
            for (uint256 j = 0; j < 2; ++j) {
                (bytes32 hash, bytes[] memory proof) = _entry(i, "strangers", j);
                vm.assertFalse(_holds(hash, root, proof));
            }
        }
    }

    function test_ProofOfOneWithdrawalProvesNoOther() public view {
        for (uint256 i = 1; i < TRIES; ++i) {
            (bytes32 first, bytes[] memory firstProof) = _entry(i, "members", 0);
            (bytes32 second, bytes[] memory secondProof) = _entry(i, "members", 1);
            vm.assertFalse(_holds(first, _root(i), secondProof));
            vm.assertFalse(_holds(second, _root(i), firstProof));
        }
    }

    function test_ProofCutShortOrDrawnOutProvesNothing() public view {
        for (uint256 i = 0; i < TRIES; ++i) {
            (bytes32 hash, bytes[] memory proof) = _entry(i, "members", 0);
            bytes[] memory shorter = new bytes[](proof.length - 1);
            bytes[] memory longer = new bytes[](proof.length + 1);
            for (uint256 j = 0; j < proof.length; ++j) {
                if (j < shorter.length) shorter[j] = proof[j];
                longer[j] = proof[j];
            }
            longer[proof.length] = proof[proof.length - 1];
            vm.assertFalse(_holds(hash, _root(i), shorter));
            vm.assertFalse(_holds(hash, _root(i), longer));
        }
    }

    function testFuzz_AnyChangedByteProvesNothing(uint256 node, uint256 position, uint8 flip) public view {
        vm.assume(flip != 0);
        (bytes32 hash, bytes[] memory proof) = _entry(3, "members", 1);
        bytes memory changed = proof[node % proof.length];
        changed[position % changed.length] ^= bytes1(flip);
        vm.assertFalse(_holds(hash, _root(3), proof));
    }

    function testFuzz_NoiseProvesNothing(bytes32 hash, bytes[] calldata proof) public view {
        vm.assertFalse(_holds(hash, _root(3), proof));
        if (proof.length > 0) vm.assertFalse(_holds(hash, keccak256(proof[0]), proof));
    }

    function testFuzz_RandomHashesAreNotInTheTrie(bytes32 hash) public view {
        (, bytes[] memory proof) = _entry(4, "members", 2);
        vm.assertFalse(_holds(hash, _root(4), proof));
    }

    function _holds(bytes32 hash, bytes32 root, bytes[] memory proof) private view returns (bool) {
        try checker.holds(hash, root, proof) returns (bool answer) {
            return answer;
        } catch {
            return false;
        }
    }

    function _root(uint256 trie) private view returns (bytes32) {
        return vm.parseJsonBytes32(json, string.concat(".[", vm.toString(trie), "].root"));
    }

    function _entry(uint256 trie, string memory kind, uint256 index)
        private
        view
        returns (bytes32 hash, bytes[] memory proof)
    {
        hash = vm.parseJsonBytes32(json, _key(trie, kind, index, ".withdrawalHash"));
        proof = vm.parseJsonBytesArray(json, _key(trie, kind, index, ".proof"));
    }

    function _key(uint256 trie, string memory kind, uint256 index, string memory field)
        private
        pure
        returns (string memory)
    {
        return string.concat(".[", vm.toString(trie), "].", kind, "[", vm.toString(index), "]", field);
    }
}
