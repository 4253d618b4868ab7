import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesToHex } from "viem";
import type { Hex } from "viem";
import { decodeBlockInputs, encodeBlockInputs, inputsLeaf, isSameInputs } from "./blockInputs.ts";
import { DecodeError } from "./decodeError.ts";
import type { BlockInputs } from "./structs.ts";

const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => bytesToHex(bytes));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const fields = {
  number: uint64,
  time: uint64,
  generation: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  flags: fc.integer({ min: 0, max: 3 }),
  proposer: hex(20),
  anchorNumber: uint64,
  anchorHash: hex(32),
  depositStart: uint64,
  depositEnd: uint64,
  rate: fc.bigInt({ min: 0n, max: 2n ** 128n }),
  attendance: fc.integer({ min: 0, max: 64 }).chain(hex),
  transactions: fc.array(fc.integer({ min: 1, max: 40 }).chain(hex), { maxLength: 5 }),
};
const inputs: fc.Arbitrary<BlockInputs> = fc.record(fields, { noNullPrototype: true });

test("block inputs are read as they were written", () => {
  fc.assert(fc.property(inputs, (block) => assert.deepEqual(decodeBlockInputs(encodeBlockInputs(block)), block)));
});

test("anything else is refused, or is exactly what its content encodes to", () => {
  const damaged = fc.tuple(inputs, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([block, at, by]) => {
    const bytes = Uint8Array.from(encodeBlockInputs(block));
    bytes[at % bytes.length]! ^= by;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      try {
        assert.deepEqual(encodeBlockInputs(decodeBlockInputs(bytes)), bytes);
      } catch (error) {
        assert.ok(error instanceof DecodeError);
      }
    }),
  );
});

test("two blocks have the same inputs exactly when their leaves are the same", () => {
  const pair = fc.tuple(inputs, inputs, fc.constantFrom(...Object.keys(fields))).map(([block, other, name]) => ({
    block,
    changed: { ...block, [name]: other[name as keyof BlockInputs] },
  }));
  fc.assert(
    fc.property(pair, ({ block, changed }) => {
      assert.equal(isSameInputs(block, changed), inputsLeaf(block) === inputsLeaf(changed));
      assert.ok(
        isSameInputs(block, {
          ...block,
          transactions: block.transactions.map((raw) => raw.toUpperCase().replace("X", "x") as Hex),
        }),
      );
    }),
  );
});
