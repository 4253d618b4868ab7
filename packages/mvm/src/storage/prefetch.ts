import { keccak } from "@metis/protocol";
import { nodeKey } from "./keys.ts";
import { rowCount, type Table } from "./table.ts";

/** Below this a state is in memory after the first blocks. */
const largeState = 100_000;
/** Major page faults for each recipient of a block from which on the disk is what blocks wait for. */
const faultsThatCount = 0.25;
/** Blocks in a row with fewer faults, after which nothing is read ahead until there are more. */
const calmBlocks = 8;
const accountTrie = new Uint8Array(32);

/** Nibbles of a key, one a byte. */
const nibbles = (key: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: key.length * 2 }, (_, i) => (i % 2 === 0 ? key[i >> 1]! >> 4 : key[i >> 1]! & 15));

/**
 * Keys of the trie nodes on the way to an account that are probably not in memory: with `count` accounts most leaves stand
 * where 16^depth reaches it, or one deeper; what is two above has been read for others.
 */
export function pathKeys(address: Uint8Array, count: number): Buffer[] {
  const path = nibbles(keccak(address));
  const depth = Math.ceil(Math.log2(Math.max(1, count)) / 4);
  const lengths = [depth - 2, depth - 1, depth, depth + 1].filter((length) => length >= 0 && length <= path.length);
  return lengths.map((length) => nodeKey(accountTrie, path.subarray(0, length)));
}

/**
 * Has the disk bring what blocks will read while they are executed: the machine asks for one page after the other and waits for each,
 * here several threads of the system's pool wait at once. Only where the state is large and reading it makes the process wait.
 */
export class Prefetch {
  readonly #accounts: Table;
  readonly #nodes: Table;
  readonly #faults: () => number;
  #before: number;
  #calm = 0;

  /** `faults`: pages that this process waited for since it began. */
  constructor(accounts: Table, nodes: Table, faults: () => number) {
    this.#accounts = accounts;
    this.#nodes = nodes;
    this.#faults = faults;
    this.#before = faults();
  }

  /** Begins to read what a block that sends to `recipients` needs; they are asked for only if it is worth it. Never throws. */
  begin(recipients: () => readonly Uint8Array[], count: number): void {
    if (!this.#isWorth(count)) return;
    const addresses = recipients();
    const size = rowCount(this.#accounts);
    const paths = addresses.map((address) => pathKeys(address, size));
    const depths = paths[0]?.map((_, i) => paths.map((path) => path[i]!)) ?? [];
    // A help, not a duty: the machine reads what is missing itself.
    void this.#accounts.prefetch([...addresses], ignore);
    for (const keys of depths) void this.#nodes.prefetch(keys, ignore);
  }

  #isWorth(count: number): boolean {
    const faults = this.#faults();
    const isCalm = faults - this.#before < count * faultsThatCount;
    this.#before = faults;
    this.#calm = isCalm ? this.#calm + 1 : 0;
    return this.#calm < calmBlocks && rowCount(this.#accounts) >= largeState;
  }
}

const ignore = (): void => {};
