// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ISlashingManager, SignedReceipt} from "../interfaces/ISlashingManager.sol";
import {IStateClaims} from "../interfaces/IStateClaims.sol";
import {Inclusion} from "../types/Inclusion.sol";
import {OrderReceipt} from "../types/OrderReceipt.sol";
import {BlockInclusion} from "./BlockInclusion.sol";
import {Signatures} from "./Signatures.sol";

/// @title OrderEvidence
/// @notice That a leader's receipts contradict each other, or the blocks that it proposed (docs/spec/receipts.md,
///         "Evidence").
library OrderEvidence {
    /// @notice Who signed both receipts, of one generation; reverts when two have.
    function signerOfBoth(SignedReceipt calldata a, SignedReceipt calldata b, bytes32 domain)
        internal
        pure
        returns (address signer)
    {
        if (a.receipt.generation != b.receipt.generation) revert ISlashingManager.NoConflict();
        signer = _signerOf(a, domain);
        address other = _signerOf(b, domain);
        if (signer != other) revert ISlashingManager.NotOneSigner(signer, other);
    }

    /// @notice Reverts unless the transaction of `passedOver`, whose sequence is the lower one, stands behind that of
    ///         `preferred`, each in a block of the signer in which its receipt binds.
    function checkBrokenOrder(
        address signer,
        OrderReceipt calldata passedOver,
        Inclusion calldata passedOverAt,
        OrderReceipt calldata preferred,
        Inclusion calldata preferredAt,
        IStateClaims stateClaims
    ) internal view {
        if (passedOver.sequence >= preferred.sequence) {
            revert ISlashingManager.NoConflict();
        }
        BlockInclusion.Place memory late = _boundPlace(signer, passedOver, passedOverAt, stateClaims);
        BlockInclusion.Place memory early = _boundPlace(signer, preferred, preferredAt, stateClaims);
        if (!BlockInclusion.isBefore(early, late)) revert ISlashingManager.OrderKept();
    }

    /// @dev Where the receipt's transaction stands, if the receipt binds its signer there.
    function _boundPlace(
        address signer,
        OrderReceipt calldata receipt,
        Inclusion calldata inclusion,
        IStateClaims stateClaims
    ) private view returns (BlockInclusion.Place memory place) {
        place = BlockInclusion.prove(inclusion, stateClaims);
        if (place.transactionHash != receipt.transactionHash) {
            revert ISlashingManager.WrongTransaction(receipt.transactionHash, place.transactionHash);
        }
        bool isInForce = place.number >= receipt.firstBlock && place.number <= receipt.lastBlock;
        if (place.proposer != signer || place.generation != receipt.generation || !isInForce) {
            revert ISlashingManager.ReceiptDoesNotBind(place.number);
        }
    }

    function _signerOf(SignedReceipt calldata signed, bytes32 domain) private pure returns (address) {
        return
            Signatures.recover(signed.signature, keccak256(abi.encodePacked(hex"1901", domain, signed.receipt.hash())));
    }
}
