import { encodeRlp, type RlpInput } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { toHex } from "../bytes.ts";

/** A state test's transaction: each list has a variant an item. */
export interface FixtureTransaction {
  readonly nonce: Hex;
  readonly gasLimit: readonly Hex[];
  readonly value: readonly Hex[];
  readonly data: readonly Hex[];
  /** Empty or absent: a contract is created. */
  readonly to?: string;
  readonly gasPrice?: Hex;
  readonly maxFeePerGas?: Hex;
  readonly maxPriorityFeePerGas?: Hex;
  /** Of the same length as `data`. */
  readonly accessLists?: readonly (
    | readonly { readonly address: Hex; readonly storageKeys: readonly Hex[] }[]
    | null
    | undefined
  )[];
  readonly maxFeePerBlobGas?: Hex;
  readonly blobVersionedHashes?: readonly Hex[];
  readonly authorizationList?: readonly Readonly<
    Record<"chainId" | "address" | "nonce" | "yParity" | "v" | "r" | "s", Hex>
  >[];
  readonly sender?: Address;
  readonly secretKey?: Hex;
}

/** Which variant a subtest means. */
export interface FixtureIndexes {
  readonly data: number;
  readonly gas: number;
  readonly value: number;
}

/** Hex with its prefix, which some tools leave out. */
export const prefixed = (text: string): Hex => (text.startsWith("0x") ? (text as Hex) : `0x${text}`);

const integer = (value: Hex | undefined): bigint => BigInt(value ?? 0);

/** Of a signature that is well-formed and nobody's. */
const nobodys: readonly RlpInput[] = [1n, 1n];
/** `v` of a legacy transaction without chain id (EIP-155). */
const legacyV = 27n;

/** The type whose fields the transaction has (EIP-2718). */
function typeOf(transaction: FixtureTransaction, accessList: unknown): number {
  if (transaction.authorizationList !== undefined) return 4;
  if (transaction.blobVersionedHashes !== undefined || transaction.maxFeePerBlobGas !== undefined) return 3;
  if (transaction.maxFeePerGas !== undefined) return 2;
  return accessList === undefined || accessList === null ? 0 : 1;
}

const authorizationFields = (transaction: FixtureTransaction): RlpInput =>
  (transaction.authorizationList ?? []).map(({ chainId, address, nonce, yParity, v, r, s }) => [
    integer(chainId),
    address,
    integer(nonce),
    integer(yParity ?? v),
    integer(r),
    integer(s),
  ]);

/**
 * The variant that `indexes` names, for fixtures that hold no signed bytes: EIP-2718 bytes under nobody's signature, and who sends it.
 */
export function transactionOf(
  fixture: FixtureTransaction,
  indexes: FixtureIndexes,
  chainId: bigint,
): { readonly transaction: Hex; readonly sender: Address } {
  const accessList = fixture.accessLists?.[indexes.data];
  const type = typeOf(fixture, accessList);
  const prices =
    type < 2 ? [fixture.gasPrice] : [fixture.maxPriorityFeePerGas ?? fixture.gasPrice, fixture.maxFeePerGas];
  const fields: RlpInput[] = [
    integer(fixture.nonce),
    ...prices.map(integer),
    integer(fixture.gasLimit[indexes.gas]),
    prefixed(fixture.to ?? ""),
    integer(fixture.value[indexes.value]),
    prefixed(fixture.data[indexes.data]!),
  ];
  if (type >= 1) fields.push((accessList ?? []).map(({ address, storageKeys }) => [address, storageKeys]));
  if (type === 3) fields.push(integer(fixture.maxFeePerBlobGas), fixture.blobVersionedHashes ?? []);
  if (type === 4) fields.push(authorizationFields(fixture));
  const bytes =
    type === 0
      ? encodeRlp([...fields, legacyV, ...nobodys])
      : Buffer.concat([Uint8Array.of(type), encodeRlp([chainId, ...fields, 0n, ...nobodys])]);
  return { transaction: toHex(bytes), sender: fixture.sender ?? privateKeyToAddress(fixture.secretKey!) };
}
