import { keccak256 } from "viem/utils";
import { trimZeros } from "../bytes.ts";
import type { StateDiff } from "./diff.ts";
import { nodeKey, storageKey, storageTrieKey } from "./keys.ts";
import { ChangeLog, pagesOf, rowCount, VersionedTable, type Table, type TableRow } from "./versioned.ts";

/** The state of one block. Results are copies. */
export interface StateView {
  /** nonce (8) ‖ balance (32) ‖ codeHash (32) ‖ storageRoot (32). */
  account(address: Uint8Array): Uint8Array | undefined;
  /** Without leading zeros; `undefined`: zero. */
  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined;
  /** RLP; `owner` and `path` as in `StateDiff.nodes`. */
  node(owner: Uint8Array, path: Uint8Array): Uint8Array | undefined;
  code(hash: Uint8Array): Uint8Array | undefined;
}

export interface StateTables {
  readonly accounts: Table;
  readonly accountChanges: Table;
  readonly storage: Table;
  readonly storageChanges: Table;
  readonly nodes: Table;
  readonly nodeChanges: Table;
  readonly codes: Table;
}

/** Tables that hold the state of one block. */
export const stateTables = ["accounts", "storage", "nodes", "codes"] as const;
export type StateTable = (typeof stateTables)[number];

const tableIds = { accounts: 0, storage: 1, nodes: 2 } as const;

/** Accounts, storage, trie nodes and code, now and at every kept block. Writes belong inside one lmdb transaction. */
export class StateStore {
  readonly #accounts: VersionedTable;
  readonly #storage: VersionedTable;
  readonly #nodes: VersionedTable;
  readonly #codes: Table;
  readonly #byId: readonly VersionedTable[];

  constructor(tables: StateTables) {
    this.#accounts = new VersionedTable(tableIds.accounts, tables.accounts, tables.accountChanges);
    this.#storage = new VersionedTable(tableIds.storage, tables.storage, tables.storageChanges);
    this.#nodes = new VersionedTable(tableIds.nodes, tables.nodes, tables.nodeChanges);
    this.#codes = tables.codes;
    this.#byId = [this.#accounts, this.#storage, this.#nodes];
  }

  /** State of the newest block. */
  get current(): StateView {
    return {
      account: (address) => this.#accounts.get(address),
      storage: (address, slot) => this.#storage.get(storageKey(address, slot)),
      node: (owner, path) => this.#nodes.get(nodeKey(owner, path)),
      code: (hash) => this.#codes.getBinary(hash),
    };
  }

  /** State after `block`, whose change sets above must be kept. */
  at(block: number): StateView {
    return {
      account: (address) => this.#accounts.getAt(address, block),
      storage: (address, slot) => this.#storage.getAt(storageKey(address, slot), block),
      node: (owner, path) => this.#nodes.getAt(nodeKey(owner, path), block),
      code: (hash) => this.#codes.getBinary(hash),
    };
  }

  /** Writes what `block` changed; returns its change set, which `undo` and `forget` take. */
  apply(diff: StateDiff, block: number): Uint8Array {
    const changes = new ChangeLog();
    for (const { hash, code } of diff.codes) this.#putCode(hash, code);
    for (const change of diff.accounts) {
      if (change.fate !== "set") this.#wipe(change.address, block, changes);
      this.#accounts.set(change.address, change.account, block, changes);
      for (const { slot, value } of change.slots)
        this.#storage.set(storageKey(change.address, slot), trimZeros(value), block, changes);
    }
    for (const { owner, path, node } of diff.nodes) this.#nodes.set(nodeKey(owner, path), node, block, changes);
    return changes.encode();
  }

  /** Writes the state that the chain starts with. */
  seed(diff: StateDiff): void {
    for (const { hash, code } of diff.codes) this.#putCode(hash, code);
    for (const { address, account, slots } of diff.accounts) {
      this.#accounts.seed(address, account);
      for (const { slot, value } of slots) this.#storage.seed(storageKey(address, slot), trimZeros(value));
    }
    for (const { owner, path, node } of diff.nodes) this.#nodes.seed(nodeKey(owner, path), node);
  }

  /** Takes back what `block`, the newest one, changed. Code stays: it is found by hash alone. */
  undo(changes: Uint8Array, block: number): void {
    for (const { table, key } of ChangeLog.decode(changes)) this.#byId[table]!.undo(key, block);
  }

  /** Drops the history that only blocks below `block` need. */
  forget(changes: Uint8Array, block: number): void {
    for (const { table, key } of ChangeLog.decode(changes)) this.#byId[table]!.forget(key, block);
  }

  /** Rows of one table after `block`, in any order, perhaps with repetitions (`VersionedTable.rowsAt`); all code there is. */
  rowsAt(table: StateTable, block: number): Generator<TableRow> {
    return table === "codes" ? pagesOf(this.#codes) : this.#tableOf(table).rowsAt(block);
  }

  /** Writes a row of a snapshot: no history. */
  seedRow(table: StateTable, { key, value }: TableRow): void {
    if (table === "codes") this.#codes.putSync(key, value);
    else this.#tableOf(table).seed(key, value);
  }

  rowCount(table: StateTable): number {
    return table === "codes" ? rowCount(this.#codes) : this.#tableOf(table).rowCount;
  }

  /** Current accounts, page by page: address and stored account. */
  accounts(): Generator<TableRow> {
    return this.#accounts.rows(new Uint8Array());
  }

  /** Current slots of one account, page by page; values without leading zeros. */
  *slots(address: Uint8Array): Generator<{ readonly slot: Uint8Array; readonly value: Uint8Array }> {
    for (const { key, value } of this.#storage.rows(address)) yield { slot: key.subarray(address.length), value };
  }

  #tableOf(table: Exclude<StateTable, "codes">): VersionedTable {
    return this.#byId[tableIds[table]]!;
  }

  #putCode(hash: Uint8Array, code: Uint8Array): void {
    if (!this.#codes.doesExist(hash)) this.#codes.putSync(hash, code);
  }

  #wipe(address: Uint8Array, block: number, changes: ChangeLog): void {
    const nothing = new Uint8Array();
    for (const key of this.#storage.keys(address)) this.#storage.set(key, nothing, block, changes);
    const owner = storageTrieKey(keccak256(address, "bytes"));
    for (const key of this.#nodes.keys(owner)) this.#nodes.set(key, nothing, block, changes);
  }
}
