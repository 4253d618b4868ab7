import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { Readable } from "node:stream";
import type { Hex } from "viem";
import { CpuMeter } from "./processes.ts";

/** Transactions in one JSON-RPC batch. */
const batch = 250;

interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** The native file: the package's own launcher obeys an environment variable and hides signals. */
function anvilBinary(): string | undefined {
  const platform = `${process.platform}-${process.arch.replace("x64", "amd64")}`;
  const suffix = process.platform === "win32" ? ".exe" : "";
  try {
    return createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform}/bin/anvil${suffix}`);
  } catch {
    return undefined;
  }
}

/** Processor milliseconds that a block cost anvil. */
export interface AnvilCosts {
  /** Parsing JSON-RPC, recovering senders, filling the pool. */
  readonly pool: number;
  readonly mining: number;
}

/** An anvil that mines when it is told to. State lives in its memory. */
export class Anvil {
  readonly meter: CpuMeter;
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  readonly #url: string;

  private constructor(child: ChildProcessByStdio<null, Readable, null>, url: string) {
    this.#child = child;
    this.#url = url;
    this.meter = new CpuMeter(child.pid!);
  }

  /** `undefined` when it is not installed. */
  static async start(options: readonly string[]): Promise<Anvil | undefined> {
    const binary = anvilBinary();
    if (binary === undefined) return undefined;
    const mining = ["--port", "0", "--no-mining", "--order", "fifo", "--accounts", "0"];
    const child = spawn(binary, [...mining, ...options], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    while (!/Listening on (\S+)/.test(text)) text += ((await once(child.stdout, "data")) as [Buffer])[0].toString();
    child.stdout.resume();
    return new Anvil(child, `http://${/Listening on (\S+)/.exec(text)![1]}`);
  }

  /** Answers in order. Throws the first error. */
  async rpc<Results extends readonly unknown[]>(calls: readonly Call[]): Promise<Results> {
    const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call })));
    const answer = await fetch(this.#url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const results = (await answer.json()) as { id: number; result?: unknown; error?: { message: string } }[];
    const failed = results.find((result) => result.error !== undefined);
    if (failed?.error !== undefined) throw new Error(`anvil: ${failed.error.message}`);
    return results.toSorted((a, b) => a.id - b.id).map((result) => result.result) as unknown as Results;
  }

  /** Mines one block of these transactions and checks that all are in it. */
  async mine(transactions: readonly Hex[]): Promise<AnvilCosts> {
    this.meter.lap();
    for (let at = 0; at < transactions.length; at += batch) {
      const some = transactions.slice(at, at + batch);
      await this.rpc(some.map((raw) => ({ method: "eth_sendRawTransaction", params: [raw] })));
    }
    const pool = this.meter.lap();
    await this.rpc([{ method: "evm_mine", params: [] }]);
    const mining = this.meter.lap();
    const latest = { method: "eth_getBlockByNumber", params: ["latest", false] };
    const [block] = await this.rpc<[{ transactions: unknown[] }]>([latest]);
    if (block.transactions.length !== transactions.length)
      throw new Error(`anvil mined ${block.transactions.length} of ${transactions.length} transactions`);
    return { pool, mining };
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill();
    await exit;
  }
}
