import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { decodeDeployment, exportNodeProtection, importNodeProtection } from "@metis/node";
import { writePrivateFile } from "@metis/runtime";
import type { Command } from "commander";
import type { Address } from "viem";
import { parseAddress } from "../addresses.ts";
import { UsageError, toJson, type Io } from "../io.ts";

interface ProtectionFlags {
  readonly dataDir: string;
  readonly deployment: string;
  readonly signer?: string;
}

/** Bytes: some million records. */
const maxFileBytes = 2 ** 28;

const exportHelp = `
Stop the node first, and do not start it there again: what it signs afterwards is not in the file.

Example:
  metis keys protection export protection.json --data-dir data --deployment deployment.json
`;

const importHelp = `
Records are added to those that are there; both bind from then on. Import before the node starts on the new machine, and
after a snapshot, when one is used. A file of another chain, or one that contradicts what was signed here, is refused.

Example:
  metis keys protection import protection.json --data-dir data --deployment deployment.json
`;

/** Adds `metis keys protection export` and `metis keys protection import`. */
export function keysProtectionCommand(keys: Command, io: Io): void {
  const protection = keys.command("protection").description("carry what a key has signed to another machine");
  withNode(protection.command("export <file>"))
    .description("write what a node's slashing protection knows to a new file")
    .addHelpText("after", exportHelp)
    .action((file: string, flags: ProtectionFlags) => runExport(file, flags, io));
  withNode(protection.command("import <file>"))
    .description("merge a file into a node's slashing protection")
    .addHelpText("after", importHelp)
    .action((file: string, flags: ProtectionFlags) => runImport(file, flags, io));
}

const withNode = (command: Command): Command =>
  command
    .requiredOption("--data-dir <folder>", "data of a node that is stopped")
    .requiredOption("--deployment <file>", "which chain this is, as the deployment wrote it")
    .option("--signer <address>", "whose records; needed when there are those of several keys");

async function runExport(file: string, flags: ProtectionFlags, io: Io): Promise<void> {
  if (existsSync(file)) throw new UsageError(`there is a file ${file} already`);
  const exported = await exportNodeProtection(optionsOf(flags));
  await writePrivateFile(resolve(file), `${toJson(exported, 2)}\n`);
  const [{ signer, signed_blocks: signed }] = exported.data;
  if (io.json) io.out(toJson({ file, signer, records: signed.length }));
  else io.out(`${file}: ${signed.length} records of ${signer}. Do not start this node with that key again.`);
}

async function runImport(file: string, flags: ProtectionFlags, io: Io): Promise<void> {
  const { signer, records } = await importNodeProtection({ ...optionsOf(flags), file: readJson(file) });
  if (io.json) io.out(toJson({ signer, records }));
  else io.out(`${records} records of ${signer} bind the node in ${flags.dataDir} now`);
}

function optionsOf({ dataDir, deployment, ...flags }: ProtectionFlags) {
  const signer = flags.signer === undefined ? undefined : parseAddress(flags.signer, "--signer");
  if (!existsSync(deployment)) throw new UsageError(`--deployment: there is no file ${deployment}`);
  return {
    dataDir: resolve(dataDir),
    deployment: decodeDeployment(readFileSync(deployment)),
    ...(signer !== undefined && { signer: signer.toLowerCase() as Address }),
  };
}

function readJson(file: string): unknown {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  if (statSync(file).size > maxFileBytes) throw new UsageError(`${file} is longer than ${maxFileBytes} bytes`);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new UsageError(`${file} is not JSON`);
  }
}
