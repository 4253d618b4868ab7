import { resolve } from "node:path";
import { systemClock } from "@metis/runtime";
import type { Command } from "commander";
import { askControl } from "../devnet/control.ts";
import { Devnet } from "../devnet/devnet.ts";
import type { DevnetSummary } from "../devnet/devnet.ts";
import { DevnetFiles } from "../devnet/files.ts";
import { parseDevnetOptions } from "../devnet/options.ts";
import type { RawDevnetOptions } from "../devnet/options.ts";
import { table, toJson } from "../io.ts";
import type { Io } from "../io.ts";
import { stopSignal } from "./nodeRun.ts";

const example = `
Examples:
  metis devnet                              L1 on 8545, L2 on 9545, data in .devnet; the next run goes on from there
  metis devnet --reset --profile fast       start anew, withdrawals after 10 s
  metis devnet --port-base 0 --json         free ports; one JSON object on standard output when ready
  metis devnet start seat-0                 bring a dead process of the running devnet back
`;

/** `metis devnet`: a whole rollup on this machine. */
export function devnetCommand(root: Command, io: Io): void {
  const devnet = root
    .command("devnet")
    .description("run L1 (anvil), the contracts and the rollup on this machine, until Ctrl-C")
    .option("--data-dir <folder>", "where everything is kept", ".devnet")
    .option("--seats <n>", "sequencers, each a process", "1")
    .option("--profile <name>", "devnet, or fast with short windows", "devnet")
    .option("--block-time <seconds>", "L2 block time")
    .option("--port-base <port>", "L1 takes this port, seats 1000 above; 0 for free ports")
    .option("--engine <name>", "consensus engine: solo", "solo")
    .option("--da <mode>", "where batches go: auto, blobs, calldata", "auto")
    .option("--config <file>", "TOML with node options that every seat runs with (see metis config print)")
    .option("--reset", "forget the last run")
    .addHelpText("after", example)
    .action((raw: RawDevnetOptions) => runDevnet(raw, io));
  devnet
    .command("start <role>")
    .description("start a process of the running devnet that died: l1, seat-0")
    .addHelpText("after", "\nExample:\n  metis devnet start seat-0\n")
    .action(async (role: string) => {
      const { dataDir } = devnet.opts<RawDevnetOptions>();
      const said = await askControl(new DevnetFiles(resolve(dataDir)).control, role);
      io.out(io.json ? toJson({ role, running: true }) : said);
    });
}

async function runDevnet(raw: RawDevnetOptions, io: Io): Promise<void> {
  const options = parseDevnetOptions({ ...raw, dataDir: resolve(raw.dataDir) });
  const clock = systemClock();
  const began = clock.monotonic();
  const net = new Devnet(options, clock, io);
  const stopped = stopSignal();
  try {
    const summary = await Promise.race([net.start(), stopped]);
    if (typeof summary === "string") return;
    show(summary, options.dataDir, (clock.monotonic() - began) / 1000, io);
    await stopped;
    io.note("stopping");
  } finally {
    await net.stop();
  }
}

function show(summary: DevnetSummary, dataDir: string, seconds: number, io: Io): void {
  if (io.json) return io.out(toJson(summary));
  const { l1, l2, accounts, contracts } = summary;
  const names = Object.entries(contracts).map(([name, address]) => [name, address] as const);
  io.out(`
Metis devnet, ready after ${seconds.toFixed(1)} s. One seat: not fault tolerant.

${table([
  ["L1", `${l1.rpc}  (chain id ${l1.chainId})`],
  ...l2.rpc.map((url, index) => [`L2 seat ${index}`, `${url}  (chain id ${l2.chainId})`] as const),
  ["data", dataDir],
])}

Funded on both layers; the keys are anvil's, known to everybody:
${table(accounts.map(({ address, privateKey }) => [address, privateKey] as const))}

Contracts on L1:
${table(names)}

Try:  cast send --rpc-url ${l2.rpc[0]} --private-key ${accounts[0]!.privateKey} ${accounts[1]!.address} --value 1ether
Ctrl-C stops everything; metis devnet goes on from here, metis devnet --reset starts anew.
`);
}
