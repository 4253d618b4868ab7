import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { SnapshotProgress } from "@metis/mvm";
import { decodeDeployment, exportNodeSnapshot, importNodeSnapshot } from "@metis/node";
import { silentLogger, systemClock } from "@metis/runtime";
import type { Command } from "commander";
import { isHash, type Hash } from "viem";
import { UsageError, toJson } from "../io.ts";
import type { Io } from "../io.ts";

interface ExportFlags {
  readonly dataDir: string;
  readonly batch?: string;
}

interface ImportFlags {
  readonly dataDir: string;
  readonly deployment: string;
  readonly l1Rpc: string;
  readonly outputRoot?: string;
}

const exportHelp = `
The node may be running. The file holds the state after the last batch that is final on L1, or after an earlier one.

Example:
  metis node snapshot export chain.snapshot --data-dir data
`;

const importHelp = `
The state must be the one of the claim that L1 settled on the batch, or the output root given. After a refusal nothing is left.

Example:
  metis node snapshot import chain.snapshot --data-dir data --deployment deployment.json --l1-rpc http://127.0.0.1:8545
`;

/** Adds `metis node snapshot export` and `metis node snapshot import`. */
export function nodeSnapshotCommand(node: Command, io: Io): void {
  const snapshot = node.command("snapshot").description("a node's state in one file, checked when it comes in");
  snapshot
    .command("export <file>")
    .description("write the state after a final batch to a file")
    .requiredOption("--data-dir <folder>", "data of a node")
    .option("--batch <index>", "after this batch; the last final one unless given")
    .addHelpText("after", exportHelp)
    .action((file: string, flags: ExportFlags) => runExport(file, flags, io));
  snapshot
    .command("import <file>")
    .description("start a node's data from a file")
    .requiredOption("--data-dir <folder>", "where the node's data goes; without a chain as yet")
    .requiredOption("--deployment <file>", "which chain this is, as the deployment wrote it")
    .option("--l1-rpc <url>", "JSON-RPC endpoint of L1", "http://127.0.0.1:8545")
    .option("--output-root <hash>", "trust this one instead of a settled claim")
    .addHelpText("after", importHelp)
    .action((file: string, flags: ImportFlags) => runImport(file, flags, io));
}

async function runExport(path: string, flags: ExportFlags, io: Io): Promise<void> {
  const file = resolve(path);
  if (existsSync(file)) throw new UsageError(`there is a file ${path} already`);
  if (flags.batch !== undefined && !/^\d+$/.test(flags.batch))
    throw new UsageError("--batch takes the index of a batch");
  const summary = await exportNodeSnapshot({
    dataDir: resolve(flags.dataDir),
    file,
    ...(flags.batch === undefined ? {} : { batch: BigInt(flags.batch) }),
    onProgress: progressNotes(io),
  });
  if (io.json) io.out(toJson({ file, ...summary }));
  else io.out(`${path}: ${describe(summary)}`);
}

async function runImport(path: string, flags: ImportFlags, io: Io): Promise<void> {
  for (const file of [path, flags.deployment]) if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  const { outputRoot } = flags;
  if (outputRoot !== undefined && !isHash(outputRoot)) throw new UsageError("--output-root takes 32 bytes of 0x hex");
  const summary = await importNodeSnapshot({
    dataDir: resolve(flags.dataDir),
    file: resolve(path),
    deployment: decodeDeployment(readFileSync(flags.deployment)),
    l1Rpc: flags.l1Rpc,
    ...(outputRoot === undefined ? {} : { outputRoot: outputRoot.toLowerCase() as Hash }),
    logger: silentLogger(),
    onProgress: progressNotes(io),
  });
  if (io.json) io.out(toJson(summary));
  else io.out(`${flags.dataDir}: ${describe(summary)}`);
}

interface Summary {
  readonly number: number;
  readonly hash: Hash;
  readonly outputRoot: Hash;
  readonly batchIndex: bigint;
}

const describe = ({ number, hash, outputRoot, batchIndex }: Summary): string =>
  `block ${number} ${hash}, end of batch ${batchIndex}, output root ${outputRoot}`;

const phases = { rows: "rows", verify: "accounts checked" } as const;

/** One line a second. */
function progressNotes(io: Io): (progress: SnapshotProgress) => void {
  const clock = systemClock();
  let shown = clock.monotonic();
  return ({ phase, done, total }) => {
    const now = clock.monotonic();
    if (now - shown < 1000) return;
    shown = now;
    io.note(total === 0 ? `${done} ${phases[phase]}` : `${done} of ${total} ${phases[phase]}`);
  };
}
