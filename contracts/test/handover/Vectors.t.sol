// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Signatures} from "../../src/libraries/Signatures.sol";
import {Heartbeat} from "../../src/types/Heartbeat.sol";
import {VectorFile} from "../base/VectorFile.sol";

/// @notice Solidity agrees with the vectors of below-two-thirds.md, which TypeScript reads, too.
contract HandoverVectorsTest is VectorFile {
    function test_Heartbeat() public {
        for (uint256 i = 0; _open("heartbeat", i); ++i) {
            Heartbeat memory beat = Heartbeat({
                generation: uint32(_uint(".input.generation")),
                epoch: uint64(_uint(".input.epoch")),
                l1BlockNumber: uint64(_uint(".input.l1BlockNumber")),
                l1BlockHash: _bytes32(".input.l1BlockHash")
            });
            vm.assertEq(beat.hash(), _bytes32(".output.structHash"), entry);
            bytes32 domain = _bytes32(".output.domainSeparator");
            bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, beat.hash()));
            vm.assertEq(digest, _bytes32(".output.digest"), entry);
            vm.assertEq(this.recover(_bytes(".output.signature"), digest), _address(".output.signer"), entry);
        }
    }

    /// @dev A call of its own, for signatures in calldata.
    function recover(bytes calldata signature, bytes32 digest) external pure returns (address) {
        return Signatures.recover(signature, digest);
    }
}
