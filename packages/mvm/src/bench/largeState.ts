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
import { Database } from "../storage/database.ts";
import type { StateDiff } from "../storage/diff.ts";
import { nodeKey, storageKey } from "../storage/keys.ts";
import { trimZeros } from "../bytes.ts";
import { accountLeaf, emptyCodeHash, emptyTrieRoot } from "../trie/account.ts";
import { rollupGenesis } from "../testing/rollup.ts";
import { readSealed } from "../wire/responses.ts";
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

function accountsOf(diff: StateDiff, held: number): Accounts {
  const first = diff.accounts;
  return {
    count: first.length + held,
    address: (i) => first[i]?.address ?? heldAddress(i - first.length),
    account: (i) => first[i]?.account ?? heldAccount(i - first.length),
  };
}

function writeState(database: Database, diff: StateDiff, held: number): Uint8Array {
  const writer = new BulkWriter(database);
  const { state } = database;
  const accounts = accountsOf(diff, held);
  const put = (table: "accounts" | "storage" | "nodes" | "codes", key: Uint8Array, value: Uint8Array): void =>
    writer.add(() => state.seedRow(table, { key, value }));
  for (const { hash, code } of diff.codes) put("codes", hash, code);
  for (const { address, slots } of diff.accounts)
    for (const { slot, value } of slots) put("storage", storageKey(address, slot), trimZeros(value));
  for (const { owner, path, node } of diff.nodes)
    if (owner.some((byte) => byte !== 0)) put("nodes", nodeKey(owner, path), node);
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
  const stateRoot = writeState(database, sealed.diff, held);
  const fields = decodeRlp(sealed.headerRlp) as readonly RlpItem[];
  const headerRlp = encodeRlp(fields.map((field, i) => (i === stateRootField ? stateRoot : field)));
  const hash = keccak256(headerRlp, "bytes");
  const parts = [new Uint8Array(hashLength), stateRoot, sealed.messagePasserStorageRoot, hash];
  const outputRoot = keccak256(Buffer.concat(parts), "bytes");
  const diff: StateDiff = { accounts: [], codes: [], nodes: [] };
  const first = storedFrom({ ...sealed, headerRlp, stateRoot, hash, outputRoot, diff }, undefined);
  const configuration = encodeConfiguration(genesis);
  const digest = genesisDigest(configuration, encodeGenesis(genesis));
  new Chain(database, 0).seed({ hash: toHex(hash), digest, configuration }, first);
  await database.close();
}
