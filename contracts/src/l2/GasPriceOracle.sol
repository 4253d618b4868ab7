// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {LibZip} from "solady/utils/LibZip.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Predeploys} from "../libraries/Predeploys.sol";
import {L1Block} from "./L1Block.sol";

/// @title GasPriceOracle
/// @notice The L1 data fee of a transaction, by the formula the kernel charges with (docs/spec/execution.md).
contract GasPriceOracle {
    /// @notice Decimals of both scalars and of the size estimate.
    uint256 public constant decimals = 6;

    // Fjord's linear fit of the compressed size, in 10^-6 bytes.
    int256 private constant SIZE_INTERCEPT = -42_585_600;
    int256 private constant SIZE_PER_BYTE = 836_500;
    int256 private constant SIZE_MINIMUM = 100 * 10 ** 6;

    /// @custom:storage-location erc7201:metis.storage.GasPriceOracle
    struct OracleStorage {
        uint32 baseFeeScalar;
        uint32 blobBaseFeeScalar;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.GasPriceOracle")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x50960162390e9096e6b9e038c1869daac6ae45ec43103118fe3f4f9bede61100;

    /// @notice L1 data fee in METIS wei, charged beside gas.
    /// @param transaction Signed EIP-2718 bytes. Without a signature the answer is too low by what about 68 bytes cost.
    function getL1Fee(bytes memory transaction) external view returns (uint256) {
        return _fee(_size(LibZip.flzCompress(transaction).length));
    }

    /// @notice What the L1 data fee of a signed transaction cannot exceed, whatever its content.
    /// @param length Length of the signed EIP-2718 bytes.
    function getL1FeeUpperBound(uint256 length) external view returns (uint256) {
        // FastLZ lengthens incompressible data by one byte in 32, and one more at the end.
        return _fee(_size(length + (length + 31) / 32 + 1));
    }

    /// @notice L1 gas that `l1GasUsed` in receipts tells: 16 a byte of estimated size.
    function getL1GasUsed(bytes memory transaction) external pure returns (uint256) {
        return _size(LibZip.flzCompress(transaction).length) * 16 / 10 ** decimals;
    }

    function l1BaseFee() external view returns (uint256) {
        return _l1Block().basefee();
    }

    function blobBaseFee() external view returns (uint256) {
        return _l1Block().blobBaseFee();
    }

    /// @notice METIS wei for 1 ETH.
    function rate() external view returns (uint256) {
        return _l1Block().rate();
    }

    function baseFeeScalar() external view returns (uint32) {
        return _storage().baseFeeScalar;
    }

    function blobBaseFeeScalar() external view returns (uint32) {
        return _storage().blobBaseFeeScalar;
    }

    /// @notice Base fee of the current L2 block, METIS wei.
    function gasPrice() external view returns (uint256) {
        return block.basefee;
    }

    function baseFee() external view returns (uint256) {
        return block.basefee;
    }

    /// @dev Estimated compressed size in 10^-6 bytes.
    function _size(uint256 fastlzLength) private pure returns (uint256) {
        int256 size = SIZE_INTERCEPT + SIZE_PER_BYTE * int256(fastlzLength);
        return uint256(size < SIZE_MINIMUM ? SIZE_MINIMUM : size);
    }

    function _fee(uint256 size) private view returns (uint256) {
        L1Block l1 = _l1Block();
        OracleStorage storage $ = _storage();
        uint256 price = 16 * uint256($.baseFeeScalar) * l1.basefee() + uint256($.blobBaseFeeScalar) * l1.blobBaseFee();
        return Math.mulDiv(size * price / 10 ** 12, l1.rate(), 10 ** 18, Math.Rounding.Ceil);
    }

    function _l1Block() private pure returns (L1Block) {
        return L1Block(Predeploys.L1_BLOCK);
    }

    function _storage() private pure returns (OracleStorage storage $) {
        assembly {
            $.slot := STORAGE_SLOT
        }
    }
}
