// What the bench of a pool looks at: signed blocks as they appear, and what its processes use.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { systemClock } from "@metis/runtime";
import type { Hash, Hex } from "viem";
import type { ProcessPool } from "../poolProcesses.ts";

const clock = systemClock();

/** A signed block as a seat told of it. */
export interface SeenBlock {
  readonly number: bigint;
  /** Seconds, of its header. */
  readonly timestamp: number;
  readonly transactions: readonly Hash[];
  /** Clock milliseconds when the seat said that it is signed. */
  readonly signedAt: number;
}

interface Header {
  readonly number: Hex;
  readonly timestamp: Hex;
}

/** Listens to one seat's new heads, which are signed ones. */
export class Witness {
  readonly blocks: SeenBlock[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket, url: string) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const signedAt = clock.now();
      const { params } = JSON.parse(String(data)) as { readonly params?: { readonly result: Header } };
      if (params) void this.#keep(url, params.result, signedAt);
    });
  }

  static async on(url: string): Promise<Witness> {
    const socket = new WebSocket(url.replace(/^http/, "ws"));
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    const witness = new Witness(socket, url);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] }));
    return witness;
  }

  /** The first block above `number` that was seen; waits for it at most `limitMs`. */
  async after(number: bigint, limitMs = 30_000): Promise<SeenBlock> {
    const end = clock.monotonic() + limitMs;
    for (;;) {
      const found = this.blocks.find((block) => block.number > number);
      if (found) return found;
      if (clock.monotonic() > end) throw new Error(`no block after ${number} was signed within ${limitMs} ms`);
      await clock.sleep(5);
    }
  }

  close(): void {
    this.#socket.close();
  }

  async #keep(url: string, { number, timestamp }: Header, signedAt: number): Promise<void> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_getBlockByNumber", params: [number, false] });
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body });
    const { result } = (await response.json()) as { readonly result: { readonly transactions: readonly Hash[] } };
    const { transactions } = result;
    this.blocks.push({ number: BigInt(number), timestamp: Number(timestamp), transactions, signedAt });
  }
}

/** Value below which a share of `values` lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

const ticksPerSecond = 100;

/** Seconds of processor time that a process has used (proc_pid_stat(5), fields 14 and 15). */
export const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};
const residentMiB = (pid: number): number =>
  Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;

export interface Usage {
  /** Per cent of one core, mean over the seats. */
  readonly cpu: number;
  /** Seconds of processor time, mean over the seats. */
  readonly cpuSeconds: number;
  /** Resident MiB, mean over the seats. */
  readonly memory: number;
}

/** What a seat uses on average while `during` lasts. */
export async function usage(pool: ProcessPool, during: Promise<unknown>): Promise<Usage> {
  const pids = pool.running.map((index) => pool.at(index).pid);
  const total = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const [began, before] = [clock.monotonic(), total()];
  await during;
  const seconds = (clock.monotonic() - began) / 1000;
  const memory = pids.reduce((sum, pid) => sum + residentMiB(pid), 0) / pids.length;
  const used = (total() - before) / pids.length;
  return { cpu: (100 * used) / seconds, cpuSeconds: used, memory };
}
