import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { predeploys, type Deposit } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { Mvm } from "./api.ts";
import { MvmError } from "./errors.ts";
import { openMvm } from "./mvm.ts";
import { alice, bob, nextContext, rollupGenesis, signed, store, vault } from "./testing/rollup.ts";

interface StructLogs {
  readonly gas: number;
  readonly failed: boolean;
  readonly returnValue: Hex;
  readonly structLogs: readonly { readonly op: string; readonly gas: number; readonly storage?: object }[];
}

interface Call {
  readonly type: string;
  readonly from: Address;
  readonly to?: Address;
  readonly gasUsed: Hex;
  readonly error?: string;
  readonly value?: Hex;
  readonly calls?: readonly Call[];
  readonly logs?: readonly object[];
}

type Prestate = Record<Address, { balance?: Hex; nonce?: number; code?: Hex; storage?: Record<Hex, Hex> }>;

const from = alice.address.toLowerCase() as Address;
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;

async function open(t: TestContext): Promise<Mvm> {
  const folder = mkdtempSync(join(tmpdir(), "metis-trace-"));
  const mvm = await openMvm({ dataDir: folder, genesis: rollupGenesis() });
  t.after(async () => {
    await mvm.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return mvm;
}

const deposit = (index: bigint, fields: Partial<Deposit>): Deposit => ({
  index,
  l1BlockNumber: 2n,
  from: "0x00000000000000000000000000000000000000cc",
  to: bob,
  mint: 10n,
  value: 4n,
  gasLimit: 50_000n,
  isCreation: false,
  data: "0x",
  ...fields,
});

/** A block with a system transaction, two deposits of which the second cannot start, and two user transactions. */
async function mixedBlock(mvm: Mvm) {
  const transactions = [
    await signed(0, { to: vault, data: store(5n, 7n) }),
    await signed(1, { to: vault, data: word(5n) }),
  ];
  const deposits = [deposit(0n, {}), deposit(1n, { value: 1000n })];
  const block = await mvm.execute(nextContext(mvm.head(), { anchor: 2n, deposits, transactions }));
  await mvm.commit(block.hash);
  return block;
}

const traceAll = async <T>(mvm: Mvm, options: Parameters<Mvm["reader"]["traceBlock"]>[1]): Promise<T[]> =>
  (await mvm.reader.traceBlock("latest", options))!.map(({ result }) => result as T);

test("a rollup block's traces show the system transaction, deposits and users, with the gas of their receipts", async (t) => {
  const mvm = await open(t);
  const block = await mixedBlock(mvm);
  assert.equal(block.transactions.length, 5);
  const receipts = (await mvm.reader.receipts("latest"))!;
  const logs = await traceAll<StructLogs>(mvm, {});
  const calls = await traceAll<Call>(mvm, { tracer: "callTracer" });
  const hashes = (await mvm.reader.traceBlock("latest", {}))!.map(({ txHash }) => txHash);
  assert.deepEqual(hashes, block.transactionHashes);
  assert.equal(calls[0]?.to, predeploys.l1Block);
  for (const [index, receipt] of receipts.entries()) {
    const [log, call] = [logs[index]!, calls[index]!];
    assert.equal(call.from, receipt.from);
    assert.equal(log.failed, receipt.status === 0);
    assert.equal(BigInt(log.gas), BigInt(call.gasUsed));
    // The gas of the system transaction counts nowhere, but it ran.
    if (index > 0) assert.equal(BigInt(log.gas), receipt.gasUsed);
  }
  assert.equal(calls[2]?.error, "execution reverted");
  assert.equal(logs[4]?.returnValue, word(7n), "what an earlier transaction wrote is there");
  const sload = logs[4].structLogs.find(({ op }) => op === "SLOAD");
  assert.deepEqual(sload?.storage, { [word(5n)]: word(7n) });
});

test("one transaction's trace is the one in its block's", async (t) => {
  const mvm = await open(t);
  await mixedBlock(mvm);
  const all = (await mvm.reader.traceBlock("latest", {}))!;
  for (const [index, one] of all.entries()) assert.deepEqual(await mvm.reader.traceBlock("latest", {}, index), [one]);
});

test("prestates of a rollup block are the states between its transactions, mints and vaults included", async (t) => {
  const mvm = await open(t);
  const funds = (await mvm.reader.account(from, "latest"))!.balance;
  await mixedBlock(mvm);
  const [, hidden, , first, second] = await traceAll<Prestate>(mvm, { tracer: "prestateTracer" });
  const [, minted] = await traceAll<Prestate>(mvm, { tracer: "prestateTracer", includeEmpty: true });
  const sender = "0x00000000000000000000000000000000000000cc";
  assert.deepEqual(minted?.[sender], { balance: "0x0" }, "before the mint");
  assert.equal(hidden?.[sender], undefined, "it did not exist before its mint");
  assert.equal(BigInt(first![from]!.balance!), funds);
  assert.equal(second![from]!.nonce, 1);
  assert.deepEqual(second![vault]!.storage, { [word(5n)]: word(7n) });
  const diffs = await traceAll<{ pre: Prestate; post: Prestate }>(mvm, {
    tracer: "prestateTracer",
    diffMode: true,
  });
  assert.equal(diffs[1]!.post[sender]!.balance, "0x6");
  assert.equal(diffs[1]!.post[bob]!.balance, "0x4");
  assert.deepEqual(diffs[3]!.post[vault], { storage: { [word(5n)]: word(7n) } });
  const end = (await mvm.reader.account(from, "latest"))!;
  assert.equal(BigInt(diffs[4]!.post[from]!.balance!), end.balance);
  for (const fees of [predeploys.baseFeeVault, predeploys.l1FeeVault, predeploys.sequencerFeeVault])
    assert.equal(
      BigInt(diffs[4]!.post[fees]!.balance!),
      (await mvm.reader.account(fees, "latest"))!.balance,
      "the last transaction leaves what the block leaves",
    );
});

/** Jumps to its start for ever; the other one after it wrote to memory at 512 KiB. */
const loop: Hex = "0x5b5f56";
const loopOverMemory: Hex = "0x5f6207ffe0525b600656";
/** Calls itself with 100 KiB of calldata, again and again. */
const callLoop: Hex = "0x5b5f5f620186a05f5f305af1505f56";

const traceCode = (mvm: Mvm, code: Hex, options: Parameters<Mvm["reader"]["traceCall"]>[2], gas = 50_000_000n) =>
  mvm.reader.traceCall({ from, to: bob, gas }, "latest", options, { stateOverrides: { [bob]: { code } } });

test("a trace without end is refused, and the next call is served", async (t) => {
  const mvm = await open(t);
  const tooLarge = (error: unknown): boolean => error instanceof MvmError && error.code === "trace-too-large";
  await assert.rejects(traceCode(mvm, loop, {}), tooLarge);
  await assert.rejects(traceCode(mvm, loopOverMemory, { enableMemory: true, disableStack: true }), tooLarge);
  await assert.rejects(traceCode(mvm, callLoop, { tracer: "callTracer" }), tooLarge);
  assert.equal((await mvm.reader.call({ to: vault, data: word(5n) }, "latest")).status, "success");
});

test("limit ends the record, not the run", async (t) => {
  const mvm = await open(t);
  const trace = (await traceCode(mvm, loop, { limit: 1000n }, 100_000n)) as StructLogs;
  assert.equal(trace.gas, 100_000);
  assert.equal(trace.failed, true);
  assert.ok(JSON.stringify(trace.structLogs).length < 2000);
  const top = (await traceCode(mvm, loop, { tracer: "callTracer", onlyTopCall: true }, 100_000n)) as Call;
  assert.equal(top.error, "out of gas");
});

test("a call's frames, logs and self-destruction are in its tree, and logs of what failed are not", async (t) => {
  const mvm = await open(t);
  const logger: Address = "0x00000000000000000000000000000000000000d1";
  const failing: Address = "0x00000000000000000000000000000000000000d2";
  const heir: Address = "0x00000000000000000000000000000000000000d3";
  const call = (to: Address): string => `5f5f5f5f5f73${to.slice(2)}5af150`;
  const overrides = {
    stateOverrides: {
      [bob]: { code: `0x5f5fa0${call(logger)}${call(failing)}73${heir.slice(2)}ff`, balance: 9n },
      [logger]: { code: "0x60015f5fa1" },
      [failing]: { code: `0x5f5fa0${call(logger)}5f5ffd` },
    },
  } as const;
  const trace = (await mvm.reader.traceCall(
    { from, to: bob, gas: 200_000n },
    "latest",
    { tracer: "callTracer", withLog: true },
    overrides,
  )) as Call;
  const shape = ({ type, to, error, logs, calls, value }: Call): unknown => ({
    type,
    to,
    error,
    value,
    logs: logs?.length ?? 0,
    calls: calls?.map(shape) ?? [],
  });
  const inner = { type: "CALL", to: logger, error: undefined, value: "0x0", calls: [] };
  assert.deepEqual(shape(trace), {
    ...inner,
    to: bob,
    logs: 1,
    calls: [
      { ...inner, logs: 1 },
      { ...inner, to: failing, error: "execution reverted", logs: 0, calls: [{ ...inner, logs: 0 }] },
      { ...inner, type: "SELFDESTRUCT", to: heir, value: "0x9", logs: 0 },
    ],
  });
});

test("the genesis and what is not there are refused by name", async (t) => {
  const mvm = await open(t);
  await mixedBlock(mvm);
  const code = (expected: string) => (error: unknown) => error instanceof MvmError && error.code === expected;
  await assert.rejects(mvm.reader.traceBlock(0n, {}), code("genesis-not-traceable"));
  await assert.rejects(mvm.reader.traceBlock(1n, {}, 5), code("unknown-transaction"));
  assert.equal(await mvm.reader.traceBlock(7n, {}), undefined);
});
