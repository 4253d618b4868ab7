// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What a chain is, for ever (docs/spec/structs.md, "Genesis config hash").
struct GenesisConfig {
    uint256 l1ChainId;
    uint256 l2ChainId;
    address batchInbox;
    address portal;
    address stateClaims;
    address systemConfig;
    address metisToken;
    address l1Messenger;
    address l1StandardBridge;
    bytes32 l2GenesisHash;
}

/// @title GenesisConfigHash
library GenesisConfigHash {
    bytes32 internal constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)");

    /// @notice genesisConfigHash, the salt of the signing domain.
    function hash(GenesisConfig memory config) internal pure returns (bytes32) {
        return keccak256(abi.encode(config));
    }

    /// @notice Separator of the one domain under which sequencers sign.
    function domainSeparator(GenesisConfig memory config) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                DOMAIN_TYPEHASH, keccak256("Metis"), keccak256("1"), config.l2ChainId, config.batchInbox, hash(config)
            )
        );
    }
}

using GenesisConfigHash for GenesisConfig global;
