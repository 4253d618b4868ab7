// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ClaimStatus, IStateClaims} from "../../src/interfaces/IStateClaims.sol";
import {BlockInclusion} from "../../src/libraries/BlockInclusion.sol";
import {Inclusion} from "../../src/types/Inclusion.sol";
import {VectorFile} from "../base/VectorFile.sol";

/// @notice Solidity agrees with inclusion.json, which TypeScript reads, too.
contract InclusionVectorsTest is VectorFile {
    IStateClaims private constant CLAIMS = IStateClaims(address(0xc1a1));

    function test_Inclusion() public {
        for (uint256 i = 0; _open("inclusion", i); ++i) {
            Inclusion memory inclusion = _inclusion();
            _settle(inclusion);
            BlockInclusion.Place memory place = this.prove(inclusion);
            vm.assertEq(place.number, _uint(".input.number"), entry);
            vm.assertEq(place.index, _uint(".input.transactionIndex"), entry);
            vm.assertEq(place.generation, _uint(".input.generation"), entry);
            vm.assertEq(place.proposer, _address(".input.proposer"), entry);
            vm.assertEq(place.transactionHash, _bytes32(".output.transactionHash"), entry);
        }
    }

    function test_AnotherPlaceIsNotProven() public {
        for (uint256 i = 0; _open("inclusion", i); ++i) {
            Inclusion memory inclusion = _inclusion();
            ++inclusion.transactionIndex;
            _settle(inclusion);
            vm.expectRevert();
            this.prove(inclusion);
            --inclusion.transactionIndex;
            --inclusion.claim.firstBlock;
            --inclusion.claim.lastBlock;
            _settle(inclusion);
            vm.expectRevert();
            this.prove(inclusion);
        }
    }

    /// @dev A call of its own, for calldata.
    function prove(Inclusion calldata inclusion) external view returns (BlockInclusion.Place memory) {
        return BlockInclusion.prove(inclusion, CLAIMS);
    }

    function _settle(Inclusion memory inclusion) private {
        vm.mockCall(
            address(CLAIMS),
            abi.encodeCall(IStateClaims.claimOf, (inclusion.batchIndex, inclusion.claim.prevOutputRoot)),
            abi.encode(ClaimStatus.Settled, inclusion.claim.hash(), bytes32(0), uint64(0), uint64(0))
        );
    }

    function _inclusion() private view returns (Inclusion memory inclusion) {
        inclusion.batchIndex = 7;
        inclusion.claim.firstBlock = uint64(_uint(".input.firstBlock"));
        uint256 blocks = vm.parseJsonBytes32Array(json, _path(".input.outputRoots")).length;
        inclusion.claim.lastBlock = inclusion.claim.firstBlock + uint64(blocks) - 1;
        inclusion.claim.outputsRoot = _bytes32(".output.outputsRoot");
        inclusion.outputPath = vm.parseJsonBytes32Array(json, _path(".output.outputPath"));
        inclusion.stateRoot = _bytes32(".input.stateRoot");
        inclusion.messagePasserStorageRoot = _bytes32(".input.messagePasserStorageRoot");
        inclusion.header = _bytes(".input.header");
        inclusion.transactionIndex = uint64(_uint(".input.transactionIndex"));
        inclusion.transactionProof = vm.parseJsonBytesArray(json, _path(".output.transactionProof"));
    }
}
