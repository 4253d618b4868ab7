// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBatchInbox} from "../../src/interfaces/IBatchInbox.sol";
import {Certificate} from "../../src/types/Certificate.sol";
import {DataHeader, DataMode} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice The data rule of each mode.
contract BatchInboxDataTest is L1Fixture {
    uint256 private constant BLOB_PAYLOAD = 126_976;

    function test_RefusesEmptyPayload() public {
        _refuse(_nextHeader(GENESIS_ANCHOR, ""), "", abi.encodeWithSelector(IBatchInbox.EmptyPayload.selector));
        DataHeader memory header = _blobHeader(0);
        _refuse(header, "", abi.encodeWithSelector(IBatchInbox.EmptyPayload.selector));
    }

    function test_CalldataHoldsExactlyItsLimit() public {
        bytes memory payload = new bytes(120_000);
        _accept(_nextHeader(GENESIS_ANCHOR, payload), payload);
        payload = new bytes(120_001);
        _refuse(
            _nextHeader(GENESIS_ANCHOR, payload),
            payload,
            abi.encodeWithSelector(IBatchInbox.PayloadTooLarge.selector, 120_001, 120_000)
        );
    }

    function test_RefusesPayloadOfAnotherSize() public {
        DataHeader memory header = _nextHeader();
        _refuse(header, "", abi.encodeWithSelector(IBatchInbox.WrongPayloadSize.selector, PAYLOAD.length, 0));
        bytes memory longer = bytes.concat(PAYLOAD, hex"00");
        _refuse(
            header,
            longer,
            abi.encodeWithSelector(IBatchInbox.WrongPayloadSize.selector, PAYLOAD.length, PAYLOAD.length + 1)
        );
    }

    function test_RefusesAnotherPayload() public {
        DataHeader memory header = _nextHeader();
        bytes memory other = "pAyload of a batch";
        _refuse(
            header,
            other,
            abi.encodeWithSelector(IBatchInbox.WrongPayloadHash.selector, keccak256(PAYLOAD), keccak256(other))
        );
    }

    function test_RefusesCommitmentInCalldataMode() public {
        DataHeader memory header = _nextHeader();
        header.dataCommitment = keccak256("commitment");
        _refuse(
            header,
            PAYLOAD,
            abi.encodeWithSelector(IBatchInbox.WrongDataCommitment.selector, bytes32(0), keccak256("commitment"))
        );
    }

    function testFuzz_BlobsAreAsManyAsThePayloadFills(uint256 size) public {
        size = bound(size, 1, 6 * BLOB_PAYLOAD);
        uint256 count = (size + BLOB_PAYLOAD - 1) / BLOB_PAYLOAD;
        DataHeader memory header = _blobHeader(size);
        bytes32[] memory hashes = _carryBlobs(count);
        header.dataCommitment = keccak256(abi.encodePacked(hashes));
        vm.expectEmit(address(inbox));
        emit IBatchInbox.BatchPosted(1, header.hash(), header, hashes);
        _accept(header, "");
    }

    function test_RefusesTooFewOrTooManyBlobs() public {
        DataHeader memory header = _blobHeader(BLOB_PAYLOAD + 1);
        header.dataCommitment = keccak256(abi.encodePacked(_carryBlobs(1)));
        _refuse(header, "", abi.encodeWithSelector(IBatchInbox.WrongBlobCount.selector, 2, 1));
        header.dataCommitment = keccak256(abi.encodePacked(_carryBlobs(3)));
        _refuse(header, "", abi.encodeWithSelector(IBatchInbox.WrongBlobCount.selector, 2, 3));
    }

    function test_RefusesBlobModeWithoutBlobs() public {
        _refuse(_blobHeader(100), "", abi.encodeWithSelector(IBatchInbox.WrongBlobCount.selector, 1, 0));
    }

    function test_RefusesMoreThanSixBlobs() public {
        uint256 size = 6 * BLOB_PAYLOAD + 1;
        _refuse(
            _blobHeader(size), "", abi.encodeWithSelector(IBatchInbox.PayloadTooLarge.selector, size, 6 * BLOB_PAYLOAD)
        );
    }

    function test_RefusesOtherBlobs() public {
        DataHeader memory header = _blobHeader(100);
        header.dataCommitment = keccak256("others");
        bytes32 carried = keccak256(abi.encodePacked(_carryBlobs(1)));
        _refuse(
            header, "", abi.encodeWithSelector(IBatchInbox.WrongDataCommitment.selector, carried, keccak256("others"))
        );
    }

    function test_RefusesCalldataInBlobMode() public {
        DataHeader memory header = _blobHeader(100);
        _refuse(header, PAYLOAD, abi.encodeWithSelector(IBatchInbox.UnexpectedData.selector, PAYLOAD.length));
    }

    function test_RefusesPayloadHashInBlobMode() public {
        DataHeader memory header = _blobHeader(100);
        header.payloadHash = keccak256("payload");
        _refuse(header, "", abi.encodeWithSelector(IBatchInbox.NonZeroPayloadHash.selector, keccak256("payload")));
    }

    function testFuzz_RefusesModesThatNobodyMayPost(uint8 mode) public {
        vm.assume(mode > DataMode.BLOBS);
        DataHeader memory header = _nextHeader();
        header.dataMode = mode;
        _refuse(header, PAYLOAD, abi.encodeWithSelector(IBatchInbox.UnsupportedDataMode.selector, mode));
    }

    function _blobHeader(uint256 size) private view returns (DataHeader memory header) {
        header = _nextHeader();
        header.dataMode = DataMode.BLOBS;
        header.payloadHash = 0;
        header.payloadSize = uint32(size);
    }

    function _carryBlobs(uint256 count) private returns (bytes32[] memory hashes) {
        hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            hashes[i] = keccak256(abi.encode("blob", i));
            hashes[i] = (hashes[i] >> 8) | bytes32(uint256(1) << 248);
        }
        vm.blobhashes(hashes);
    }

    function _accept(DataHeader memory header, bytes memory data) private {
        StateClaim memory claim = _emptyClaim(header);
        inbox.submitBatch(header, claim, _certify(claim), data);
    }

    function _refuse(DataHeader memory header, bytes memory data, bytes memory refusal) private {
        StateClaim memory claim = _emptyClaim(header);
        Certificate memory certificate = _certify(claim);
        vm.expectRevert(refusal);
        inbox.submitBatch(header, claim, certificate, data);
    }
}
