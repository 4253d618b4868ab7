import assert from "node:assert/strict";
import { test } from "node:test";
import { hexToBytes, keccak256, parseTransaction, serializeTransaction } from "viem";
import { signed } from "../testing/rollup.ts";
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
  readonly arguments: readonly [message: Uint8Array, signature: Uint8Array, recid: number];
}> {
  const raw = await signed(nonce);
  const { r, s, yParity, v, ...unsigned } = parseTransaction(raw as `0x02${string}`);
  assert.ok(r !== undefined && s !== undefined && yParity !== undefined && v !== undefined);
  const signature = Buffer.concat([hexToBytes(r, { size: 32 }), hexToBytes(s, { size: 32 })]);
  const message = keccak256(serializeTransaction(unsigned), "bytes");
  return { arguments: [message, signature, yParity] };
}

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
