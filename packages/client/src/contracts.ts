import type { GenesisConfig } from "@metis/protocol";

/** L1 contracts of a Metis chain; a devnet's are in its devnet.json. */
export type MetisL1Contracts = Pick<
  GenesisConfig,
  "batchInbox" | "portal" | "stateClaims" | "systemConfig" | "metisToken" | "l1StandardBridge"
>;
