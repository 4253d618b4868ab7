import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address, Hex } from "viem";
import fc from "fast-check";
import { encodeRlp } from "@metis/protocol";
import { toHex } from "../bytes.ts";
import { decodeBody, encodeBody } from "./body.ts";

const hex = (length: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => toHex(bytes));
const posted = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => toHex(Uint8Array.of(2, ...bytes)));
const deposited = fc.uint8Array({ maxLength: 20 }).map((bytes) => toHex(Uint8Array.of(0x7e, ...bytes)));
const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);

const plain = { noNullPrototype: true } as const;
const withdrawal = fc.record({ index: uint64, validatorIndex: uint64, address: hex(20), amount: uint64 }, plain);

/** A block's posted transactions, each executed or skipped, behind deposits. */
const body = fc
  .record({
    deposits: fc.array(deposited, { maxLength: 3 }),
    posted: fc.array(fc.tuple(posted, fc.boolean()), { maxLength: 6 }),
    ommers: fc.array(
      fc
        .array(fc.uint8Array({ maxLength: 40 }))
        .map(encodeRlp)
        .map(toHex),
      { maxLength: 2 },
    ),
    withdrawals: fc.option(fc.array(withdrawal, { maxLength: 3 }), { nil: undefined }),
    leaf: fc.option(
      fc.record(
        {
          number: uint64,
          time: uint64,
          generation: fc.nat(),
          flags: fc.nat(3),
          proposer: hex(20),
          anchorNumber: uint64,
          anchorHash: hex(32),
          depositStart: uint64,
          depositEnd: uint64,
          rate: fc.bigInt(0n, 2n ** 256n - 1n),
          attendance: fc.uint8Array({ maxLength: 64 }).map(toHex),
        },
        plain,
      ),
      { nil: undefined },
    ),
    filler: hex(32),
    sender: hex(20),
    size: fc.nat(),
  })
  .map(({ deposits, posted: all, ommers, withdrawals, leaf, filler, sender, size }) => {
    const executed = all.filter(([, isExecuted]) => isExecuted).map(([transaction]) => transaction);
    const transactions = [...deposits, ...executed];
    return {
      transactions,
      transactionHashes: transactions.map(() => filler),
      senders: transactions.map((): Address => sender),
      inputs: leaf && { ...leaf, transactions: all.map(([transaction]) => transaction) },
      size,
      ommers,
      withdrawals,
    };
  });

test("a stored body gives back what was stored, skipped transactions at their places", () => {
  fc.assert(fc.property(body, (value) => assert.deepEqual(decodeBody(encodeBody(value)), value)));
});
