// Rows of blocks, for tests of what goes on beside execution.
import type { Hex } from "viem";
import type { BlockContext } from "../api.ts";
import { fromBigInt, toHex } from "../bytes.ts";
import { bob, historian, nextContext, signed, store, vault } from "./rollup.ts";

const anyHash: Hex = `0x${"00".repeat(32)}`;
/** Writes a slot while the contract is created, and leaves a byte of code. */
const creation: Hex = "0x60015f5560015ff3";

/**
 * The first `count` blocks of a chain: each pays, writes or clears a slot, deploys a contract, and writes down what is known of the
 * blocks that lie `back` behind it, their hashes that is.
 */
export async function rowOf(count: number, back: readonly number[] = []): Promise<BlockContext[]> {
  const contexts: BlockContext[] = [];
  let nonce = 0;
  for (let number = 1; number <= count; number++) {
    const asked = back.map((distance) => number - distance).filter((block) => block >= 0);
    const transactions = [
      await signed(nonce++, { to: bob, value: BigInt(number), gas: 21_000n }),
      await signed(nonce++, { to: vault, data: store(BigInt(number % 4), BigInt(number % 3)) }),
      await signed(nonce++, { to: null, data: creation }),
    ];
    for (const block of asked)
      transactions.push(await signed(nonce++, { to: historian, data: toHex(fromBigInt(BigInt(block), 32)) }));
    const anchor = BigInt(number >> 2);
    contexts.push(nextContext({ number: BigInt(number - 1), hash: anyHash }, { transactions, anchor }));
  }
  return contexts;
}
