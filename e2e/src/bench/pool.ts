// A pool of four seats, each a process, on one machine: failover, latency, throughput beside anvil, what a seat uses.
// Run: npm run bench:pool [-- --kills N] [-- --transfers N] [-- --json]
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { seededRng, systemClock } from "@metis/runtime";
import { startAnvil } from "@metis/testing";
import { toHex } from "viem";
import { ProcessPool, Sender } from "../poolProcesses.ts";
import { prepareLoad, runLoad } from "./load.ts";
import { percentile, usage, Witness } from "./poolMeasures.ts";
import { receiptDelays } from "./receipts.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    kills: { type: "string", default: "20" },
    transfers: { type: "string", default: "6400" },
  },
});
const clock = systemClock();
const senders = 64;
/** Blobs' setup is loaded, and code compiled, before anything is measured. */
const warmUp = { senders, transfersEach: 50 };
const load = { senders, transfersEach: Math.max(1, Math.ceil(Number(flags.transfers) / senders)) };
const blockMs = 1_000;
/** Between two transactions of one sender: about 25 a second. */
const sendEveryMs = 37;
const say = (what: string): void => void process.stderr.write(`${what}\n`);
const round = (value: number, digits = 0): number => Number(value.toFixed(digits));

/** How long a user's transaction takes from being sent until the block that holds it is signed. */
async function latencies(pool: ProcessPool, seconds: number) {
  const sender = new Sender(pool);
  const witness = await Witness.on(pool.at(0).url);
  sender.start(sendEveryMs);
  const used = await usage(pool, clock.sleep(1000 * seconds));
  await sender.stop();
  await clock.sleep(2 * blockMs);
  witness.close();
  const signedAt = new Map(
    witness.blocks.flatMap((block) => block.transactions.map((hash) => [hash, block.signedAt] as const)),
  );
  const waits = sender.sentAt.flatMap((sent, index) => {
    const signed = signedAt.get(sender.taken[index]!);
    return signed === undefined ? [] : [signed - sent];
  });
  return { waits, used, nonce: sender.taken.length };
}

/** Kills the leader again and again under load; by how much each next signed block came after its due time. */
async function failovers(pool: ProcessPool, kills: number, nonce: number): Promise<readonly number[]> {
  const rng = seededRng(11);
  const sender = new Sender(pool, nonce);
  sender.start(sendEveryMs);
  const delays: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const leader = await pool.leader();
    const other = await pool.foremost(leader);
    const witness = await Witness.on(pool.at(other).url);
    const { number } = await witness.after(0n);
    await clock.sleep(rng.below(blockMs));
    await pool.kill(leader);
    const last = witness.blocks.at(-1)!;
    const next = await witness.after(last.number > number ? last.number : number);
    delays.push(Math.max(0, next.signedAt - (1000 * last.timestamp + blockMs)));
    await pool.up(leader);
    const { signed } = await pool.heads(other);
    await pool.signed(leader, signed);
    witness.close();
  }
  await sender.stop();
  return delays;
}

/** The measured load, after another that warms the node up. */
async function transfersOn(url: string, funderKey: `0x${string}`) {
  await runLoad(url, await prepareLoad(url, funderKey, warmUp));
  const prepared = await prepareLoad(url, funderKey, load);
  return () => runLoad(url, prepared);
}

async function onAnvil(funderKey: `0x${string}`) {
  const anvil = await startAnvil();
  try {
    const run = await transfersOn(anvil.url, funderKey);
    await anvil.client.setAutomine(false);
    await anvil.client.setIntervalMining({ interval: 1 });
    return await run();
  } finally {
    await anvil.stop();
  }
}

const pool = await ProcessPool.start();
const funderKey = toHex(pool.world.anvil.account(5).getHdKey().privateKey!);
try {
  say("idle for 20 seconds");
  await clock.sleep(5_000);
  const idle = await usage(pool, clock.sleep(20_000));
  say("one transaction after the other for 30 seconds");
  const light = await latencies(pool, 30);
  say("transactions with receipts for 20 seconds");
  const receipts = await receiptDelays(pool, light.nonce, 20, sendEveryMs);
  say(`${flags.kills} times kill -9 of the leader`);
  const delays = await failovers(pool, Number(flags.kills), receipts.nonce);
  say(`${senders * load.transfersEach} ERC-20 transfers`);
  const running = (await transfersOn(pool.at(0).url, funderKey))();
  const loaded = await usage(pool, running);
  const throughput = await running;
  const anvil = await onAnvil(funderKey);
  const ms = (values: readonly number[], share: number): number => round(percentile(values, share));
  const results = {
    machine: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`,
    failoverMs: { kills: delays.length, p50: ms(delays, 0.5), p90: ms(delays, 0.9), p99: ms(delays, 0.99) },
    latencyMs: { count: light.waits.length, p50: ms(light.waits, 0.5), p99: ms(light.waits, 0.99) },
    receiptMs: {
      count: receipts.delays.length,
      without: receipts.without,
      p50: ms(receipts.delays, 0.5),
      p99: ms(receipts.delays, 0.99),
    },
    metisPerSecond: round(throughput.perSecond),
    anvilPerSecond: round(anvil.perSecond),
    ratio: round(throughput.perSecond / anvil.perSecond, 2),
    seat: Object.fromEntries(
      Object.entries({ idle, light: light.used, loaded }).map(([name, { cpu, memory }]) => [
        name,
        { cpuPercent: round(cpu, 1), memoryMiB: round(memory) },
      ]),
    ),
  };
  process.stdout.write(`${JSON.stringify(results, null, flags.json ? undefined : 2)}\n`);
} finally {
  await pool.stop();
}
