// Blocks on states of several sizes, each in a process of its own: compilers and collectors of one are not the next one's.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { measureBlocks, type WorkloadName } from "./blocks.ts";
import type { BenchOptions } from "./options.ts";
import type { Section } from "./report.ts";

/** The section of one state, from a process that measures it alone. */
async function apart(names: readonly WorkloadName[], accounts: number, options: BenchOptions): Promise<Section> {
  const uniswap = options.uniswap === undefined ? [] : ["--uniswap", options.uniswap];
  const wanted = ["--only", names.join(","), "--accounts", String(accounts), "--rounds", String(options.rounds)];
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, main, ...wanted, ...uniswap, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0) throw new Error(`The bench of ${accounts} accounts ended with ${status ?? "a signal"}.`);
  return (JSON.parse(text) as [Section])[0];
}

/** Blocks on each of the states that `options` name. */
export async function measureStates(names: readonly WorkloadName[], options: BenchOptions): Promise<Section> {
  const [accounts, ...others] = options.accounts;
  if (others.length === 0) return measureBlocks(names, { ...options, accounts: accounts! });
  const sections: Section[] = [];
  for (const each of options.accounts) sections.push(await apart(names, each, options));
  return {
    ...sections[0]!,
    rows: sections.flatMap(({ rows }) => rows),
    notes: [...new Set(sections.flatMap(({ notes }) => notes))],
  };
}
