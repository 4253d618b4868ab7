// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {ISequencerSets} from "../interfaces/ISequencerSets.sol";
import {Certificates} from "../libraries/Certificates.sol";
import {SetMember} from "../types/Certificate.sol";

/// @title FixedSequencerSets
/// @notice One set for all epochs, given at deployment. Staking takes its place behind the same proxy.
contract FixedSequencerSets is ISequencerSets, Initializable {
    /// @custom:storage-location erc7201:metis.storage.FixedSequencerSets
    struct FixedSequencerSetsStorage {
        bytes32 setHash;
        uint256 totalWeight;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.FixedSequencerSets")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0xc8f2a0c6c633c9d716aa035c969242375ef79eab2309ea28e186239e2a760900;

    /// @notice A set has between one member and 256.
    error WrongMemberCount(uint256 count);
    /// @notice Signers must be strictly ascending, so that none counts twice.
    error NotAscending(uint256 position);
    /// @notice A member without weight or without an address.
    error EmptySeat(uint256 position);

    event SetStored(bytes32 setHash, uint256 totalWeight, SetMember[] members);

    constructor() {
        _disableInitializers();
    }

    /// @param members the set of every epoch, strictly ascending by signer
    function initialize(SetMember[] calldata members) external initializer {
        if (members.length == 0 || members.length > Certificates.MAX_MEMBERS) revert WrongMemberCount(members.length);
        uint256 totalWeight;
        address previous;
        for (uint256 i = 0; i < members.length; ++i) {
            if (members[i].weight == 0 || members[i].signer == address(0)) revert EmptySeat(i);
            if (members[i].signer <= previous) revert NotAscending(i);
            previous = members[i].signer;
            totalWeight += members[i].weight;
        }
        FixedSequencerSetsStorage storage $ = _storage();
        $.setHash = keccak256(abi.encode(members));
        $.totalWeight = totalWeight;
        emit SetStored($.setHash, totalWeight, members);
    }

    /// @inheritdoc ISequencerSets
    function setOf(uint64) external view returns (bytes32 setHash, uint256 totalWeight) {
        FixedSequencerSetsStorage storage $ = _storage();
        return ($.setHash, $.totalWeight);
    }

    function _storage() private pure returns (FixedSequencerSetsStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
