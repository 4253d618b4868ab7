// A chain whose block 0 holds millions of accounts. The kernel builds a genesis in memory; this one is written row by row.
import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { decodeRlp, encodeRlp, type RlpItem } from "@metis/protocol";
import type { Address } from "viem";
import { keccak256 } from "viem/utils";
import { fromBigInt, toHex } from "../bytes.ts";
import { storedFrom } from "../executor/sealed.ts";
import { encodeConfiguration, encodeGenesis, genesisDigest, type Genesis } from "../genesis.ts";
import { Kernel, loadKernelModule } from "../kernel/index.ts";
import { MemoryHost } from "../conformance/memoryHost.ts";
import { Chain } from "../storage/chain.ts";
import { changeKind, changesOf, type Change } from "../storage/changes.ts";
import { Database } from "../storage/database.ts";
import { nodeKey } from "../storage/keys.ts";
import { accountLeaf, emptyCodeHash, emptyTrieRoot } from "../trie/account.ts";
import { rollupGenesis } from "../testing/rollup.ts";
import { readSealed } from "../wire/sealed.ts";
import { buildTrie, sortedKeys } from "./sortedTrie.ts";

const addressLength = 20;
const hashLength = 32;
/** Rows of one lmdb transaction. */
const rowsPerCommit = 200_000;
const stateRootField = 3;
const accountTrie = new Uint8Array(hashLength);

/** Address of made-up account `i`: sorted by `i`, scattered in the trie. */
export function heldAddress(i: number): Uint8Array {
  const address = Buffer.alloc(addressLength, 0x5e);
  address.writeUInt32BE(i, addressLength - 4);
  return address;
}

const heldAccount = (i: number): Uint8Array =>
  Buffer.concat([Buffer.alloc(8), fromBigInt(10n ** 18n + BigInt(i), 32), emptyCodeHash, emptyTrieRoot]);

/** Writes rows in transactions of a bounded size. */
class BulkWriter {
  readonly #database: Database;
  #rows: (() => void)[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  add(write: () => void): void {
    this.#rows.push(write);
    if (this.#rows.length >= rowsPerCommit) this.flush();
  }

  flush(): void {
    const rows = this.#rows;
    this.#rows = [];
    this.#database.transact(() => {
      for (const write of rows) write();
    });
  }
}

/** What the kernel makes of the accounts that are not made up: contracts with their storage, funded senders. */
async function kernelGenesis(genesis: Genesis) {
  const kernel = new Kernel(await loadKernelModule(), new MemoryHost());
  kernel.request("configure", encodeConfiguration(genesis));
  return readSealed(kernel.request("genesis", encodeGenesis(genesis)));
}

/** All accounts of the state: the kernel's, then `held` made-up ones. */
interface Accounts {
  readonly count: number;
  address(i: number): Uint8Array;
  account(i: number): Uint8Array;
}

function accountsOf(changes: readonly Change[], held: number): Accounts {
  const first = changes.filter(({ kind }) => kind === changeKind.account);
  return {
    count: first.length + held,
    address: (i) => first[i]?.key ?? heldAddress(i - first.length),
    account: (i) => first[i]?.after ?? heldAccount(i - first.length),
  };
}

/** Whether a node belongs to the storage of an account. */
const isStorageNode = (key: Uint8Array): boolean => key[0] !== 0;

function writeState(database: Database, changes: readonly Change[], held: number): Uint8Array {
  const writer = new BulkWriter(database);
  const { state } = database;
  const accounts = accountsOf(changes, held);
  const put = (table: "accounts" | "storage" | "nodes" | "codes", key: Uint8Array, value: Uint8Array): void =>
    writer.add(() => state.seedRow(table, { key, value }));
  for (const { kind, key, after } of changes) {
    if (kind === changeKind.code) put("codes", key, after);
    else if (kind === changeKind.slot) put("storage", key, after);
    else if (kind === changeKind.node && isStorageNode(key)) put("nodes", key, after);
  }
  const keys = new Uint8Array(hashLength * accounts.count);
  for (let i = 0; i < accounts.count; i++) {
    put("accounts", accounts.address(i), accounts.account(i));
    keys.set(keccak256(accounts.address(i), "bytes"), hashLength * i);
  }
  const leaf = (i: number): Uint8Array => accountLeaf(accounts.account(i));
  const root = buildTrie(sortedKeys(keys, accounts.count), leaf, (path, rlp) =>
    put("nodes", nodeKey(accountTrie, path), rlp),
  );
  writer.flush();
  return root;
}

/**
 * Writes into `dataDir` a chain with `held` made-up accounts and the `funded` ones, ready for `openMvm`.
 * Its state root is what the kernel's genesis of the same accounts has.
 */
export async function writeLargeChain(dataDir: string, held: number, funded: readonly Address[]): Promise<void> {
  const genesis = rollupGenesis(Object.fromEntries(funded.map((address) => [address, 10n ** 24n])));
  const sealed = await kernelGenesis(genesis);
  const path = join(dataDir, "chain");
  mkdirSync(path, { recursive: true });
  const database = Database.open(path);
  const stateRoot = writeState(database, [...changesOf(sealed.changes)], held);
  const fields = decodeRlp(sealed.headerRlp) as readonly RlpItem[];
  const headerRlp = encodeRlp(fields.map((field, i) => (i === stateRootField ? stateRoot : field)));
  const hash = keccak256(headerRlp, "bytes");
  const parts = [new Uint8Array(hashLength), stateRoot, sealed.messagePasserStorageRoot, hash];
  const outputRoot = keccak256(Buffer.concat(parts), "bytes");
  const first = storedFrom({ ...sealed, headerRlp, stateRoot, hash, outputRoot, changes: new Uint8Array() });
  const configuration = encodeConfiguration(genesis);
  const digest = genesisDigest(configuration, encodeGenesis(genesis));
  new Chain(database, 0).seed({ hash: toHex(hash), digest, configuration }, first);
  await database.close();
}
