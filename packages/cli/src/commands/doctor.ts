import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { decodeDeployment } from "@metis/node";
import { genesisConfigHash, MetisError } from "@metis/protocol";
import { batchInboxAbi } from "@metis/protocol/contracts";
import { anvilBinary, isFreePort, systemClock } from "@metis/runtime";
import type { Command } from "commander";
import { getBlock, getChainId, getCode, readContract } from "viem/actions";
import { DevnetFiles } from "../devnet/files.ts";
import { sentence } from "../failures.ts";
import { toJson, type Io } from "../io.ts";
import { openNetwork, withNetworkOptions, type Network, type NetworkFlags } from "../network.ts";

class DoctorError extends MetisError<"something-is-wrong"> {
  override readonly name = "DoctorError";
}

/** One thing looked at. `advice` says what to do about it. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly advice?: string;
}

const wantedNode = 24;
/** MiB: what a devnet writes in some hours. */
const wantedDisk = 1_024;
/** Seconds by which L1's head may lie behind this machine's clock, or ahead of it. */
const clockTolerance = 60;
const defaultPorts = [8545, 9545];

const help = `
Looks at this machine, and at the chain when one is given or a devnet is in --data-dir. Ends with 1 when something is wrong.

Example:
  metis doctor
`;

/** `metis doctor`: why does it not work? */
export function doctorCommand(root: Command, io: Io): void {
  withNetworkOptions(root.command("doctor"))
    .description("look for what keeps a devnet or a node from working")
    .addHelpText("after", help)
    .action(async (flags: NetworkFlags) => {
      const findings = [...(await machine(flags)), ...(await chain(flags, io))];
      if (io.json) io.out(toJson(findings));
      else for (const finding of findings) io.out(line(finding));
      const wrong = findings.filter(({ ok }) => !ok).length;
      if (wrong > 0) throw new DoctorError("something-is-wrong", "reject", `${wrong} of ${findings.length} failed`, {});
    });
}

const line = ({ what, ok, detail, advice }: Finding): string =>
  `${ok ? "ok   " : "wrong"}  ${what}: ${detail}${!ok && advice !== undefined ? `. ${advice}` : ""}`;

async function machine(flags: NetworkFlags): Promise<Finding[]> {
  const dataDir = resolve(flags.dataDir);
  const runs = existsSync(new DevnetFiles(dataDir).control);
  return [
    {
      what: "Node",
      ok: Number(process.versions.node.split(".")[0]) === wantedNode,
      detail: process.versions.node,
      advice: "Start it through the `metis` launcher, which brings its own.",
    },
    look("anvil", anvilBinary, "Run `npm ci` without --omit=optional."),
    look("data folder", () => writableFolder(dataDir), "Choose another --data-dir."),
    look("disk", () => freeSpace(dataDir), "Make room, or choose another --data-dir."),
    ...(runs ? [] : await Promise.all(defaultPorts.map(portIsFree))),
  ];
}

function look(what: string, probe: () => string, advice: string): Finding {
  try {
    return { what, ok: true, detail: probe() };
  } catch (error) {
    return { what, ok: false, detail: sentence(error), advice };
  }
}

/** The nearest folder that exists must take files. */
function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}

function writableFolder(dataDir: string): string {
  const folder = existing(dataDir);
  if (!statSync(folder).isDirectory())
    throw new DoctorError("something-is-wrong", "reject", `${folder} is no folder`, {});
  accessSync(folder, constants.W_OK);
  return dataDir;
}

function freeSpace(dataDir: string): string {
  const { bavail, bsize } = statfsSync(existing(dataDir));
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  if (free < wantedDisk) throw new DoctorError("something-is-wrong", "reject", `only ${free} MiB are free`, {});
  return `${free} MiB are free`;
}

async function portIsFree(port: number): Promise<Finding> {
  const what = `port ${port}`;
  if (await isFreePort(port)) return { what, ok: true, detail: "is free" };
  return { what, ok: false, detail: "is taken", advice: "Stop what uses it, or start with --port-base 0." };
}

async function chain(flags: NetworkFlags, io: Io): Promise<Finding[]> {
  const given = flags.l1Rpc ?? flags.l2Rpc ?? flags.deployment;
  if (given === undefined && !existsSync(new DevnetFiles(resolve(flags.dataDir)).summary)) return [];
  const network = openNetwork(flags, io);
  const deployment = flags.deployment ?? new DevnetFiles(resolve(flags.dataDir)).deployment;
  const l1 = await ask("L1", () => l1Answers(network), "Start L1, or give another --l1-rpc.");
  const l2 = await ask("L2", () => l2Answers(network), "Start the node; in a devnet: metis devnet start seat-0.");
  if (!l1.ok) return [l1, l2];
  return [
    l1,
    l2,
    await ask("L1 clock", () => clocksAgree(network), "Set this machine's clock."),
    await ask("contracts", () => contractsAreThere(network), "Check --l1-rpc and --deployment."),
    await ask("deployment", () => deploymentFits(network, deployment), "Copy the file from where it was deployed."),
  ];
}

async function ask(what: string, probe: () => Promise<string>, advice: string): Promise<Finding> {
  try {
    return { what, ok: true, detail: await probe() };
  } catch (error) {
    return { what, ok: false, detail: sentence(error), advice };
  }
}

async function l1Answers({ l1, l1Url }: Network): Promise<string> {
  return `${l1Url}, chain id ${await getChainId(l1)}`;
}

async function clocksAgree({ l1 }: Network): Promise<string> {
  const { timestamp } = await getBlock(l1);
  const behind = Math.round(systemClock().now() / 1_000) - Number(timestamp);
  const apart = `${Math.abs(behind)} s ${behind > 0 ? "behind" : "ahead of"}`;
  if (Math.abs(behind) > clockTolerance)
    throw new DoctorError("something-is-wrong", "reject", `L1's head is ${apart} this machine's clock`, {});
  return "agrees with this machine's";
}

async function contractsAreThere({ l1, contracts }: Network): Promise<string> {
  const code = await getCode(l1, { address: contracts.batchInbox });
  if (code === undefined)
    throw new DoctorError("something-is-wrong", "reject", `L1 has no inbox at ${contracts.batchInbox}`, {});
  return `the inbox is at ${contracts.batchInbox}`;
}

async function deploymentFits({ l1, contracts }: Network, path: string): Promise<string> {
  const expected = genesisConfigHash(decodeDeployment(readFileSync(path)).genesisConfig);
  const address = contracts.batchInbox;
  const onL1 = await readContract(l1, { address, abi: batchInboxAbi, functionName: "genesisConfigHash" });
  if (onL1 !== expected)
    throw new DoctorError("something-is-wrong", "reject", `${path} describes another chain than L1 holds`, {});
  return "the file describes the chain on L1";
}

async function l2Answers({ l2, l2Url }: Network): Promise<string> {
  const { number } = await getBlock(l2);
  return `${l2Url}, block ${number}`;
}
