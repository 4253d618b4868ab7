import assert from "node:assert/strict";
import { test } from "node:test";
import { batchInboxAbi } from "@metis/protocol/contracts";
import { createMetrics, ManualClock, MemoryStore, Secret, silentLogger } from "@metis/runtime";
import { encodeErrorResult } from "viem";
import { L1Client } from "../client.ts";
import type { L1Error } from "../errors.ts";
import { ScriptedL1 } from "../testing/scriptedL1.ts";
import { TransactionManager } from "./manager.ts";

const to = "0x00000000000000000000000000000000000000aa";
const request = (id: string) => ({ id, to, data: "0x1234", abi: batchInboxAbi }) as const;
const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;

function managing(scripted = new ScriptedL1(), store = new MemoryStore(), maxFeePerGas = 10n ** 12n) {
  const clock = new ManualClock();
  const manager = new TransactionManager({
    l1: new L1Client(scripted, silentLogger()),
    chainId: 31_337n,
    privateKey: new Secret(`0x${"11".repeat(32)}`),
    store,
    clock,
    logger: silentLogger(),
    metrics: createMetrics(),
    pollMs: 100,
    resubmitMs: 10_000,
    maxFeePerGas,
    sidecarOf: () => Promise.reject(new Error("no blobs in this test")),
  });
  return { scripted, store, clock, manager, signal: new AbortController() };
}

test("a transaction is sent once and its receipt returned when it is mined", async () => {
  const { scripted, clock, manager, signal } = managing();
  const receipt = manager.send(request("a"), signal.signal);
  await clock.advance(500);
  assert.equal(scripted.sent.length, 1);
  scripted.mineSent();
  await clock.advance(500);
  assert.equal((await receipt).success, true);
});

test("a transaction has three tenths more gas than the estimate, and what the estimate does not see", async () => {
  const { scripted, clock, manager, signal } = managing();
  const receipt = manager.send({ ...request("a"), unseenGas: 5_000n }, signal.signal);
  await clock.advance(500);
  assert.equal(scripted.sent[0]?.transaction.gas, 135_000n);
  scripted.mineSent();
  await clock.advance(500);
  assert.equal((await receipt).success, true);
});

test("unmined for long, it is replaced at the same nonce by one that pays more", async () => {
  const { scripted, clock, manager, signal } = managing();
  const receipt = manager.send(request("a"), signal.signal);
  await clock.advance(25_000);
  const nonces = new Set(scripted.sent.map(({ transaction }) => transaction.nonce ?? 0));
  assert.deepEqual([...nonces], [0]);
  assert.ok(scripted.sent.length >= 3);
  const fees = scripted.sent.map(({ transaction }) => transaction.maxFeePerGas!);
  assert.deepEqual(
    fees,
    fees.toSorted((a, b) => Number(a - b)),
  );
  scripted.mineSent();
  await clock.advance(500);
  assert.equal((await receipt).success, true);
});

test("after a crash the same bytes are sent again, and no second transaction for the same purpose", async () => {
  const first = managing();
  const lost = first.manager.send(request("a"), first.signal.signal);
  await first.clock.advance(500);
  first.signal.abort();
  await first.clock.advance(500);
  await assert.rejects(lost);

  const { scripted, clock, manager, signal } = managing(first.scripted, first.store.reopened());
  const before = scripted.sent.map(({ hash }) => hash);
  const receipt = manager.send(request("a"), signal.signal);
  await clock.advance(500);
  assert.deepEqual(
    scripted.sent.map(({ hash }) => hash),
    before,
  );
  scripted.mineSent();
  await clock.advance(500);
  assert.equal((await receipt).transactionHash, before[0]);
});

test("what is mined while the node is down is found after the restart", async () => {
  const first = managing();
  const lost = first.manager.send(request("a"), first.signal.signal);
  await first.clock.advance(500);
  first.signal.abort();
  await first.clock.advance(500);
  await assert.rejects(lost);
  first.scripted.mineSent();
  const { clock, manager, signal, scripted } = managing(first.scripted, first.store.reopened());
  const receipt = manager.send(request("a"), signal.signal);
  await clock.advance(500);
  assert.equal((await receipt).transactionHash, scripted.sent[0]!.hash);
  assert.equal(scripted.sent.length, 1);
});

test("a refusal in the simulation costs nothing and names the contract's error", async () => {
  const { scripted, manager, signal } = managing();
  scripted.refusal = encodeErrorResult({ abi: batchInboxAbi, errorName: "WrongIndex", args: [5n, 4n] });
  await assert.rejects(manager.send(request("a"), signal.signal), (error) => {
    const { code, payload } = error as L1Error;
    return code === "call-reverted" && payload.reason === "WrongIndex" && payload.args?.[0] === 5n;
  });
  assert.equal(scripted.sent.length, 0);
});

test("a transaction that is mined and fails is over, and the next one goes", async () => {
  const { scripted, clock, manager, signal } = managing();
  const failed = assert.rejects(
    manager.send(request("a"), signal.signal),
    (error) => codeOf(error) === "transaction-reverted",
  );
  await clock.advance(500);
  scripted.mineSent(false);
  await clock.advance(500);
  await failed;
  const receipt = manager.send(request("b"), signal.signal);
  await clock.advance(500);
  scripted.mineSent();
  await clock.advance(500);
  assert.equal((await receipt).success, true);
});

test("a nonce that someone else used is given up, to be asked for anew", async () => {
  const { scripted, clock, manager, signal } = managing();
  const taken = assert.rejects(manager.send(request("a"), signal.signal), (error) => codeOf(error) === "nonce-taken");
  await clock.advance(500);
  scripted.useNonce();
  await clock.advance(5_000);
  await taken;
});

test("above the fee limit nothing is sent", async () => {
  const { scripted, manager, signal } = managing(new ScriptedL1(), new MemoryStore(), 5n);
  await assert.rejects(manager.send(request("a"), signal.signal), (error) => codeOf(error) === "fee-limit");
  assert.equal(scripted.sent.length, 0);
});

test("an outage in the middle is waited out by the caller's next ask, with the same bytes", async () => {
  const { scripted, clock, manager, signal } = managing();
  const broken = assert.rejects(
    manager.send(request("a"), signal.signal),
    (error) => codeOf(error) === "l1-unavailable",
  );
  await clock.advance(500);
  scripted.down = true;
  await clock.advance(500);
  await broken;
  scripted.down = false;
  const receipt = manager.send(request("a"), signal.signal);
  await clock.advance(500);
  scripted.mineSent();
  await clock.advance(500);
  assert.equal((await receipt).transactionHash, scripted.sent[0]!.hash);
  assert.equal(scripted.sent.length, 1);
});
