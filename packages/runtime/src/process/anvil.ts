import { createRequire } from "node:module";
import { MetisError } from "@metis/protocol";
import type { Clock } from "../clock.ts";
import { startChild } from "./child.ts";
import type { Child } from "./child.ts";

export class AnvilError extends MetisError<"anvil-missing", { readonly platform: string }> {
  override readonly name = "AnvilError";
}

export interface AnvilOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly chainId: bigint;
  /** File that keeps the chain across restarts, written every `stateIntervalSeconds` and at the end. */
  readonly state?: string;
  readonly stateIntervalSeconds?: number;
  /**
   * Old states kept in memory for calls at past blocks and for reorgs, 256 unless given. Blocks and logs are kept all. Without a
   * bound anvil writes a megabyte a block to the home folder of whoever runs it.
   */
  readonly keptStates?: number;
  /** Depth of the safe and finalized tags is 1 and 2 times this. */
  readonly slotsInAnEpoch?: number;
  readonly onLine?: (line: string) => void;
  readonly onExit?: (reason: string) => void;
}

export interface Anvil {
  readonly url: string;
  readonly port: number;
  readonly process: Child;
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
  const { port, chainId, state, stateIntervalSeconds = 10, slotsInAnEpoch = 1, keptStates = 256 } = options;
  const flags = {
    host: "127.0.0.1",
    port,
    "chain-id": chainId,
    hardfork: "osaka",
    "gas-limit": 60_000_000,
    "slots-in-an-epoch": slotsInAnEpoch,
    "prune-history": keptStates,
    ...(state === undefined ? {} : { state, "state-interval": stateIntervalSeconds }),
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const child = await startChild(
    {
      name: "anvil",
      file: anvilBinary(),
      args: [...args, "--enable-tx-gas-limit"],
      ...(options.onLine && { onLine: options.onLine }),
      ...(options.onExit && { onExit: options.onExit }),
    },
    clock,
  );
  const [, bound] = await child.line(/Listening on 127\.0\.0\.1:(\d+)/, startTimeoutMs);
  return { url: `http://127.0.0.1:${bound}`, port: Number(bound), process: child, stop: () => child.stop() };
}
