// A pool of four seats, each a process, on one machine: failover, latency, throughput beside anvil, what a seat uses.
// Run: npm run bench:pool [-- --kills N] [-- --transfers N] [-- --only throughput] [-- --json]
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { seededRng, systemClock } from "@metis/runtime";
import { toHex } from "viem";
import { ProcessPool, Sender } from "../poolProcesses.ts";
import { percentile, usage, Witness } from "./poolMeasures.ts";
import type { Usage } from "./poolMeasures.ts";
import { receiptDelays } from "./receipts.ts";
import { anvilThroughput, throughputOf } from "./throughput.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    kills: { type: "string", default: "20" },
    only: { type: "string" },
    transfers: { type: "string", default: "6400" },
  },
});
const clock = systemClock();
const senders = 64;
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

const usageRow = ({ cpu, memory }: Usage) => ({ cpuPercent: round(cpu, 1), memoryMiB: round(memory) });
const delayRow = (delays: readonly number[]) => ({
  count: delays.length,
  p50: round(percentile(delays, 0.5)),
  p90: round(percentile(delays, 0.9)),
  p99: round(percentile(delays, 0.99)),
});

/** Delays, and what seats use that have little to do. */
async function calm(pool: ProcessPool) {
  say("idle for 20 seconds");
  await clock.sleep(5_000);
  const idle = await usage(pool, clock.sleep(20_000));
  say("one transaction after the other for 30 seconds");
  const light = await latencies(pool, 30);
  say("transactions with receipts for 20 seconds");
  const receipts = await receiptDelays(pool, light.nonce, 20, sendEveryMs);
  say(`${flags.kills} times kill -9 of the leader`);
  const delays = await failovers(pool, Number(flags.kills), receipts.nonce);
  return {
    failoverMs: delayRow(delays),
    latencyMs: delayRow(light.waits),
    receiptMs: { ...delayRow(receipts.delays), without: receipts.without },
    seatIdle: usageRow(idle),
    seatLight: usageRow(light.used),
  };
}

/** The full load, through a seat and through anvil. */
async function full(pool: ProcessPool) {
  const funderKey = toHex(pool.world.anvil.account(5).getHdKey().privateKey!);
  const { run, used, cost } = await throughputOf(pool, funderKey, load, () =>
    say(`${senders * load.transfersEach} ERC-20 transfers`),
  );
  say("the same through anvil");
  const anvil = await anvilThroughput(funderKey, load);
  return {
    metisPerSecond: round(run.perSecond),
    anvilPerSecond: round(anvil.perSecond),
    ratio: round(run.perSecond / anvil.perSecond, 2),
    cpuMsPerTransfer: { seat: round(cost.seat, 3), generator: round(cost.generator, 3) },
    seatLoaded: usageRow(used),
  };
}

const pool = await ProcessPool.start();
try {
  const results = {
    machine: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`,
    ...(flags.only === "throughput" ? {} : await calm(pool)),
    ...(await full(pool)),
  };
  process.stdout.write(`${JSON.stringify(results, null, flags.json ? undefined : 2)}\n`);
} finally {
  await pool.stop();
}
