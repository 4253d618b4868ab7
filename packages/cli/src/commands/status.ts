import { getSyncStatus, type SyncStatus } from "@metis/client";
import { batchInboxAbi, portalAbi, stateClaimsAbi, systemConfigAbi } from "@metis/protocol/contracts";
import type { Command } from "commander";
import { BaseError, MethodNotFoundRpcError } from "viem";
import { getBlock, readContract } from "viem/actions";
import { showSeconds } from "../amounts.ts";
import { unlessAway } from "../bridge/outage.ts";
import { CliError, table, toJson, type Io } from "../io.ts";
import { memberTable, poolRows, readPool } from "../status/pool.ts";
import { openNetwork, withNetworkOptions, type Network, type NetworkFlags } from "../network.ts";

/** `metis status`: how the chain fares, as L1 and a node see it. */
export function statusCommand(root: Command, io: Io): void {
  withNetworkOptions(root.command("status"))
    .description("heads, batches, claims, signing, and with a seat the pool: who leads, who signs, who is away")
    .addHelpText("after", "\nExample:\n  metis status --json\n")
    .action(async (flags: NetworkFlags) => {
      const network = openNetwork(flags, io);
      const node = await readNode(network);
      const [settlement, pool] = await Promise.all([unlessAway(readSettlement(network)), readPool(network)]);
      if (io.json) return io.out(toJson({ l1: settlement ?? null, l2: node, pool: pool ?? null }));
      const first = settlement ? rows(settlement, node) : rowsWithoutL1(network, node);
      io.out(table([...first, ...(pool ? poolRows(pool) : [])], ""));
      if (pool) io.out(`\n${memberTable(pool)}`);
    });
}

/** Throws `CliError` "no-metis-node" when L2's endpoint is something else. */
async function readNode({ l2, l2Url }: Network): Promise<SyncStatus> {
  try {
    return await getSyncStatus(l2);
  } catch (error) {
    if (!(error instanceof BaseError) || !error.walk((cause) => cause instanceof MethodNotFoundRpcError)) throw error;
    throw new CliError("no-metis-node", `${l2Url} is no node of a Metis rollup: give L2's endpoint with --l2-rpc`);
  }
}

/** What the contracts on L1 say. Ages in seconds of L1's clock. */
interface Settlement {
  readonly l1Block: bigint;
  readonly batches: bigint;
  readonly lastBatchAge: bigint;
  readonly settledBatches: bigint;
  readonly settledBlock: bigint;
  readonly generation: number;
  readonly deposits: bigint;
  readonly depositsTaken: bigint;
  readonly pausedFor: bigint;
}

async function readSettlement({ l1, contracts }: Network): Promise<Settlement> {
  const inbox = { address: contracts.batchInbox, abi: batchInboxAbi } as const;
  const claims = { address: contracts.stateClaims, abi: stateClaimsAbi } as const;
  const [block, head, batches, generation, settledBatches, deposits, pausedUntil] = await Promise.all([
    getBlock(l1),
    readContract(l1, { ...inbox, functionName: "head" }),
    readContract(l1, { ...inbox, functionName: "batchCount" }),
    readContract(l1, { ...inbox, functionName: "generation" }),
    readContract(l1, { ...claims, functionName: "settledCount" }),
    readContract(l1, { address: contracts.portal, abi: portalAbi, functionName: "depositCount" }),
    readContract(l1, { address: contracts.systemConfig, abi: systemConfigAbi, functionName: "pausedUntil" }),
  ]);
  const args = [settledBatches - 1n] as const;
  const [, settledBlock] = await readContract(l1, { ...claims, functionName: "settledOutput", args });
  return {
    l1Block: block.number,
    batches,
    lastBatchAge: block.timestamp - head.postedAt,
    settledBatches,
    settledBlock,
    generation,
    deposits,
    depositsTaken: head.depositCount,
    pausedFor: pausedUntil > block.timestamp ? pausedUntil - block.timestamp : 0n,
  };
}

type Rows = readonly (readonly [string, string])[];

function rows(settlement: Settlement, node: SyncStatus): Rows {
  const { l1Block, batches, lastBatchAge, settledBatches, settledBlock, generation, pausedFor } = settlement;
  const { deposits, depositsTaken } = settlement;
  return [
    ["L1 block", `${l1Block} ${seenBy(node)}`],
    ...headRows(node),
    ["L2 settled", `${settledBlock} (${settledBatches} of ${batches} batches)`],
    ["last batch", `${showSeconds(Number(lastBatchAge))} ago`],
    ["deposits", `${depositsTaken} of ${deposits} in batches`],
    [
      "generation",
      generation === node.generation ? `${generation}` : `${generation} on L1, ${node.generation} in the node`,
    ],
    ...signingRows(node),
    ["withdrawals", pausedFor > 0n ? `paused for another ${showSeconds(Number(pausedFor))}` : "open"],
  ];
}

/** What the node alone knows. */
const rowsWithoutL1 = ({ l1Url }: Network, node: SyncStatus): Rows => [
  ["L1", `${l1Url} does not answer ${seenBy(node)}`],
  ...headRows(node),
  ["generation", `${node.generation} in the node`],
  ...signingRows(node),
];

const seenBy = ({ l1 }: SyncStatus): string => `(the node has seen ${l1 ? l1.number : "none"})`;

const headRows = (node: SyncStatus): Rows =>
  (["unsafe", "signed", "safe", "finalized"] as const).map((head) => [
    `L2 ${head}`,
    `${node[head].number} ${node[head].hash}`,
  ]);

const signingRows = ({ signing, feed }: SyncStatus): Rows => [
  ["signing", signing.may ? "yes" : `no: ${signing.reason ?? "the node does not say why"}`],
  ...feedRows(feed),
];

/** Nothing on a node without a feed. */
function feedRows(feed: SyncStatus["feed"]): Rows {
  if (!feed) return [];
  const { from, state, reason, lagBlocks, lagSeconds, refused } = feed;
  const lag = `${lagBlocks} blocks behind, head ${showSeconds(lagSeconds)} old`;
  return [
    ["feed", reason === null ? `${state} ${from ?? "none"}, ${lag}` : `${state}: ${reason}`],
    ...(refused ? [["feed refused", `${refused.from}: ${refused.reason}`] as const] : []),
  ];
}
