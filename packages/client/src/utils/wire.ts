import { hexToBigInt, type Hex } from "viem";

/** As JSON-RPC shows it: integers of any size are quantities. */
export type Wire<T> = T extends bigint
  ? Hex
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]: Wire<T[Name]> }
      : T;
type Numbered<T, Name extends keyof T> = Omit<T, Name> & Readonly<Record<Name, bigint>>;

/** The same with `names` as integers. */
export function withNumbers<T extends object, Name extends keyof T>(
  value: T,
  names: readonly Name[],
): Numbered<T, Name> {
  const numbers = names.map((name) => [name, hexToBigInt(value[name] as Hex)] as const);
  return { ...value, ...(Object.fromEntries(numbers) as Record<Name, bigint>) };
}
