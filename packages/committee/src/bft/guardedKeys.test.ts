import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOfKey, recoverSigner, signDigest } from "@metis/protocol";
import { keccak256 } from "viem";
import { CommitteeError } from "../errors.ts";
import { guardedKeys } from "./guardedKeys.ts";

const key = keccak256("0x01");
const keys = guardedKeys((digest) => signDigest(digest, key), recoverSigner);

/** A message as the kernel lays it out: tag, domain, kind, height, round, value. */
const message = (kind: number, height: number, round: number, value: number): Uint8Array => {
  const bytes = Buffer.alloc(11 + 32 + 17 + 1);
  bytes.writeUInt8(kind, 43);
  bytes.writeBigUInt64BE(BigInt(height), 44);
  bytes.writeBigInt64BE(BigInt(round), 52);
  bytes.writeUInt8(value, 60);
  return bytes;
};
const sign = (bytes: Uint8Array) => keys.sign(keccak256(bytes), bytes);

test("a seat votes once for a kind, height and round; the same vote may be signed again", () => {
  const first = sign(message(1, 7, 0, 1));
  assert.equal(sign(message(1, 7, 0, 1)), first);
  for (const other of [message(2, 7, 0, 2), message(1, 8, 0, 2), message(1, 7, 1, 2)]) sign(other);
  assert.throws(
    () => sign(message(1, 7, 0, 2)),
    (error) => error instanceof CommitteeError && error.code === "double-sign" && error.remedy === "halt",
  );
});

test("a signature counts for its signer alone", () => {
  const bytes = message(1, 9, 0, 1);
  const digest = keccak256(bytes);
  assert.ok(keys.recovers(digest, sign(bytes), addressOfKey(key)));
  assert.ok(!keys.recovers(digest, sign(bytes), addressOfKey(keccak256("0x02"))));
});
