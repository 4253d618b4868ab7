import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RpcError } from "./errors.ts";
import { param, type Param } from "./params.ts";

const refused = (reader: Param<unknown>, value: unknown): void =>
  assert.throws(
    () => reader.read(value, "0"),
    (error) => error instanceof RpcError && error.rpcCode === -32602,
  );

test("each reader takes its canonical form and nothing near it", () => {
  assert.equal(param.quantity.read("0x0", "0"), 0n);
  assert.equal(param.quantity.read(`0x${"f".repeat(64)}`, "0"), 2n ** 256n - 1n);
  for (const value of [
    "0x",
    "0x00",
    "0x01",
    "1",
    1,
    `0x1${"0".repeat(64)}`,
    "0xg",
    "-0x1",
    null,
    ["0x1"],
    { toString: "0x1" },
  ])
    refused(param.quantity, value);
  assert.equal(param.uint64.read("0xffffffffffffffff", "0"), 2n ** 64n - 1n);
  refused(param.uint64, "0x10000000000000000");
  assert.equal(param.data.read("0xABcd", "0"), "0xabcd");
  for (const value of ["0xabc", "abcd", "0xzz", 5]) refused(param.data, value);
  for (const value of [`0x${"a".repeat(39)}`, `0x${"a".repeat(41)}`, "a".repeat(40)]) refused(param.address, value);
  assert.equal(param.count.read("0x10", "0"), 16);
  for (const value of [1.5, -1, 2 ** 53, "16", NaN]) refused(param.count, value);
});

test("lists and objects are bounded and tell where the fault lies", () => {
  const reader = param.list(param.object({ key: param.hash }), 2);
  assert.throws(
    () => reader.read([{ key: `0x${"0".repeat(64)}` }, { key: "0x" }], "1"),
    /invalid argument 1\[1\]\.key: /,
  );
  refused(reader, [{}, {}, {}]);
  refused(param.record(param.address, param.any, 1), { [`0x${"1".repeat(40)}`]: 1, [`0x${"2".repeat(40)}`]: 1 });
});

test("no value makes a reader throw anything but an RPC error", () => {
  const readers = [
    param.address,
    param.hash,
    param.data,
    param.quantity,
    param.uint64,
    param.count,
    param.boolean,
    param.text,
    param.list(param.data, 3),
    param.object({ a: param.data }),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...(readers as Param<unknown>[])), fc.anything(), (reader, value) => {
      try {
        reader.read(value, "0");
      } catch (error) {
        assert.ok(error instanceof RpcError, String(error));
      }
    }),
  );
});
