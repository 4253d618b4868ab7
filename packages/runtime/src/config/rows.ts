import { Secret } from "../secret.ts";

/** Where a value came from, weakest first. */
export type ConfigSource = "default" | "file" | "environment" | "flag";

/** One operator option. `parse` takes what a file, the environment or a flag gives and throws a sentence when it is wrong. */
export interface ConfigRow<T> {
  readonly description: string;
  readonly unit?: string;
  readonly default: T;
  /** Name of the environment variable; `METIS_` and the key in capitals when absent. */
  readonly env?: string;
  readonly secret?: boolean;
  parse(raw: unknown): T;
  /** Says what is wrong with a well-formed value, or nothing. */
  check?(value: T): string | undefined;
}

interface Common<T> {
  readonly description: string;
  readonly unit?: string;
  readonly env?: string;
  check?(value: T): string | undefined;
}

const fail = (expected: string, raw: unknown): never => {
  throw new TypeError(`expected ${expected}, got ${typeof raw === "string" ? JSON.stringify(raw) : String(raw)}`);
};

function toInteger(raw: unknown): number {
  const value =
    typeof raw === "string" && /^-?\d+$/.test(raw.replaceAll("_", "")) ? Number(raw.replaceAll("_", "")) : raw;
  if (typeof value === "bigint") return toInteger(Number(value));
  return typeof value === "number" && Number.isSafeInteger(value) ? value : fail("a whole number", raw);
}

const toText = (raw: unknown): string => (typeof raw === "string" ? raw : fail("a text", raw));

/** Makers of typed rows. */
export const row = {
  /** Whole number, `min` to `max`. */
  integer: (
    options: Common<number> & { readonly default: number; readonly min?: number; readonly max?: number },
  ): ConfigRow<number> => {
    const { min = 0, max = Number.MAX_SAFE_INTEGER, ...rest } = options;
    const inRange = (value: number): string | undefined =>
      value < min || value > max ? `must lie between ${min} and ${max}, is ${value}` : options.check?.(value);
    return { ...rest, parse: toInteger, check: inRange };
  },
  /** Amounts beyond 2^53, such as wei; decimal digits in files. */
  bigint: (options: Common<bigint> & { readonly default: bigint }): ConfigRow<bigint> => ({
    ...options,
    parse: (raw) => {
      if (typeof raw === "bigint" || (typeof raw === "number" && Number.isSafeInteger(raw))) return BigInt(raw);
      return typeof raw === "string" && /^\d+$/.test(raw.replaceAll("_", ""))
        ? BigInt(raw.replaceAll("_", ""))
        : fail("a whole number", raw);
    },
  }),
  text: (options: Common<string> & { readonly default: string }): ConfigRow<string> => ({ ...options, parse: toText }),
  /** A text that may be absent. */
  optionalText: (options: Common<string | undefined>): ConfigRow<string | undefined> => ({
    ...options,
    default: undefined,
    parse: toText,
  }),
  flag: (options: Common<boolean> & { readonly default: boolean }): ConfigRow<boolean> => ({
    ...options,
    parse: (raw) => {
      if (typeof raw === "boolean") return raw;
      if (raw === "true" || raw === "1" || raw === "") return true;
      return raw === "false" || raw === "0" ? false : fail("true or false", raw);
    },
  }),
  /** One of a fixed set of words. */
  choice: <const W extends string>(
    options: Common<W> & { readonly words: readonly W[]; readonly default: NoInfer<W> },
  ): ConfigRow<W> => {
    const { words, ...rest } = options;
    return { ...rest, parse: (raw) => words.find((word) => word === raw) ?? fail(`one of ${words.join(", ")}`, raw) };
  },
  /** Texts; separated by commas in the environment and in flags. */
  list: (
    options: Common<readonly string[]> & { readonly default: readonly string[] },
  ): ConfigRow<readonly string[]> => ({
    ...options,
    parse: (raw) => {
      if (Array.isArray(raw)) return raw.map(toText);
      return toText(raw)
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    },
  }),
  /** A key or password that may be absent; printed as `[secret]`. */
  secret: (options: Common<Secret | undefined>): ConfigRow<Secret | undefined> => ({
    ...options,
    default: undefined,
    secret: true,
    // The value itself must not turn up in the message.
    parse: (raw) => (typeof raw === "string" ? new Secret(raw) : fail("a text", `a ${typeof raw}`)),
  }),
} as const;
