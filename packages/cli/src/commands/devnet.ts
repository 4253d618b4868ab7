import { resolve } from "node:path";
import { systemClock } from "@metis/runtime";
import type { Command } from "commander";
import { askControl, controlActions } from "../devnet/control.ts";
import type { ControlAction } from "../devnet/control.ts";
import { Devnet } from "../devnet/devnet.ts";
import type { DevnetSummary } from "../devnet/devnet.ts";
import { DevnetFiles } from "../devnet/files.ts";
import { defaultSeats, parseDevnetOptions } from "../devnet/options.ts";
import type { RawDevnetOptions } from "../devnet/options.ts";
import { table, toJson } from "../io.ts";
import type { Io } from "../io.ts";
import { stopSignal } from "../stopSignal.ts";

const example = `
Examples:
  metis devnet                              L1 on 8545, L2 on 9545, data in .devnet; the next run goes on from there
  metis devnet --reset --profile fast       start anew, withdrawals after 10 s
  metis devnet --port-base 0 --json         free ports; one JSON object on standard output when ready
  metis devnet --seats 4                    four seats, each a process; any one may die
  metis devnet stop seat-0                  end a process of the running devnet
  metis devnet start seat-0                 bring it back
`;

/** `metis devnet`: a whole rollup on this machine. */
export function devnetCommand(root: Command, io: Io): void {
  const devnet = root
    .command("devnet")
    .description("run L1 (anvil), the contracts and the rollup on this machine, until Ctrl-C")
    .option("--data-dir <folder>", "where everything is kept", ".devnet")
    .option("--seats <n>", `sequencers, each a process; ${defaultSeats} in a new devnet`)
    .option("--in-process", "run the seats inside this process: less memory, no faults of their own")
    .option("--profile <name>", "devnet, or fast with short windows", "devnet")
    .option("--block-time <seconds>", "L2 block time")
    .option("--port-base <port>", "L1 takes this port, seats 1000 above, their mesh 2000; 0 for free ports")
    .option("--da <mode>", "where batches go: auto, blobs, calldata", "auto")
    .option("--config <file>", "TOML with node options that every seat runs with (see metis config print)")
    .option("--reset", "forget the last run")
    .addHelpText("after", example)
    .action((raw: RawDevnetOptions) => runDevnet(raw, io));
  for (const action of controlActions) addControl(devnet, action, io);
}

const controlWords: Readonly<Record<ControlAction, string>> = {
  start: "start a process of the running devnet that is down",
  stop: "end a process of the running devnet",
};

function addControl(devnet: Command, action: ControlAction, io: Io): void {
  devnet
    .command(`${action} <role>`)
    .description(`${controlWords[action]}: l1, seat-0, ...`)
    .addHelpText("after", `\nExample:\n  metis devnet ${action} seat-0\n`)
    .action(async (role: string) => {
      const { dataDir } = devnet.opts<RawDevnetOptions>();
      const said = await askControl(new DevnetFiles(resolve(dataDir)).control, action, role);
      io.out(io.json ? toJson({ role, running: action === "start" }) : said);
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

/** How many members may be down: fewer than a third (docs/spec/pool.md). */
function tolerance(seats: number): string {
  const spare = Math.floor((seats - 1) / 3);
  const words = seats === 1 ? "One seat" : `${seats} seats take turns`;
  return spare === 0 ? `${words}: not fault tolerant.` : `${words}; any ${spare === 1 ? "one" : spare} may be down.`;
}

function show(summary: DevnetSummary, dataDir: string, seconds: number, io: Io): void {
  if (io.json) return io.out(toJson(summary));
  const { l1, l2, accounts, contracts } = summary;
  const names = Object.entries(contracts).map(([name, address]) => [name, address] as const);
  io.out(`
Metis devnet, ready after ${seconds.toFixed(1)} s. ${tolerance(l2.rpc.length)}

${table([
  ["L1", `${l1.rpc}  (chain id ${l1.chainId})`],
  ...l2.rpc.map((url, index) => [`seat-${index}`, `${url}  (chain id ${l2.chainId})`] as const),
  ["data", dataDir],
])}

Funded on both layers; the keys are anvil's, known to everybody:
${table(accounts.map(({ address, privateKey }) => [address, privateKey] as const))}

Contracts on L1:
${table(names)}

Try:  npx cast send --rpc-url ${l2.rpc[0]} --private-key ${accounts[0]!.privateKey} ${accounts[1]!.address} --value 1ether
Ctrl-C stops everything; npx metis devnet goes on from here, npx metis devnet --reset starts anew.
`);
}
