// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PosterParameters} from "../../src/interfaces/IPosterVault.sol";
import {PostingCost} from "../../src/libraries/PostingCost.sol";
import {VectorFile} from "../base/VectorFile.sol";
import {PosterFixture} from "./PosterVault.t.sol";

/// @notice Solidity agrees with the vectors of fees.md, "What is paid back".
contract PostingVectorsTest is PosterFixture, VectorFile {
    uint256 private constant GAS_PER_BLOB = 131_072;

    function test_PostingCost() public {
        for (uint256 i = 0; _open("postingCost", i); ++i) {
            uint256 execution = _uint(".input.execution") + posters.RECORD_GAS();
            uint256 gas = PostingCost.gasOf(_uint(".input.zeros"), _uint(".input.others"), execution);
            vm.assertEq(gas, _uint(".output.gas"), entry);
            PosterParameters memory caps = PosterParameters({
                gasPriceCap: uint64(_uint(".input.gasPriceCap")),
                tipCap: uint64(_uint(".input.tipCap")),
                blobPriceCap: uint64(_uint(".input.blobPriceCap"))
            });
            uint256 blobs = _uint(".input.blobs");
            vm.fee(_uint(".input.baseFee"));
            vm.txGasPrice(_uint(".input.gasPrice"));
            vm.blobhashes(_blobHashes(blobs));
            vm.blobBaseFee(_uint(".input.excessBlobGas"));
            vm.assertEq(block.blobbasefee, _uint(".input.blobBaseFee"), entry);
            vm.assertEq(PostingCost.price(gas, blobs != 0, caps), _uint(".output.cost"), entry);
        }
    }

    /// @dev At no gas price a batch costs its blob: one each, at a price as high as it takes.
    function test_PostingRefunds() public {
        vm.txGasPrice(0);
        for (uint256 i = 0; _open("postingRefunds", i); ++i) {
            _deploy(_weights(4, 25));
            uint256[] memory costs = vm.parseJsonUintArray(json, _path(".input.costs"));
            for (uint256 j = 0; j < costs.length; ++j) {
                _setBlobPrice(costs[j] / GAS_PER_BLOB);
                vm.assertEq(_postBlobs(_poster(j), 1, 130_000_000), costs[j], entry);
            }
            _fill(_uint(".input.held"));
            _settle(0, _uint(".input.rate"));
            vm.assertEq(posters.epochRefunds(0).granted, _uint(".output.granted"), entry);
            uint256[] memory refunds = vm.parseJsonUintArray(json, _path(".output.refunds"));
            vm.assertEq(refunds.length, costs.length, entry);
            for (uint256 j = 0; j < refunds.length; ++j) {
                vm.assertEq(posters.refundsOf(_poster(j), _one(0))[0], refunds[j], entry);
            }
        }
    }

    function _poster(uint256 index) private pure returns (address) {
        return address(uint160(0xb0b0 + index));
    }

    function _setBlobPrice(uint256 price) private {
        PosterParameters memory parameters = _posterParameters();
        parameters.blobPriceCap = uint64(price);
        vm.prank(OWNER);
        posters.setParameters(parameters);
    }
}
