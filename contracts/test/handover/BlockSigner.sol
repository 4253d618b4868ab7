// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BatchInbox} from "../../src/l1/BatchInbox.sol";
import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {Certificate, SetMember} from "../../src/types/Certificate.sol";
import {L1Chain} from "../base/L1Chain.sol";

/// @notice Block attestations of the pool as the inbox stands, and their certificates.
abstract contract BlockSigner {
    /// @dev L1 blocks from the head down to the youngest anchor.
    uint256 private constant ANCHOR_DEPTH = 2;

    /// @dev Signature of `signer` under the chain's signing domain.
    function _sign(address signer, bytes32 structHash) internal view virtual returns (bytes memory);

    function _attestation(BatchInbox inbox, uint64 number, bytes32 blockHash)
        internal
        view
        returns (BlockAttestation memory)
    {
        uint64 anchor = uint64(block.number - ANCHOR_DEPTH);
        return BlockAttestation({
            generation: inbox.generation(),
            epoch: inbox.nextEpoch(),
            number: number,
            blockHash: blockHash,
            outputRoot: keccak256("output"),
            anchorNumber: anchor,
            anchorHash: L1Chain.hashOf(anchor)
        });
    }

    /// @notice Certificate of the first `count` of `members`.
    function _certificate(BlockAttestation memory attestation, SetMember[] memory members, uint256 count)
        internal
        view
        returns (Certificate memory certificate)
    {
        certificate.bitmap = (1 << count) - 1;
        certificate.members = members;
        for (uint256 i = 0; i < count; ++i) {
            certificate.signatures = bytes.concat(certificate.signatures, _sign(members[i].signer, attestation.hash()));
        }
    }
}
