import { StoreError, type Store, type StoreOp } from "./store.ts";

/** Two-way mapping between a value and bytes. A key codec must keep the order of its values. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  /** Throws on bytes it did not write. */
  decode(bytes: Uint8Array): T;
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Ready-made codecs. */
export const codecs = {
  bytes: { encode: (value) => value, decode: (bytes) => bytes } satisfies Codec<Uint8Array>,
  text: { encode: (value) => utf8.encode(value), decode: (bytes) => fromUtf8.decode(bytes) } satisfies Codec<string>,
  /** 0x hex, as its bytes. */
  hex: {
    encode: (value) => Uint8Array.from(Buffer.from(value.slice(2), "hex")),
    decode: (bytes) => `0x${Buffer.from(bytes).toString("hex")}`,
  } satisfies Codec<`0x${string}`>,
  /** Eight bytes, big endian. */
  uint64: {
    encode: (value) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, value);
      return bytes;
    },
    decode: (bytes) => {
      if (bytes.length !== 8) throw new StoreError("corrupt", "halt", `a uint64 has 8 bytes, not ${bytes.length}`, {});
      return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
    },
  } satisfies Codec<bigint>,
} as const;

/** JSON that also carries bigints, as `{"$bigint": "12"}`. */
export const jsonCodec = <T>(): Codec<T> => ({
  encode: (value) =>
    utf8.encode(
      JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? { $bigint: `${item}` } : item)),
    ),
  decode: (bytes) =>
    JSON.parse(fromUtf8.decode(bytes), (_, item: unknown) =>
      typeof item === "object" && item !== null && "$bigint" in item ? BigInt(String(item.$bigint)) : item,
    ) as T,
});

/** A part of a store with typed keys and values. Operations are values, so that several tables can share one batch. */
export interface Table<K, V> {
  get(key: K): V | undefined;
  put(key: K, value: V): StoreOp;
  delete(key: K): StoreOp;
  /** Half-open range in key order. */
  entries(range?: {
    readonly from?: K;
    readonly to?: K;
    readonly reverse?: boolean;
    readonly limit?: number;
  }): Iterable<readonly [key: K, value: V]>;
}

/** The table `name` of `store`: its keys carry the name as a prefix, which no other table's name may begin with. */
export function openTable<K, V>(store: Store, name: string, key: Codec<K>, value: Codec<V>): Table<K, V> {
  const prefix = utf8.encode(`${name}\0`);
  const afterAll = utf8.encode(`${name}\u0001`);
  const full = (item: K): Uint8Array => Buffer.concat([prefix, key.encode(item)]);
  return {
    get(item) {
      const bytes = store.get(full(item));
      return bytes && value.decode(bytes);
    },
    put: (item, content) => ({ kind: "put", key: full(item), value: value.encode(content) }),
    delete: (item) => ({ kind: "delete", key: full(item) }),
    *entries(range = {}) {
      const { from, to, ...rest } = range;
      const bounds = { from: from === undefined ? prefix : full(from), to: to === undefined ? afterAll : full(to) };
      for (const [itemKey, bytes] of store.entries({ ...bounds, ...rest }))
        yield [key.decode(itemKey.subarray(prefix.length)), value.decode(bytes)] as const;
    },
  };
}
