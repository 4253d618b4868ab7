import { keccak256 } from "viem/utils";
import { ChangeCursor, changeKind, changeName, changesOf, type ChangeKind } from "./changes.ts";
import { History, Record, type HistoryTables } from "./history.ts";
import { nodeKey, storageKey, storageTrieKey } from "./keys.ts";
import { Prefetch } from "./prefetch.ts";
import { pagesOf, rowCount, write, type Table, type TableRow } from "./table.ts";

/** The state of one block. Results are copies. */
export interface StateView {
  /** nonce (8) ‖ balance (32) ‖ codeHash (32) ‖ storageRoot (32). */
  account(address: Uint8Array): Uint8Array | undefined;
  /** Without leading zeros; `undefined`: zero. */
  storage(address: Uint8Array, slot: Uint8Array): Uint8Array | undefined;
  /** RLP; `owner`: 32 zero bytes for the account trie, else keccak256 of the address; `path`: nibbles, one a byte. */
  node(owner: Uint8Array, path: Uint8Array): Uint8Array | undefined;
  code(hash: Uint8Array): Uint8Array | undefined;
}

export interface StateTables extends HistoryTables {
  readonly accounts: Table;
  readonly storage: Table;
  readonly nodes: Table;
  readonly codes: Table;
}

/** Tables that hold the state of one block. */
export const stateTables = ["accounts", "storage", "nodes", "codes"] as const;
export type StateTable = (typeof stateTables)[number];

const kindOf = { accounts: changeKind.account, storage: changeKind.slot, nodes: changeKind.node } as const;

const nothing = new Uint8Array();
const valueOrNothing = (value: Uint8Array): Uint8Array | undefined => (value.length === 0 ? undefined : value);

/** Accounts, storage, trie nodes and code, now and at every kept block. Writes belong inside one lmdb transaction. */
export class StateStore {
  readonly #codes: Table;
  /** By `ChangeKind`: accounts, storage, nodes. */
  readonly #byKind: readonly Table[];
  readonly #history: History;
  readonly #head: () => number;

  /** `head`: number of the newest block in the snapshot that reads see. */
  constructor(tables: StateTables, head: () => number) {
    this.#byKind = [tables.accounts, tables.storage, tables.nodes];
    this.#codes = tables.codes;
    this.#history = new History(tables);
    this.#head = head;
  }

  /** Reads ahead for execution. `faults`: pages that this process waited for since it began. */
  prefetch(faults: () => number): Prefetch {
    const [accounts, , nodes] = this.#byKind as readonly [Table, Table, Table];
    return new Prefetch(accounts, nodes, faults);
  }

  /** State of the newest block. */
  get current(): StateView {
    const [accounts, storage, nodes] = this.#byKind as readonly [Table, Table, Table];
    return {
      account: (address) => accounts.getBinary(address),
      storage: (address, slot) => storage.getBinary(storageKey(address, slot)),
      node: (owner, path) => nodes.getBinary(nodeKey(owner, path)),
      code: (hash) => this.#codes.getBinary(hash),
    };
  }

  /** State after `block`; right only while what the blocks above replaced is kept. */
  at(block: number): StateView {
    return {
      account: (address) => this.#at(changeKind.account, address, block),
      storage: (address, slot) => this.#at(changeKind.slot, storageKey(address, slot), block),
      node: (owner, path) => this.#at(changeKind.node, nodeKey(owner, path), block),
      code: (hash) => this.#codes.getBinary(hash),
    };
  }

  #at(kind: ChangeKind, key: Uint8Array, block: number): Uint8Array | undefined {
    const head = this.#head();
    const before = head > block ? this.#history.before(kind, key, block, head) : undefined;
    return before === undefined ? this.#byKind[kind]!.getBinary(key) : valueOrNothing(before);
  }

  /** Writes `changes` (`ChangeCursor`) of `block`, the next one, and what they replace. */
  apply(changes: Uint8Array, block: number): void {
    const record = new Record();
    /** Names of what a wipe ended: its past is recorded. */
    const ended = new Set<string>();
    const cursor = new ChangeCursor(changes);
    while (cursor.next()) {
      const { kind, key } = cursor;
      if (kind === changeKind.code) this.#putCode(key, cursor.after);
      else if (kind === changeKind.wipe) this.#wipe(key, record, ended);
      else {
        write(this.#byKind[kind]!, key, cursor.after);
        if (ended.size === 0 || !ended.has(cursor.name)) record.add(kind, key, cursor.past);
      }
    }
    this.#history.write(block, record);
  }

  /** Writes the state that the chain starts with. */
  seed(changes: Uint8Array): void {
    for (const { kind, key, after } of changesOf(changes)) {
      if (kind === changeKind.code) this.#putCode(key, after);
      else write(this.#byKind[kind]!, key, after);
    }
  }

  /** Takes back what `block`, the newest one, changed. Code stays: it is found by hash alone. */
  undo(block: number): void {
    for (const { kind, key, before } of this.#history.of(block)) write(this.#byKind[kind]!, key, before);
    this.#history.undo(block);
  }

  /** Drops what `block`, the oldest one that is kept, replaced: only blocks below need it. */
  forget(block: number): void {
    this.#history.forget(block);
  }

  /**
   * Rows of one table after `block`, in any order, perhaps with repetitions while another process commits; all code there is.
   * Reads page by page, so that no snapshot of the database is held meanwhile.
   */
  *rowsAt(table: StateTable, block: number): Generator<TableRow> {
    if (table === "codes") yield* pagesOf(this.#codes);
    else yield* this.#versionedRows(kindOf[table], block);
  }

  *#versionedRows(kind: ChangeKind, block: number): Generator<TableRow> {
    for (const { key } of pagesOf(this.#byKind[kind]!)) {
      const value = this.#at(kind, key, block);
      if (value !== undefined) yield { key, value };
    }
    for (let later = block + 1; later <= this.#head(); later++)
      for (const past of this.#history.of(later)) {
        if (past.kind !== kind || this.#byKind[kind]!.doesExist(past.key)) continue;
        const key = Uint8Array.from(past.key);
        const value = this.#at(kind, key, block);
        if (value !== undefined) yield { key, value };
      }
  }

  /** Writes a row of a snapshot: no history. */
  seedRow(table: StateTable, { key, value }: TableRow): void {
    this.#tableOf(table).putSync(key, value);
  }

  rowCount(table: StateTable): number {
    return rowCount(this.#tableOf(table));
  }

  /** Rows that the history of all kept blocks takes. */
  get historyRows(): number {
    return this.#history.rowCount;
  }

  /** Current accounts, page by page: address and stored account. */
  accounts(): Generator<TableRow> {
    return pagesOf(this.#tableOf("accounts"));
  }

  /** Current slots of one account, page by page; values without leading zeros. */
  *slots(address: Uint8Array): Generator<{ readonly slot: Uint8Array; readonly value: Uint8Array }> {
    for (const { key, value } of pagesOf(this.#tableOf("storage"), address))
      yield { slot: key.subarray(address.length), value };
  }

  #tableOf(table: StateTable): Table {
    return table === "codes" ? this.#codes : this.#byKind[kindOf[table]]!;
  }

  #putCode(hash: Uint8Array, code: Uint8Array): void {
    if (!this.#codes.doesExist(hash)) this.#codes.putSync(hash, code);
  }

  /** Removes all slots and storage trie nodes of an account. */
  #wipe(address: Uint8Array, record: Record, ended: Set<string>): void {
    const owner = storageTrieKey(keccak256(address, "bytes"));
    for (const [kind, prefix] of [[changeKind.slot, address] as const, [changeKind.node, owner] as const]) {
      const table = this.#byKind[kind]!;
      for (const { key, value } of pagesOf(table, prefix)) {
        record.put(kind, key, value);
        ended.add(changeName(kind, key));
        write(table, key, nothing);
      }
    }
  }
}
