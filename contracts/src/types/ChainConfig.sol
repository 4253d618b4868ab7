// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice The part of the chain config that L1 enforces and that never changes (docs/spec/structs.md, "Chain config").
struct ChainRules {
    uint64 l1ChainId;
    uint64 l2ChainId;
    uint64 genesisAnchorNumber;
    uint64 genesisAnchorTime;
    bytes32 genesisAnchorHash;
    /// gas of the deposits of one L1 block
    uint64 depositGasLimit;
    /// L1 blocks
    uint32 epochLength;
    uint32 maxAnchorStep;
    uint32 maxBatchAnchors;
    uint32 l1Depth;
    /// seconds
    uint32 heartbeat;
    uint32 maxBatchAge;
    /// blocks that a leader proposes in a row
    uint32 term;
}

/// @title ChainConfig
/// @notice Reads the rules out of the RLP form of a chain config, so that L1 and the nodes cannot disagree on them.
library ChainConfig {
    using RLP for *;
    using SafeCast for uint256;

    uint256 internal constant VERSION = 1;
    uint256 internal constant ITEMS = 25;

    /// @notice The list has not 25 items.
    error WrongItemCount(uint256 count);
    /// @notice The first item is not 1.
    error WrongVersion(uint256 version);

    /// @notice Rules in `config`, the RLP list of docs/spec/structs.md.
    function decode(bytes memory config) internal pure returns (ChainRules memory rules) {
        Memory.Slice[] memory items = config.decodeList();
        if (items.length != ITEMS) revert WrongItemCount(items.length);
        if (items[0].readUint256() != VERSION) revert WrongVersion(items[0].readUint256());
        rules.l1ChainId = items[1].readUint256().toUint64();
        rules.l2ChainId = items[2].readUint256().toUint64();
        rules.heartbeat = items[5].readUint256().toUint32();
        rules.term = items[6].readUint256().toUint32();
        rules.depositGasLimit = items[8].readUint256().toUint64();
        rules.maxBatchAge = items[11].readUint256().toUint32();
        rules.maxAnchorStep = items[13].readUint256().toUint32();
        rules.maxBatchAnchors = items[14].readUint256().toUint32();
        rules.epochLength = items[15].readUint256().toUint32();
        rules.l1Depth = items[16].readUint256().toUint32();
        rules.genesisAnchorNumber = items[17].readUint256().toUint64();
        rules.genesisAnchorHash = items[18].readBytes32();
        rules.genesisAnchorTime = items[19].readUint256().toUint64();
    }
}
