import { encodeRlp, type RlpInput } from "@metis/protocol";
import { bytesToHex, concatHex, type Address, type Hex } from "viem";
import { scriptedChainId } from "./chain.ts";

/** x coordinate of secp256k1's generator: with s = 1 a signature that recovers to some account for every hash. */
export const generatorX = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;
/** Order of secp256k1. */
export const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export interface RawTransaction {
  readonly nonce?: bigint;
  readonly tip?: bigint;
  readonly cap?: bigint;
  readonly gas?: bigint;
  readonly to?: Address | "0x";
  readonly data?: Hex;
  readonly authorizations?: readonly RlpInput[];
  readonly r?: bigint;
  readonly s?: bigint;
}

const someone: Address = "0x00000000000000000000000000000000000000dd";

/** An EIP-1559 transaction (EIP-7702 with `authorizations`) whose fields need not make sense. */
export function rawTransaction(fields: RawTransaction = {}): Hex {
  const { nonce = 0n, tip = 0n, cap = 10n ** 9n, gas = 21_000n, to = someone, data = "0x", authorizations } = fields;
  const { r = generatorX, s = 1n } = fields;
  const common = [scriptedChainId, nonce, tip, cap, gas, to, 1n, data, []];
  const list = authorizations === undefined ? common : [...common, authorizations];
  return concatHex([authorizations === undefined ? "0x02" : "0x04", bytesToHex(encodeRlp([...list, 0, r, s]))]);
}
