// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {RewardParameters} from "../../src/interfaces/IEmissionReserve.sol";
import {EpochRevenue} from "../../src/types/EpochRevenue.sol";
import {VectorFile} from "../base/VectorFile.sol";
import {RewardsFixture} from "./Rewards.t.sol";

/// @notice Solidity agrees with the vectors of fees.md, "Leaders and committee", which TypeScript reads, too.
contract FeeVectorsTest is RewardsFixture, VectorFile {
    function test_FeeShares() public {
        for (uint256 i = 0; _open("feeShares", i); ++i) {
            // A reserve without METIS pays no rewards: what seats get are fees.
            _deploy(_units());
            RewardParameters memory terms = _rewardParameters();
            terms.feeProposerShare = uint16(_uint(".input.feeProposerShare"));
            vm.prank(OWNER);
            reserve.setParameters(terms);
            uint64 blocks = uint64(_uint(".input.blocks"));
            _report(1, blocks, _words(), EpochRevenue(_uint(".input.fees"), 0, 1));
            _distribute(1, blocks, _words());
            uint256[] memory shares = vm.parseJsonUintArray(json, _path(".output.shares"));
            vm.assertEq(shares.length, members.length, entry);
            for (uint256 j = 0; j < shares.length; ++j) {
                vm.assertEq(_rewardsOf(members[j].signer), shares[j], entry);
            }
            vm.assertEq(token.balanceOf(address(reserve)), _uint(".output.stays"), entry);
        }
    }

    function _units() private view returns (uint96[] memory weights) {
        uint256 count;
        while (vm.keyExistsJson(json, _path(_member(count, "")))) {
            ++count;
        }
        weights = new uint96[](count);
        for (uint256 i = 0; i < count; ++i) {
            weights[i] = uint96(_uint(_member(i, ".weight")) / UNIT);
        }
    }

    /// @dev Attendance as L2 reports it: four members a word.
    function _words() private view returns (uint256[] memory words) {
        words = new uint256[]((members.length + 3) / 4);
        for (uint256 i = 0; i < members.length; ++i) {
            uint256 pair = _uint(_member(i, ".attested")) << 32 | _uint(_member(i, ".proposed"));
            words[i / 4] |= pair << (i % 4 * 64);
        }
    }

    function _member(uint256 index, string memory field) private view returns (string memory) {
        return string.concat(".input.members[", vm.toString(index), "]", field);
    }
}
