import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Hex } from "viem";
import { MvmError } from "../errors.ts";
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
    // Indexes of fixtures lie in hidden folders.
    if (name.startsWith(".")) continue;
    const inner = join(path, name);
    if ((await stat(inner)).isDirectory()) yield* filesUnder(inner);
    else if (name.endsWith(".json")) yield inner;
  }
}

/** A test that cannot be run: the file is no JSON, or the fixture lacks what every fixture has. */
export class MalformedFixture {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

async function testsIn(file: string): Promise<Record<string, unknown>> {
  try {
    const tests = JSON.parse(await readFile(file, "utf8")) as unknown;
    if (typeof tests === "object" && tests !== null) return tests as Record<string, unknown>;
    return { [file]: new MalformedFixture("the file holds no tests") };
  } catch (error) {
    return { [file]: new MalformedFixture(`the file is no JSON: ${(error as Error).message}`) };
  }
}

/**
 * Every named test in the fixture files at or below `paths`, files in order of their names. `shape`: fields a fixture must
 * have, each an object; what lacks one is a `MalformedFixture`, and the others go on.
 */
export async function* fixturesIn<Fixture extends object>(
  paths: readonly string[],
  shape: readonly (keyof Fixture & string)[],
): AsyncGenerator<readonly [name: string, fixture: Fixture | MalformedFixture]> {
  for (const path of paths)
    for await (const file of filesUnder(path))
      for (const [name, test] of Object.entries(await testsIn(file)))
        if (name !== "_info") yield [name, checked<Fixture>(test, shape)];
}

function checked<Fixture extends object>(
  test: unknown,
  shape: readonly (keyof Fixture & string)[],
): Fixture | MalformedFixture {
  if (test instanceof MalformedFixture) return test;
  if (typeof test !== "object" || test === null) return new MalformedFixture("the fixture is no object");
  const fields = test as Readonly<Record<string, unknown>>;
  const missing = shape.find((field) => typeof fields[field] !== "object" || fields[field] === null);
  return missing === undefined ? (test as Fixture) : new MalformedFixture(`the fixture has no ${missing}`);
}

/** What a test that broke off says; not the kernel's refusals, which have a code. */
export const causeText = (cause: unknown): string =>
  cause instanceof MvmError
    ? `${cause.code}: ${cause.message}`
    : `the fixture is malformed: ${(cause as Error).message}`;

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
