import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { importChain, parseGethGenesis } from "@metis/mvm";
import { systemClock } from "@metis/runtime";
import type { Command } from "commander";
import { UsageError, toJson } from "../io.ts";
import type { Io } from "../io.ts";

interface ImportOptions {
  readonly dataDir: string;
  readonly genesis: string;
  readonly rlp: string;
  readonly archive?: true;
}

const example = `
Example:
  metis node import --data-dir chain --genesis genesis.json --rlp chain.rlp
  metis node run --pure --data-dir chain --port 8545
`;

/** Adds `metis node import`. */
export function nodeImportCommand(node: Command, io: Io): void {
  node
    .command("import")
    .description("execute an Ethereum chain from a file, in pure Ethereum mode")
    .requiredOption("--data-dir <folder>", "where the chain is kept; what it has already is skipped")
    .requiredOption("--genesis <file>", "genesis.json as geth reads it")
    .requiredOption("--rlp <file>", "blocks in RLP, one after the other")
    .option("--archive", "keep the state of every block, not of the last 100,000 alone")
    .addHelpText("after", example)
    .action((options: ImportOptions) => importFile(options, io));
}

function readGenesis(path: string): ReturnType<typeof parseGethGenesis> {
  if (!existsSync(path)) throw new UsageError(`--genesis: there is no file ${path}`);
  try {
    return parseGethGenesis(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`--genesis: ${path} is not JSON: ${error.message}`);
    throw error;
  }
}

async function importFile(options: ImportOptions, io: Io): Promise<void> {
  const chainFile = resolve(options.rlp);
  if (!existsSync(chainFile)) throw new UsageError(`--rlp: there is no file ${chainFile}`);
  const clock = systemClock();
  const began = clock.monotonic();
  let shown = began;
  const { head, gasUsed } = await importChain({
    dataDir: resolve(options.dataDir),
    genesis: readGenesis(options.genesis),
    chainFile,
    archive: options.archive ?? false,
    onProgress: ({ head: at, done, total }) => {
      const now = clock.monotonic();
      if (now - shown < 1000) return;
      shown = now;
      const left = ((now - began) / done) * (total - done);
      io.note(`block ${at.number}, ${((100 * done) / total).toFixed(1)} %, ${(left / 1000).toFixed(0)} s left`);
    },
  });
  const seconds = (clock.monotonic() - began) / 1000;
  if (io.json) io.out(toJson({ number: head.number, hash: head.hash, gasUsed, seconds }));
  else io.out(`head is block ${head.number} ${head.hash}; ${gasUsed} gas in ${seconds.toFixed(1)} s`);
}
