import type { MvmReader, PureSchedule } from "@metis/mvm";
import type { Hash } from "@metis/protocol";
import { row, type Clock, type ConfigValues, type Logger, type Rng } from "@metis/runtime";
import type { Hex } from "viem";
import type { Mempool } from "../mempool/api.ts";
import type { HeadView, LatestHead } from "./heads.ts";

/** Operator options of the Ethereum methods. */
export const ethConfig = {
  "eth.latest": row.choice({ description: "Head that `latest` names", words: ["signed", "unsafe"], default: "signed" }),
  "eth.gasCap": row.bigint({ description: "Most gas of eth_call and its like", unit: "gas", default: 50_000_000n }),
  "eth.suggestedTip": row.bigint({
    description: "Answer of eth_maxPriorityFeePerGas; blocks are filled first come, first served",
    unit: "wei a gas",
    default: 1_000_000n,
  }),
  "eth.maxLogBlocks": row.integer({ description: "Blocks that one log query may span", default: 10_000, min: 1 }),
  "eth.maxLogs": row.integer({ description: "Logs that one query may return", default: 20_000, min: 1 }),
  "eth.maxFilters": row.integer({
    description: "Filters installed at a time, all clients together",
    default: 1000,
    min: 0,
  }),
  "eth.filterMinutes": row.integer({
    description: "A filter that nobody asks is forgotten",
    unit: "minutes",
    default: 5,
    min: 1,
  }),
} as const;

export type EthOptions = ConfigValues<typeof ethConfig>;

/** The options with their defaults, `given` over them. */
export function ethOptions(given: Partial<EthOptions> = {}): EthOptions {
  const defaults = Object.fromEntries(Object.entries(ethConfig).map(([key, { default: value }]) => [key, value]));
  return { ...(defaults as unknown as EthOptions), ...given };
}

export interface SyncStatus {
  readonly startingBlock: bigint;
  readonly currentBlock: bigint;
  readonly highestBlock: bigint;
}

/** What the Ethereum methods work on. */
export interface EthContext {
  readonly reader: MvmReader;
  readonly heads: HeadView;
  readonly chainId: bigint;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly options: EthOptions;
  /** Name, version, platform; the answer of web3_clientVersion. */
  readonly clientVersion: string;
  /** Ethereum's rules alone: no L1 fee in receipts. */
  readonly pure: boolean;
  /** Absent on nodes that keep none. */
  readonly mempool?: Mempool;
  /** Takes a raw transaction; the mempool when absent. */
  readonly send?: (raw: Hex) => Promise<Hash>;
  /** `undefined` while in step. */
  readonly syncing?: () => SyncStatus | undefined;
  readonly peerCount?: () => number;
  /** Forks and blob parameters of an imported chain; L2 has every fork from its genesis on, and no blobs. */
  readonly schedule?: PureSchedule;
}

export type { LatestHead };
