import { equalBytes } from "../bytes.ts";
import { numberKey } from "./keys.ts";
import type { Table } from "./table.ts";

/** L1 headers that blocks are anchored to, kept where the anchor changes: block number -> RLP. */
export class AnchorStore {
  readonly #table: Table;
  /** What was put last: most blocks have their parent's anchor. */
  #last: { readonly number: number; readonly headerRlp: Uint8Array } | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The anchor that was in force in block `number`, if it is known. */
  at(number: number): Uint8Array | undefined {
    const [row] = this.#upTo(number, 1);
    return row && Uint8Array.from(row.value);
  }

  put(number: number, headerRlp: Uint8Array): void {
    const known = this.#last?.number === number - 1 ? this.#last.headerRlp : this.at(number);
    if (known === undefined || !equalBytes(known, headerRlp)) this.#table.putSync(numberKey(number), headerRlp);
    this.#last = { number, headerRlp };
  }

  remove(number: number): void {
    this.#last = undefined;
    this.#table.removeSync(numberKey(number));
  }

  /** Drops what only blocks below `number` need. */
  forgetBelow(number: number): void {
    for (const { key } of this.#upTo(number, 16).slice(1)) this.#table.removeSync(key);
  }

  #upTo(number: number, limit: number): { readonly key: Uint8Array; readonly value: Uint8Array }[] {
    const range = { start: numberKey(number), end: Buffer.alloc(0), reverse: true, limit };
    return [...this.#table.getRange(range)].map(({ key, value }) => ({ key: Uint8Array.from(key), value }));
  }
}
