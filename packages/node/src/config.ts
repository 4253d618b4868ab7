import { row, rpcConfig } from "@metis/runtime";
import type { ConfigValues } from "@metis/runtime";
import { mempoolConfig } from "./mempool/config.ts";
import { poolConfig } from "./pool/config.ts";
import { rewardsConfig } from "./rewards/config.ts";
import { ethConfig } from "./rpc/context.ts";

/** What is no URL of JSON-RPC, if anything. */
function badEndpoint(urls: readonly string[]): string | undefined {
  const bad = urls.find((url) => !/^(?:https?|wss?):$/.test(URL.parse(url)?.protocol ?? ""));
  return bad === undefined ? undefined : `must be http, https, ws or wss URLs, holds ${JSON.stringify(bad)}`;
}

/** Operator options of a node; what changes derivation or execution is in the deployment's chain config instead. */
export const nodeConfig = {
  dataDir: row.text({ description: "Folder of the node's data", default: "data" }),
  deployment: row.text({ description: "File that says which chain this is, as the deployment wrote it", default: "" }),
  role: row.choice({
    description: "sequencer makes and signs blocks; replica follows L1, and the feeds it is given",
    words: ["sequencer", "replica"],
    default: "replica",
  }),
  "sequencer.rpc": row.list({
    description: "JSON-RPC endpoints that a replica passes transactions on to, in order; none: it takes none",
    default: [],
    check: badEndpoint,
  }),
  "feed.urls": row.list({
    description: "Nodes whose signed blocks a replica follows, one at a time, in order; none: it follows L1 alone",
    default: [],
    check: badEndpoint,
  }),
  "feed.silenceMs": row.integer({
    description: "After so long without a block a feed is asked whether it has one, and then the others",
    unit: "ms",
    default: 2_000,
    min: 50,
  }),
  "l1.rpc": row.text({ description: "JSON-RPC endpoint of L1", default: "http://127.0.0.1:8545" }),
  "l1.beacon": row.list({ description: "Beacon nodes or Metis nodes to fetch blobs from, in order", default: [] }),
  "l1.pollMs": row.integer({ description: "How often L1's head is asked for", unit: "ms", default: 500, min: 20 }),
  "signer.keyFile": row.optionalText({
    description: "File with the seat's key, a keystore or 0x hex; sequencer only",
  }),
  "signer.passwordFile": row.optionalText({ description: "File whose first line is the password of that keystore" }),
  "signer.url": row.optionalText({
    description: "Remote signer that holds the seat's key, instead of signer.keyFile (`metis signer serve`)",
    check: (url) => (/^https?:\/\/[^/]+\/?$/.test(url ?? "") ? undefined : "must be http(s)://host:port"),
  }),
  "signer.address": row.optionalText({
    description: "Whose key of a remote signer is the seat's; needed when it holds several",
    check: (address) => (/^0x[0-9a-fA-F]{40}$/.test(address ?? "") ? undefined : "must be an address"),
  }),
  "signer.tokenFile": row.optionalText({ description: "File with the bearer token that a remote signer asks for" }),
  "signer.caFile": row.optionalText({
    description: "PEM file of the authority behind a remote signer's certificate; the system's when absent",
  }),
  "signer.timeoutMs": row.integer({
    description: "A signature that a remote signer has not given after so long is asked for again later",
    unit: "ms",
    default: 500,
    min: 10,
    max: 10_000,
  }),
  "batcher.keyFile": row.optionalText({
    description: "File with the key that pays for L1 transactions, of either kind; the seat's if absent",
  }),
  "batcher.passwordFile": row.optionalText({ description: "File whose first line is the password of that keystore" }),
  "batcher.dataMode": row.choice({
    description: "Where batches go; auto takes the cheaper",
    words: ["auto", "blobs", "calldata"],
    default: "auto",
  }),
  "batcher.resubmitSeconds": row.integer({
    description: "An L1 transaction unmined for so long is replaced by a dearer one",
    unit: "s",
    default: 30,
    min: 1,
  }),
  "batcher.maxFeePerGas": row.bigint({
    description: "Most that is paid on L1; above it the batcher waits",
    unit: "wei a gas",
    default: 500_000_000_000n,
  }),
  "proposer.intervalMs": row.integer({
    description: "How often claims are looked at: missing ones posted, due ones settled",
    unit: "ms",
    default: 2_000,
    min: 100,
  }),
  "sequencer.maxBuildMs": row.integer({
    description: "Longest time spent on adding transactions to one block",
    unit: "ms",
    default: 500,
    min: 10,
  }),
  "mvm.archive": row.flag({ description: "Keep the state of every block", default: false }),
  "mvm.historyBlocks": row.integer({
    description: "Blocks below the head whose state is kept, without mvm.archive; the node goes no further back",
    unit: "blocks",
    default: 100_000,
    min: 1_000,
  }),
  "mvm.readers": row.integer({ description: "Threads for calls, estimates and proofs", default: 1, min: 1, max: 64 }),
  ...poolConfig,
  ...rewardsConfig,
  ...rpcConfig,
  ...ethConfig,
  ...mempoolConfig,
} as const;

export type NodeConfig = ConfigValues<typeof nodeConfig>;

/** The options with their defaults, `given` over them. */
export function nodeOptions(given: Partial<NodeConfig> = {}): NodeConfig {
  const defaults = Object.fromEntries(Object.entries(nodeConfig).map(([key, { default: value }]) => [key, value]));
  return { ...(defaults as unknown as NodeConfig), ...given };
}
