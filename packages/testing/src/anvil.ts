import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { createTestClient, http, publicActions, walletActions, type Hex } from "viem";
import { mnemonicToAccount, type HDAccount } from "viem/accounts";
import { foundry } from "viem/chains";

export interface AnvilOptions {
  /** Seconds between blocks; absent: a block for every transaction. */
  readonly blockTime?: number;
  readonly chainId?: number;
  /** `finalized` is two epochs behind `latest`. */
  readonly slotsInAnEpoch?: number;
  /** Further flags of anvil. */
  readonly flags?: readonly string[];
}

/** A running L1. */
export interface Anvil {
  readonly url: string;
  readonly client: ReturnType<typeof clientOf>;
  /** Funded accounts of anvil's mnemonic. */
  account(index: number): HDAccount;
  stop(): Promise<void>;
}

const mnemonic = "test test test test test test test test test test test junk";

/** The native file of anvil: its npm launcher hides signals. */
function anvilBinary(): string {
  const platform = `${process.platform}-${process.arch.replace("x64", "amd64")}`;
  const suffix = process.platform === "win32" ? ".exe" : "";
  return createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform}/bin/anvil${suffix}`);
}

const clientOf = (url: string) =>
  createTestClient({
    mode: "anvil",
    chain: foundry,
    transport: http(url, { retryCount: 0 }),
    cacheTime: 0,
    pollingInterval: 20,
  })
    .extend(publicActions)
    .extend(walletActions);

/** Starts an L1 with Osaka rules on a free port. Stop it in `after`. */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const child = spawn(
    anvilBinary(),
    [
      ...["--port", "0", "--hardfork", "osaka", "--enable-tx-gas-limit", "--gas-limit", "60000000"],
      ...["--chain-id", String(options.chainId ?? foundry.id), "--mnemonic", mnemonic],
      ...["--slots-in-an-epoch", String(options.slotsInAnEpoch ?? 1)],
      ...(options.blockTime === undefined ? [] : ["--block-time", String(options.blockTime)]),
      ...(options.flags ?? []),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const url = `http://${await listening(child)}`;
  return {
    url,
    client: clientOf(url),
    account: (index) => mnemonicToAccount(mnemonic, { addressIndex: index }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Host and port that anvil says it listens on. */
async function listening(child: ChildProcess): Promise<string> {
  let said = "";
  child.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
  for await (const line of createInterface({ input: child.stdout! })) {
    said += `${line}\n`;
    const address = /Listening on (\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    child.stdout!.resume();
    return address;
  }
  throw new Error(`anvil ended before it listened:\n${said}`);
}

/** Private key of one of the mnemonic's accounts. */
export const anvilKey = (account: HDAccount): Hex => `0x${Buffer.from(account.getHdKey().privateKey!).toString("hex")}`;
