import { zeroHash, type BlockInputs } from "@metis/protocol";
import fc from "fast-check";
import { bytesToHex, type Hex } from "viem";
import type { ScriptedHeader } from "./chain.ts";
import { rawTransaction } from "./transactions.ts";

const hex = (constraints: fc.IntArrayConstraints): fc.Arbitrary<Hex> =>
  fc.uint8Array(constraints).map((bytes) => bytesToHex(bytes));
const address = hex({ minLength: 20, maxLength: 20 });
const big = (bits: number): fc.Arbitrary<bigint> => fc.bigInt(0n, (1n << BigInt(bits)) - 1n);

/** Transactions that some state makes valid. */
export const transaction: fc.Arbitrary<Hex> = fc
  .record({
    nonce: big(63),
    cap: big(256),
    gas: fc.bigInt(600_000n, 16_777_216n),
    to: fc.oneof(address, fc.constant<"0x">("0x")),
    data: hex({ maxLength: 200 }),
    authorizations: fc.option(
      fc.array(fc.constant([0, zeroHash.slice(0, 42) as Hex, 7, 1, 1, 1]), { minLength: 1, maxLength: 3 }),
      {
        nil: undefined,
      },
    ),
    s: fc.bigInt(1n, 1n << 254n),
  })
  .map(({ to, authorizations, ...rest }) =>
    rawTransaction(authorizations === undefined || to === "0x" ? { to, ...rest } : { to, authorizations, ...rest }),
  );

/** Steps from block to block within one epoch and the drift. */
const step = fc.record({
  seconds: fc.integer({ min: 1, max: 20 }),
  anchors: fc.integer({ min: 0, max: 3 }),
  proposer: fc.integer({ min: 1, max: 4 }),
  rate: big(128),
  attendance: hex({ maxLength: 64 }),
  transactions: fc.array(transaction, { maxLength: 5 }),
});

/** Blocks of one good batch on the genesis of `l1`, without deposits. */
export const batchBlocks = (l1: readonly ScriptedHeader[]): fc.Arbitrary<readonly BlockInputs[]> =>
  fc.array(step, { minLength: 1, maxLength: 12 }).map((steps) => {
    let [anchor, time] = [0, l1[0]!.time];
    return steps.map(({ seconds, anchors, proposer, rate, attendance, transactions }, i): BlockInputs => {
      anchor += anchors;
      const header = l1[anchor]!;
      time += BigInt(seconds);
      if (time < header.time) time = header.time;
      const moves = anchors > 0;
      return {
        number: BigInt(i) + 1n,
        time,
        generation: 0,
        flags: i === steps.length - 1 ? 1 : 0,
        proposer: `0x${proposer.toString(16).padStart(40, "0")}`,
        anchorNumber: header.number,
        anchorHash: header.hash,
        depositStart: 0n,
        depositEnd: 0n,
        rate: moves ? rate : 0n,
        attendance: moves ? attendance : "0x",
        transactions,
      };
    });
  });
