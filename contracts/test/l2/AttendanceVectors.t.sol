// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Attendance, AttendanceRun} from "../../src/libraries/Attendance.sol";
import {VectorFile} from "../base/VectorFile.sol";

/// @notice Solidity reads and counts attendances as the vectors of staking.md say, which TypeScript reads, too.
contract AttendanceVectorsTest is VectorFile {
    function test_Attendance() public {
        for (uint256 i = 0; _open("attendance", i); ++i) {
            (uint64 epoch, AttendanceRun[] memory runs) = this.read(_bytes(".output.bytes"));
            vm.assertEq(epoch, _uint(".input.epoch"), entry);
            vm.assertFalse(vm.keyExistsJson(json, _path(_runPath(runs.length, ""))), entry);
            uint256[] memory words = new uint256[](Attendance.WORDS);
            uint256 blocks;
            for (uint256 j = 0; j < runs.length; ++j) {
                _checkRun(j, runs[j]);
                blocks += runs[j].blocks;
                for (uint256 word = 0; word < words.length; ++word) {
                    words[word] += Attendance.wordOf(runs[j], word);
                }
            }
            vm.assertEq(blocks, _uint(".output.blocks"), entry);
            uint256[] memory expected = vm.parseJsonUintArray(json, _path(".output.words"));
            for (uint256 word = 0; word < words.length; ++word) {
                vm.assertEq(words[word], word < expected.length ? expected[word] : 0, entry);
            }
        }
    }

    function test_NoProposal() public {
        for (uint256 i = 0; _open("noProposal", i); ++i) {
            (uint256 weight, uint256 totalWeight) = (_uint(".input.weight"), _uint(".input.totalWeight"));
            bool passes = Attendance.letsTurnsPass(_uint(".input.attested"), weight, totalWeight, _uint(".input.term"));
            vm.assertEq(passes, vm.parseJsonBool(json, _path(".output.letsTurnsPass")), entry);
        }
    }

    /// @dev A call of its own, for bytes in calldata.
    function read(bytes calldata attendance) external pure returns (uint64 epoch, AttendanceRun[] memory runs) {
        uint256 count;
        (epoch, count) = Attendance.head(attendance);
        runs = new AttendanceRun[](count);
        for (uint256 i = 0; i < count; ++i) {
            runs[i] = Attendance.run(attendance, i);
        }
    }

    function _checkRun(uint256 index, AttendanceRun memory run) private view {
        vm.assertEq(run.firstBlock, _uint(_runPath(index, ".firstBlock")), entry);
        vm.assertEq(run.blocks, _uint(_runPath(index, ".blocks")), entry);
        vm.assertEq(run.proposer, _uint(_runPath(index, ".proposer")), entry);
        vm.assertEq(run.attested, _uint(_runPath(index, ".attested")), entry);
    }

    function _runPath(uint256 index, string memory field) private pure returns (string memory) {
        return string.concat(".input.runs[", vm.toString(index), "]", field);
    }
}
