// Native revm, where cargo is at hand: crates/mvm/examples/compute.rs.
import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Hex } from "viem";
import type { Loop } from "./loops.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** What one call came to, in an engine of its own process. */
export interface NativeRun {
  /** Milliseconds of its thread's processor time. */
  readonly cpu: number;
  readonly gasUsed: bigint;
  readonly output: Hex;
}

/** `revm`: as it comes; `kernel`: crates/mvm, compiled to machine code. */
export type NativeEngine = "revm" | "kernel";

/** The native program, fed line by line. */
export class Native {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  private constructor(binary: string) {
    this.#child = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Builds and starts it; `undefined` without cargo or when the build fails, which cargo then explains. */
  static start(): Native | undefined {
    if (spawnSync("cargo", ["--version"], { stdio: "ignore" }).status !== 0) return undefined;
    const build = ["build", "--locked", "--release", "--quiet", "-p", "mvm", "--example", "compute"];
    if (spawnSync("cargo", build, { cwd: root, stdio: ["ignore", "ignore", "inherit"] }).status !== 0) return undefined;
    const target = process.env["CARGO_TARGET_DIR"] ?? `${root}target`;
    return new Native(`${target}/release/examples/compute`);
  }

  add({ code, calldata, gas }: Loop, name: string): void {
    this.#child.stdin.write(`contract ${name} ${code.slice(2)} ${calldata.slice(2)} ${gas}\n`);
  }

  /** Throws when the call failed. */
  async run(engine: NativeEngine, name: string): Promise<NativeRun> {
    this.#child.stdin.write(`run ${engine} ${name}\n`);
    const line = String((await this.#answers.next()).value);
    if (!/^\d/.test(line)) throw new Error(`${engine}: ${name} ${line}`);
    const [nanoseconds, gasUsed, output] = line.split(" ") as [string, string, string];
    return { cpu: Number(nanoseconds) / 1e6, gasUsed: BigInt(gasUsed), output: `0x${output}` };
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.stdin.end();
    await exit;
  }
}
