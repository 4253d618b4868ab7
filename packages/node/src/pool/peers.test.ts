import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEndpoint, parsePeer } from "./peers.ts";

const address = "0xABcdEFABcdEFabcdEfAbCdefabcdeFABcDEFabCD";

test("a peer is an address and where it listens", () => {
  const peer = { address: address.toLowerCase(), host: "127.0.0.1", port: 7000 };
  assert.deepEqual(parsePeer(`${address}@127.0.0.1:7000`), peer);
  assert.deepEqual(parsePeer(`${address}@[::1]:7000`), { ...peer, host: "::1" });
  assert.deepEqual(parseEndpoint("seat-2.example:0"), { host: "seat-2.example", port: 0 });
});

test("what is no peer is refused with what was expected", () => {
  const bad = [
    "",
    "127.0.0.1:7000",
    `${address}@host`,
    `${address}@host:70000`,
    `0x12@host:1`,
    `${address}@a@b:1`,
    "@:1",
  ];
  for (const text of bad) assert.throws(() => parsePeer(text), TypeError, text);
  for (const text of ["host", ":1", "host:", "a:b:1", "host:-1"]) assert.throws(() => parseEndpoint(text), TypeError);
});
