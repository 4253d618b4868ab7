import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Hex } from "viem";
import type { GenesisAccount } from "../genesis.ts";

/** An account of a fixture's pre-state. */
export interface FixtureAccount {
  readonly nonce: Hex;
  readonly balance: Hex;
  readonly code: Hex;
  readonly storage: Readonly<Record<Hex, Hex>>;
}

async function* filesUnder(path: string): AsyncGenerator<string> {
  if (!(await stat(path)).isDirectory()) {
    yield path;
    return;
  }
  for (const name of (await readdir(path)).toSorted()) {
    const inner = join(path, name);
    if ((await stat(inner)).isDirectory()) yield* filesUnder(inner);
    else if (name.endsWith(".json")) yield inner;
  }
}

/** Every named test in the fixture files at or below `paths`, files in order of their names. */
export async function* fixturesIn(paths: readonly string[]): AsyncGenerator<readonly [name: string, fixture: unknown]> {
  for (const path of paths)
    for await (const file of filesUnder(path)) {
      const tests = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
      yield* Object.entries(tests).filter(([name]) => name !== "_info");
    }
}

const word = (hex: Hex): Hex => `0x${hex.slice(2).padStart(64, "0")}`;

/** The pre-state as the genesis of a chain. */
export const allocOf = (pre: Readonly<Record<Hex, FixtureAccount>>): Record<Hex, GenesisAccount> =>
  Object.fromEntries(
    Object.entries(pre).map(([address, account]) => [
      address,
      {
        nonce: BigInt(account.nonce),
        balance: BigInt(account.balance),
        code: account.code,
        storage: Object.fromEntries(Object.entries(account.storage).map(([slot, value]) => [word(slot as Hex), value])),
      },
    ]),
  );
