// Accounts that sign the bench's transactions.
import { createRequire } from "node:module";
import type { Address, Hex } from "viem";
import { privateKeyToAddress, sign } from "viem/accounts";
import { keccak256, numberToHex, serializeTransaction } from "viem/utils";
import { chainId } from "../testing/rollup.ts";

/** A signed transaction and who signed it. */
export interface Signed {
  readonly raw: Hex;
  readonly sender: Address;
}

export interface Call {
  readonly to?: Address;
  readonly value?: bigint;
  readonly data?: Hex;
  readonly gas: bigint;
}

/** Far above the base fee, which hundreds of full blocks raise. */
const gasPrice = 10n ** 14n;

type NativeSign = (message: Uint8Array, key: Uint8Array) => { signature: Uint8Array; recid: number };

function nativeSign(): NativeSign | undefined {
  try {
    return (createRequire(import.meta.url)("secp256k1/bindings.js") as { ecdsaSign: NativeSign }).ecdsaSign;
  } catch {
    return undefined;
  }
}
const fastSign = nativeSign();

async function signature(hash: Hex, key: Hex): Promise<{ r: Hex; s: Hex; yParity: number }> {
  if (fastSign === undefined) {
    const { r, s, yParity } = await sign({ hash, privateKey: key });
    return { r, s, yParity: yParity ?? 0 };
  }
  const { signature: bytes, recid } = fastSign(Buffer.from(hash.slice(2), "hex"), Buffer.from(key.slice(2), "hex"));
  const hex = Buffer.from(bytes).toString("hex");
  return { r: `0x${hex.slice(0, 64)}`, s: `0x${hex.slice(64)}`, yParity: recid };
}

/** Made-up accounts that count their own nonces; the same ones each time. */
export class Wallets {
  readonly addresses: readonly Address[];
  readonly #keys: readonly Hex[];
  readonly #nonces: number[];

  /** Different `set`s share no account. */
  constructor(count: number, set = 0) {
    this.#keys = Array.from({ length: count }, (_, i) => keccak256(numberToHex(set * 1_000_000 + i + 1, { size: 32 })));
    this.addresses = this.#keys.map((key) => privateKeyToAddress(key).toLowerCase() as Address);
    this.#nonces = this.#keys.map(() => 0);
  }

  /** Nonce of the next transaction that `wallet` signs. */
  nonce(wallet: number): bigint {
    return BigInt(this.#nonces[wallet]!);
  }

  /** Goes on with the nonce that a chain holds. */
  setNonce(wallet: number, nonce: bigint): void {
    this.#nonces[wallet] = Number(nonce);
  }

  async sign(wallet: number, call: Call): Promise<Signed> {
    const transaction = {
      type: "eip1559",
      chainId: Number(chainId),
      nonce: this.#nonces[wallet]!++,
      maxFeePerGas: gasPrice,
      maxPriorityFeePerGas: 0n,
      ...call,
    } as const;
    const hash = keccak256(serializeTransaction(transaction));
    const raw = serializeTransaction(transaction, await signature(hash, this.#keys[wallet]!));
    return { raw, sender: this.addresses[wallet]! };
  }
}

/** Account `i` that receives. */
export const recipient = (i: number): Address => `0x${keccak256(numberToHex(i, { size: 4 })).slice(26)}`;
