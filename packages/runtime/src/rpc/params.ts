import { invalidParam } from "./errors.ts";

type Hex = `0x${string}`;

/** Reads one argument. `at` is its position for the error. */
export interface Param<T> {
  readonly optional: boolean;
  read(value: unknown, at: string): T;
}

const make = <T>(read: (value: unknown, at: string) => T): Param<T> => ({ optional: false, read });

const hexText = /^0x[0-9a-f]*$/i;
const quantityText = /^0x(0|[1-9a-f][0-9a-f]*)$/i;
const addressText = /^0x[0-9a-f]{40}$/i;
const hashText = /^0x[0-9a-f]{64}$/i;

/** Readers of Ethereum's JSON values. Hex comes out in lower case. */
export const param = {
  /** 20 bytes. */
  address: make<Hex>((value, at) => {
    if (typeof value === "string" && addressText.test(value)) return value.toLowerCase() as Hex;
    throw invalidParam(at, "an address (0x and 40 hex digits)", value);
  }),
  /** 32 bytes. */
  hash: make<Hex>((value, at) => {
    if (typeof value === "string" && hashText.test(value)) return value.toLowerCase() as Hex;
    throw invalidParam(at, "32 bytes (0x and 64 hex digits)", value);
  }),
  /** Any number of bytes. */
  data: make<Hex>((value, at) => {
    if (typeof value === "string" && value.length % 2 === 0 && hexText.test(value)) return value.toLowerCase() as Hex;
    throw invalidParam(at, "bytes (0x and an even number of hex digits)", value);
  }),
  /** A number up to 2^256 - 1 as hex without leading zeros. */
  quantity: make<bigint>((value, at) => {
    if (typeof value === "string" && value.length <= 66 && quantityText.test(value)) return BigInt(value);
    throw invalidParam(at, "a quantity (0x and hex digits without leading zeros)", value);
  }),
  /** A number up to 2^64 - 1. */
  uint64: make<bigint>((value, at) => {
    if (typeof value === "string" && value.length <= 18 && quantityText.test(value)) return BigInt(value);
    throw invalidParam(at, "a 64-bit quantity (0x and at most 16 hex digits without leading zeros)", value);
  }),
  /** A small count, as hex or as a JSON number. */
  count: make<number>((value, at) => {
    const number = typeof value === "string" && quantityText.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
    throw invalidParam(at, "a count", value);
  }),
  boolean: make<boolean>((value, at) => {
    if (typeof value === "boolean") return value;
    throw invalidParam(at, "true or false", value);
  }),
  text: make<string>((value, at) => {
    if (typeof value === "string") return value;
    throw invalidParam(at, "a text", value);
  }),
  /** One of fixed words. */
  word: <const W extends string>(words: readonly W[]): Param<W> =>
    make((value, at) => {
      const found = words.find((word) => word === value);
      if (found !== undefined) return found;
      throw invalidParam(at, `one of ${words.join(", ")}`, value);
    }),
  /** An array of at most `max` items. */
  list: <T>(item: Param<T>, max: number): Param<readonly T[]> =>
    make((value, at) => {
      if (!Array.isArray(value)) throw invalidParam(at, "an array", value);
      if (value.length > max) throw invalidParam(at, `an array of at most ${max} items`, `${value.length} items`);
      return value.map((entry, index) => item.read(entry, `${at}[${index}]`));
    }),
  /** An object of at most `max` entries. */
  record: <K extends string, V>(key: Param<K>, item: Param<V>, max: number): Param<ReadonlyMap<K, V>> =>
    make((value, at) => {
      const entries = Object.entries(readObject(value, at));
      if (entries.length > max)
        throw invalidParam(at, `an object of at most ${max} entries`, `${entries.length} entries`);
      return new Map(
        entries.map(([name, entry]) => [key.read(name, `${at} (key)`), item.read(entry, `${at}.${name}`)] as const),
      );
    }),
  /** An object with known fields; others are ignored, as Ethereum nodes do. */
  object: <F extends Readonly<Record<string, Param<unknown>>>>(fields: F): Param<ObjectOf<F>> =>
    make((value, at) => readFields(fields, readObject(value, at), at)),
  /** Absent or null becomes `undefined`. */
  optional: <T>(inner: Param<T>): Param<T | undefined> => ({
    optional: true,
    read: (value, at) => (value === undefined || value === null ? undefined : inner.read(value, at)),
  }),
  /** Taken as it is; the method reads it. */
  any: { optional: true, read: (value) => value } satisfies Param<unknown>,
} as const;

/** Fields that may be absent are absent, not `undefined`. */
export type ObjectOf<F extends Readonly<Record<string, Param<unknown>>>> = {
  readonly [K in keyof F as undefined extends Read<F[K]> ? never : K]: Read<F[K]>;
} & { readonly [K in keyof F as undefined extends Read<F[K]> ? K : never]?: Exclude<Read<F[K]>, undefined> };

type Read<P> = P extends Param<infer T> ? T : never;

/** A JSON object, as its own properties only. */
export function readObject(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidParam(at, "an object", value);
  return value as Record<string, unknown>;
}

function readFields<F extends Readonly<Record<string, Param<unknown>>>>(
  fields: F,
  from: Readonly<Record<string, unknown>>,
  at: string,
): ObjectOf<F> {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const field = fields[name];
    const value = Object.hasOwn(from, name)
      ? field?.read(from[name], `${at}.${name}`)
      : field?.read(undefined, `${at}.${name}`);
    if (value !== undefined) result[name] = value;
  }
  return result as ObjectOf<F>;
}
