// A full copy of the state per block, in words that tests compare, and random changes for it.
import fc from "fast-check";
import { toHex } from "../bytes.ts";
import type { StateView } from "../storage/state.ts";
import { accountBytes, addressOf, ownerOf, slotOf, type SyntheticChange } from "./synthetic.ts";

export const accounts = 4;
export const slots = 3;
/** Paths that are beginnings of one another, and one of odd length. */
const paths = [[], [0], [0, 0], [0, 0, 0], [1], [15, 15]];

const change: fc.Arbitrary<SyntheticChange> = fc.record({
  account: fc.nat(accounts - 1),
  fate: fc.constantFrom("set", "set", "set", "removed", "replaced"),
  balance: fc.bigInt(0n, 3n),
  slots: fc.array(fc.tuple(fc.nat(slots - 1), fc.bigInt(0n, 2n)), { maxLength: 3 }),
  nodes: fc.array(fc.tuple(fc.constantFrom(...paths), fc.nat(2)), { maxLength: 3 }),
});
/** What one block changes. */
export const blockChanges = fc.uniqueArray(change, { selector: (entry) => entry.account, maxLength: 3 });

/** The naive model: a full copy of the state per block. */
export type Model = ReadonlyMap<string, string>;

export function applyToModel(model: Model, changes: readonly SyntheticChange[]): Model {
  const next = new Map(model);
  const write = (key: string, value: string): void => void (value === "" ? next.delete(key) : next.set(key, value));
  for (const { account, fate, balance, slots: slotChanges } of changes) {
    const name = toHex(addressOf(account));
    if (fate !== "set") for (const key of next.keys()) if (key.includes(`${name}/`)) next.delete(key);
    write(`account ${name}`, fate === "removed" ? "" : Buffer.from(accountBytes(balance)).toString("hex"));
    if (fate === "removed") continue;
    for (const [slot, value] of slotChanges)
      write(`slot ${name}/${toHex(slotOf(slot))}`, value === 0n ? "" : value.toString(16).padStart(2, "0"));
  }
  for (const { account, fate, nodes } of changes) {
    if (fate === "removed") continue;
    for (const [path, value] of nodes)
      write(
        `node ${toHex(addressOf(account))}/${path.join(".")}`,
        value === 0 ? "" : Buffer.alloc(33, value).toString("hex"),
      );
  }
  return next;
}

/** Everything the tests write, read through a view. */
export function readAll(view: StateView): Model {
  const found = new Map<string, string>();
  const note = (key: string, value: Uint8Array | undefined): void => {
    if (value !== undefined) found.set(key, Buffer.from(value).toString("hex"));
  };
  for (let i = 0; i < accounts; i++) {
    const address = addressOf(i);
    const name = toHex(address);
    note(`account ${name}`, view.account(address));
    for (let slot = 0; slot < slots; slot++)
      note(`slot ${name}/${toHex(slotOf(slot))}`, view.storage(address, slotOf(slot)));
    for (const path of paths) note(`node ${name}/${path.join(".")}`, view.node(ownerOf(i), Uint8Array.from(path)));
  }
  return found;
}

export const sorted = (model: Model): [string, string][] => [...model].toSorted(([a], [b]) => (a < b ? -1 : 1));
