import type { ChainConfig, Epoch, L1BlockNumber } from "@metis/protocol";

type EpochConfig = Pick<ChainConfig, "genesisAnchorNumber" | "epochLength">;

/** Epoch of an anchor (docs/spec/derivation.md): floor((anchor - genesis anchor) / epochLength). */
export const epochOf = (config: EpochConfig, anchorNumber: L1BlockNumber): Epoch =>
  anchorNumber <= config.genesisAnchorNumber
    ? 0n
    : (anchorNumber - config.genesisAnchorNumber) / BigInt(config.epochLength);

/** First anchor of the epoch after `epoch`: a block that reaches it ends its batch. */
export const epochEnd = (config: EpochConfig, epoch: Epoch): L1BlockNumber =>
  config.genesisAnchorNumber + (epoch + 1n) * BigInt(config.epochLength);
