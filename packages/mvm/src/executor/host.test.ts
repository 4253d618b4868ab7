import assert from "node:assert/strict";
import { test } from "node:test";
import { hexToBytes, keccak256, parseTransaction, serializeTransaction } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { toHex } from "../bytes.ts";
import { alice, signed } from "../testing/rollup.ts";
import { RecoveryTable } from "../kernel/index.ts";
import { StateHost } from "./host.ts";

const newHost = (recoveries?: RecoveryTable): StateHost =>
  new StateHost(
    () => undefined,
    () => {},
    recoveries,
  );

/** What a kernel asks for a signed transaction. */
async function recovery(nonce: number): Promise<{
  readonly transaction: Uint8Array;
  readonly arguments: readonly [message: Uint8Array, signature: Uint8Array, recid: number];
}> {
  const raw = await signed(nonce);
  const { r, s, yParity, v, ...unsigned } = parseTransaction(raw as `0x02${string}`);
  assert.ok(r !== undefined && s !== undefined && yParity !== undefined && v !== undefined);
  const signature = Buffer.concat([hexToBytes(r, { size: 32 }), hexToBytes(s, { size: 32 })]);
  const message = keccak256(serializeTransaction(unsigned), "bytes");
  return { transaction: hexToBytes(raw), arguments: [message, signature, yParity] };
}

const addressOf = (key: Uint8Array | null | undefined): string => {
  assert.ok(key?.length === 64, "libsecp256k1 is not installed on this platform");
  return publicKeyToAddress(`0x04${toHex(key).slice(2)}`);
};

test("a known sender answers the recovery of its own transaction, once", async () => {
  const host = newHost();
  const asked = await recovery(0);
  const sender = new Uint8Array(20).fill(7);
  host.knownSender = { transaction: asked.transaction, sender };
  assert.deepEqual(host.ecrecover(...asked.arguments), sender);
  const native = host.ecrecover(...asked.arguments);
  if (native !== undefined) assert.equal(addressOf(native), alice.address);
});

test("a known sender never answers for another signature", async () => {
  const host = newHost();
  const [mine, other] = [await recovery(0), await recovery(1)];
  host.knownSender = { transaction: mine.transaction, sender: new Uint8Array(20).fill(7) };
  const native = host.ecrecover(...other.arguments);
  if (native !== undefined) assert.equal(addressOf(native), alice.address);
  assert.notDeepEqual(host.ecrecover(...mine.arguments), new Uint8Array(20).fill(7));
});

test("a signature without a key is told apart from a missing library", async () => {
  const [message, , recid] = (await recovery(0)).arguments;
  const answer = newHost().ecrecover(message, new Uint8Array(64), recid);
  assert.ok(answer === null || answer === undefined);
});

test("a key that another thread recovered is taken from the shared table, and one's own goes there", async () => {
  const memory = RecoveryTable.allocate();
  const [theirs, mine] = [newHost(new RecoveryTable(memory)), new RecoveryTable(memory)];
  const [prepared, own] = [await recovery(0), await recovery(1)];
  const key = new Uint8Array(64).fill(5);
  mine.put(...prepared.arguments, key);
  assert.deepEqual(theirs.ecrecover(...prepared.arguments), key);
  const native = theirs.ecrecover(...own.arguments);
  if (native !== undefined) assert.deepEqual(mine.get(...own.arguments), native);
});
