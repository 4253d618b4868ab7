import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importChain, parseGethGenesis } from "@metis/mvm";
import { createMetrics, ManualClock, seededRng, silentLogger } from "@metis/runtime";
import { nodeOptions } from "../config.ts";
import { createPureNode } from "../pure/node.ts";

/** One exchange of an execution-apis `.io` file. */
export interface Exchange {
  readonly request: string;
  readonly response: unknown;
}

/** A test of the suite. `specOnly`: the answer's shape counts, not its values. */
export interface CompatCase {
  readonly name: string;
  readonly method: string;
  readonly specOnly: boolean;
  readonly exchanges: readonly Exchange[];
}

/** Archive of the suite in `folder`; `undefined` when absent. */
export function compatArchive(folder: string | undefined): string | undefined {
  const path = folder && join(folder, "rpc-compat.tar.xz");
  return path && existsSync(path) ? path : undefined;
}

/** Unpacks the suite into a folder that `remove` takes away again. */
export function unpack(archive: string): { readonly suite: string; readonly work: string; remove(): void } {
  const work = mkdtempSync(join(tmpdir(), "metis-compat-"));
  execFileSync("tar", ["-xJf", archive, "-C", work]);
  return { suite: join(work, "rpc-compat"), work, remove: () => rmSync(work, { recursive: true, force: true }) };
}

/** All cases of the suite, by method and name. */
export function readCases(suite: string): CompatCase[] {
  const folders = readdirSync(suite, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name: method }) =>
    readdirSync(join(suite, method))
      .filter((file) => file.endsWith(".io"))
      .map((file) => readCase(join(suite, method, file), `${method}/${file}`, method)),
  );
}

function readCase(path: string, name: string, method: string): CompatCase {
  const lines = readFileSync(path, "utf8").split("\n");
  const exchanges: Exchange[] = [];
  let request = "";
  for (const line of lines) {
    if (line.startsWith(">> ")) request = line.slice(3);
    if (line.startsWith("<< ")) exchanges.push({ request, response: JSON.parse(line.slice(3)) });
  }
  return { name, method, exchanges, specOnly: lines.some((line) => line.startsWith("// speconly")) };
}

/** The node of `metis node run --pure` over the suite's chain, imported as `metis node import` does. */
export async function serveChain(
  suite: string,
  work: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const dataDir = join(work, "data");
  const genesis = parseGethGenesis(JSON.parse(readFileSync(join(suite, "genesis.json"), "utf8")));
  await importChain({ dataDir, genesis, chainFile: join(suite, "chain.rlp") });
  const node = createPureNode(nodeOptions({ dataDir }), {
    clock: new ManualClock(),
    logger: silentLogger(),
    metrics: createMetrics(),
    rng: seededRng(1),
  });
  await node.start();
  return { url: node.rpcUrl, close: () => node.stop() };
}
