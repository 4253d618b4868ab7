// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {LibZip} from "solady/utils/LibZip.sol";
import {VectorFile} from "../base/VectorFile.sol";
import {L2Fixture} from "./L2Fixture.sol";

/// @notice Solidity agrees with the vectors of execution.md, "L1 data fee", by which the kernel charges.
contract DataFeeVectorsTest is L2Fixture, VectorFile {
    function test_FastLZ() public {
        for (uint256 i = 0; _open("fastlz", i); ++i) {
            vm.assertEq(LibZip.flzCompress(_bytes(".input")).length, _uint(".output"), entry);
        }
    }

    function test_DataFee() public {
        for (uint256 i = 0; _open("dataFee", i); ++i) {
            uint256 scalars = _uint(".input.l1BlobBaseFeeScalar") << 32 | _uint(".input.l1BaseFeeScalar");
            vm.store(address(oracle), ORACLE_SLOT, bytes32(scalars));
            uint64 anchor = uint64(i + 1);
            _move(anchor, _uint(".input.baseFee"), _uint(".input.blobBaseFee"), _uint(".input.rate"), "");
            vm.assertEq(oracle.getL1Fee(_bytes(".input.transaction")), _uint(".output"), entry);
        }
    }
}
