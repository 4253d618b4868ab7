import { zeroAddress, zeroHash } from "../index.ts";
import type { GenesisConfig } from "../index.ts";

/** The genesis config of a chain that no test needs to know more of. */
export const modelGenesis: GenesisConfig = {
  l1ChainId: 31_337n,
  l2ChainId: 901_088n,
  batchInbox: zeroAddress,
  portal: zeroAddress,
  stateClaims: zeroAddress,
  systemConfig: zeroAddress,
  metisToken: zeroAddress,
  l1Messenger: zeroAddress,
  l1StandardBridge: zeroAddress,
  l2GenesisHash: zeroHash,
};
