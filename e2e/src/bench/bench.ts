// Numbers of one run on one machine: compare the ratios, not the seconds. Prints a table, and JSON with --json.
// Run: npm run bench [-- --json] [-- --transfers N]
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { devnetFolder, startAnvil, startDevnet } from "@metis/testing";
import { privateKeyToAccount } from "viem/accounts";
import { prepareLoad, runLoad } from "./load.ts";
import { batchCosts, memoryOf, syncSeconds, withdrawalSeconds } from "./settlement.ts";

const { values: flags } = parseArgs({
  options: { json: { type: "boolean", default: false }, transfers: { type: "string", default: "6400" } },
});
const senders = 64;
const load = { senders, transfersEach: Math.max(1, Math.ceil(Number(flags.transfers) / senders)) };
const say = (what: string): void => void process.stderr.write(`${what}\n`);
const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

async function onAnvil(funderKey: `0x${string}`) {
  say("anvil with one-second blocks: the same load");
  const anvil = await startAnvil();
  try {
    const prepared = await prepareLoad(anvil.url, funderKey, load);
    await anvil.client.setAutomine(false);
    await anvil.client.setIntervalMining({ interval: 1 });
    return await runLoad(anvil.url, prepared);
  } finally {
    await anvil.stop();
  }
}

async function onDevnet() {
  say("devnet: start");
  const folder = devnetFolder();
  const devnet = await startDevnet(folder.dataDir, ["--profile", "devnet"]);
  try {
    const url = devnet.summary.l2.rpc[0]!;
    const [funder, withdrawer] = devnet.summary.accounts.map(({ privateKey }) => privateKey);
    say(`devnet: ${load.senders * load.transfersEach} ERC-20 transfers`);
    const prepared = await prepareLoad(url, funder!, load);
    const throughput = await runLoad(url, prepared);
    const memory = memoryOf(devnet);
    say("devnet: waiting for the load on L1");
    const costs = await batchCosts(devnet, throughput.firstBlock, throughput.lastBlock);
    say("a node with an empty disk derives it all");
    const sync = await syncSeconds(devnet, throughput.lastBlock);
    say("a withdrawal of METIS, through the challenge window");
    const withdrawal = await withdrawalSeconds(devnet, privateKeyToAccount(withdrawer!));
    const readySeconds = devnet.startedAfter / 1_000;
    return { funder: funder!, throughput, memory, costs, sync, withdrawal, readySeconds };
  } finally {
    await devnet.stop();
    folder.remove();
  }
}

const metis = await onDevnet();
const anvil = await onAnvil(metis.funder);
const transfers = load.senders * load.transfersEach;
const { costs, memory, throughput } = metis;
const results = {
  machine: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`,
  transfers,
  metisPerSecond: round(throughput.perSecond),
  anvilPerSecond: round(anvil.perSecond),
  throughputRatio: round(throughput.perSecond / anvil.perSecond, 2),
  devnetReadySeconds: round(metis.readySeconds),
  memoryMiB: { ...memory, total: Object.values(memory).reduce((sum, value) => sum + value, 0) },
  l1BytesPerTransfer: round(costs.payloadBytes / transfers),
  batches: costs.batches,
  blobBatches: costs.blobBatches,
  l1GasPerBatch: Math.round(Number(costs.l1Gas) / costs.batches),
  syncTransactionsPerSecond: round(transfers / metis.sync),
  withdrawalSeconds: round(metis.withdrawal),
};

if (flags.json) process.stdout.write(`${JSON.stringify(results)}\n`);
else {
  const rows: readonly (readonly [string, string])[] = [
    ["machine", results.machine],
    ["load", `${transfers} ERC-20 transfers of ${senders} senders, in JSON-RPC batches of 50`],
    ["throughput, Metis devnet", `${results.metisPerSecond} a second`],
    ["throughput, anvil with 1 s blocks", `${results.anvilPerSecond} a second`],
    ["ratio", `${results.throughputRatio} (goal: 0.5 or more)`],
    ["devnet ready", `${results.devnetReadySeconds} s (goal: 15 s or less)`],
    ["memory of the devnet", `${results.memoryMiB.total} MiB: ${JSON.stringify(memory)} (goal: 1,024 MiB or less)`],
    ["bytes on L1 a transfer", `${results.l1BytesPerTransfer}`],
    ["L1 gas a batch", `${results.l1GasPerBatch} (${costs.batches} batches, ${costs.blobBatches} in blobs)`],
    ["sync from L1", `${results.syncTransactionsPerSecond} transactions a second`],
    ["withdrawal paid after", `${results.withdrawalSeconds} s (goal: 180 s or less)`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  process.stdout.write(`${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n")}\n`);
}
