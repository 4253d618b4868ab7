import { existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { MetisError } from "@metis/protocol";
import type { Clock } from "../clock.ts";
import { mineEvery } from "./anvilMining.ts";
import { saveAnvil, unpackSaved } from "./anvilState.ts";
import { startChild } from "./child.ts";
import type { Child } from "./child.ts";

/** No anvil comes with the packages for this platform. */
export class AnvilError extends MetisError<"anvil-missing", { readonly platform: string }> {
  override readonly name = "AnvilError";
}

export interface AnvilOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly chainId: bigint;
  /** File that keeps the chain across restarts, gzipped: read at the start, written by `save`, by `stop` and in between. */
  readonly state?: string;
  /** Least time between two saves by itself, 10 seconds unless given; longer when a save takes more than a tenth of it. */
  readonly saveEveryMs?: number;
  readonly onSaveFailed?: (error: unknown) => void;
  /**
   * Old states kept in memory for calls at past blocks and for reorgs, 64 unless given. Each is a whole copy, and EIP-2935 alone
   * makes it a megabyte. Blocks and logs are kept all. Without a bound anvil writes them to the home folder of whoever runs it.
   */
  readonly keptStates?: number;
  /** Depth of the safe and finalized tags is 1 and 2 times this. */
  readonly slotsInAnEpoch?: number;
  /** As of any child: Ctrl-C would end it before it is saved. */
  readonly ownGroup?: boolean;
  readonly onLine?: (line: string) => void;
  readonly onExit?: (reason: string) => void;
}

export interface Anvil {
  readonly url: string;
  readonly port: number;
  readonly process: Child;
  /** From automining to a block every `seconds`, mined from here: it stands still when this process is gone. */
  mineEvery(seconds: number): Promise<void>;
  /** Writes `state` now. Throws `AnvilCallError`; the file is whole at any time. */
  save(): Promise<void>;
  /** Saves, then ends it. Idempotent. */
  stop(): Promise<void>;
}

const startTimeoutMs = 20_000;
const packages: Readonly<Record<string, string>> = {
  "linux-x64": "@foundry-rs/anvil-linux-amd64/bin/anvil",
  "linux-arm64": "@foundry-rs/anvil-linux-arm64/bin/anvil",
  "darwin-x64": "@foundry-rs/anvil-darwin-amd64/bin/anvil",
  "darwin-arm64": "@foundry-rs/anvil-darwin-arm64/bin/anvil",
  "win32-x64": "@foundry-rs/anvil-win32-amd64/bin/anvil.exe",
};

/** Path of the native anvil that came with the packages. Throws `anvil-missing`. */
export function anvilBinary(): string {
  const platform = `${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const inPackage = createRequire(require.resolve("@foundry-rs/anvil/package.json"));
    return inPackage.resolve(packages[platform] ?? "");
  } catch {
    const advice = "run `npm ci` without --omit=optional";
    throw new AnvilError("anvil-missing", "halt", `no anvil came with the packages for ${platform}: ${advice}`, {
      platform,
    });
  }
}

/** An L1 on this machine with Osaka's rules: automines until it is told to mine in intervals. */
export async function startAnvil(options: AnvilOptions, clock: Clock): Promise<Anvil> {
  const { port, chainId, state, slotsInAnEpoch = 1, keptStates = 64, ownGroup = false } = options;
  const unpacked = state !== undefined && existsSync(state) ? await unpackSaved(state) : undefined;
  const flags = {
    host: "127.0.0.1",
    port,
    "chain-id": chainId,
    hardfork: "osaka",
    "gas-limit": 60_000_000,
    "slots-in-an-epoch": slotsInAnEpoch,
    "prune-history": keptStates,
    // Nothing is written there; it tells whose process this is (see the devnet's orphans).
    ...(state === undefined ? {} : { "cache-path": dirname(state) }),
    ...(unpacked === undefined ? {} : { "load-state": unpacked }),
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const child = await startChild(
    {
      name: "anvil",
      file: anvilBinary(),
      args: [...args, "--enable-tx-gas-limit"],
      ownGroup,
      ...(options.onLine && { onLine: options.onLine }),
      ...(options.onExit && { onExit: options.onExit }),
    },
    clock,
  );
  const [, bound] = await child.ready(/Listening on 127\.0\.0\.1:(\d+)/, startTimeoutMs);
  if (unpacked !== undefined) rmSync(unpacked);
  const url = `http://127.0.0.1:${bound}`;
  const saver = new Saver(url, child, options, clock);
  let stopMining: () => void = () => undefined;
  return {
    url,
    port: Number(bound),
    process: child,
    save: () => saver.save(),
    async mineEvery(seconds) {
      stopMining();
      stopMining = await mineEvery({ url, process: child }, seconds * 1_000, clock);
    },
    stop() {
      stopMining();
      return saver.stop();
    },
  };
}

/** Saves one anvil now and then, one save at a time. */
class Saver {
  readonly #url: string;
  readonly #child: Child;
  readonly #options: AnvilOptions;
  readonly #clock: Clock;
  #cancel: () => void = () => undefined;
  #saving: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(url: string, child: Child, options: AnvilOptions, clock: Clock) {
    this.#url = url;
    this.#child = child;
    this.#options = options;
    this.#clock = clock;
    this.#later(0);
  }

  save(): Promise<void> {
    const { state } = this.#options;
    if (state === undefined || !this.#child.running) return Promise.resolve();
    const write = (): Promise<void> => saveAnvil(this.#url, state);
    const saved = this.#saving.then(write, write);
    this.#saving = saved;
    return saved;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#cancel();
    await this.#reported();
    await this.#child.stop();
  }

  #later(lastTookMs: number): void {
    const { state, saveEveryMs = 10_000 } = this.#options;
    if (state === undefined) return;
    this.#cancel = this.#clock.after(Math.max(saveEveryMs, 9 * lastTookMs), () => void this.#periodic());
  }

  async #periodic(): Promise<void> {
    const began = this.#clock.monotonic();
    await this.#reported();
    if (this.#stopping === undefined && this.#child.running) this.#later(this.#clock.monotonic() - began);
  }

  /** A save that fails is told; one that fails because anvil died meanwhile is told by `onExit` already. */
  async #reported(): Promise<void> {
    await this.save().catch((error: unknown) => this.#child.running && this.#options.onSaveFailed?.(error));
  }
}
