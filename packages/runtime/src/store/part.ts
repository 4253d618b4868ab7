import type { KeyRange, Store, StoreOp } from "./store.ts";

/** The keys of `store` that begin with `prefix` and a zero byte, as a store of their own. Closing it closes nothing. */
export function partOf(store: Store, prefix: string): Store {
  const head = new TextEncoder().encode(`${prefix}\0`);
  const full = (key: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(head.length + key.length);
    bytes.set(head);
    bytes.set(key, head.length);
    return bytes;
  };
  const afterAll = new TextEncoder().encode(`${prefix}\u0001`);
  return {
    get: (key) => store.get(full(key)),
    *entries({ from, to, ...rest }: KeyRange = {}) {
      const bounds = { from: from ? full(from) : head, to: to ? full(to) : afterAll };
      for (const [key, value] of store.entries({ ...bounds, ...rest })) yield [key.slice(head.length), value] as const;
    },
    write: (ops) => store.write(ops.map((op): StoreOp => ({ ...op, key: full(op.key) }))),
    close: async () => undefined,
  };
}

/** Deletes everything in that part of `store`. */
export async function dropPart(store: Store, prefix: string): Promise<void> {
  const part = partOf(store, prefix);
  const ops = [...part.entries()].map(([key]): StoreOp => ({ kind: "delete", key }));
  if (ops.length > 0) await part.write(ops);
}
