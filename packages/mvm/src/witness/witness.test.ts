import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import type { Deposit, Hash } from "@metis/protocol";
import type { Hex } from "viem";
import { getContractAddress, keccak256, numberToHex } from "viem/utils";
import { fromHex, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { parseGethGenesis } from "../gethGenesis.ts";
import { loadKernelModule } from "../kernel/index.ts";
import { openMvm } from "../mvm.ts";
import { Chain } from "../storage/chain.ts";
import { Database } from "../storage/database.ts";
import { alice, bob, chainId, nextContext, rollupGenesis, signed, store, vault } from "../testing/rollup.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { unpackVectors } from "../testing/vectors.ts";
import { blockToReplay, executeWitness, type ExecutionWitness } from "./index.ts";
import { WitnessRecorder } from "./recorder.ts";
import { WitnessSize } from "./witness.ts";

type Mvm = Awaited<ReturnType<typeof openMvm>>;

async function openTest(t: TestContext, options: Partial<Parameters<typeof openMvm>[0]> = {}): Promise<Mvm> {
  const folder = temporaryFolder();
  const mvm = await openMvm({ dataDir: folder.path, genesis: rollupGenesis(), ...options });
  t.after(async () => {
    await mvm.close();
    folder.remove();
  });
  return mvm;
}

/** The witness of block `number`, and how to execute the block from any witness. */
async function witnessOf(mvm: Mvm, number: bigint, config = rollupGenesis() as Parameters<typeof executeWitness>[0]) {
  const [block, parent] = await Promise.all([mvm.reader.block(number), mvm.reader.block(number - 1n)]);
  assert.ok(block && parent);
  const witness = (await mvm.reader.executionWitness(number))!;
  const replay = blockToReplay(block);
  const run = (given: ExecutionWitness) => executeWitness(config, replay, parent.hash, given);
  return { block, witness, run };
}

/** What a random block does: slots of the vault set or cleared, transfers, creations, a deposit. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("store" as const), slot: fc.bigInt(0n, 40n), value: fc.bigInt(0n, 2n) }),
  fc.record({ kind: fc.constant("send" as const), to: fc.bigInt(0x1000n, 0x1040n), value: fc.bigInt(0n, 3n) }),
  fc.record({ kind: fc.constant("create" as const), value: fc.bigInt(0n, 9n) }),
  fc.record({ kind: fc.constant("hash" as const), back: fc.bigInt(1n, 4n) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const byteHex = (value: bigint): string => value.toString(16).padStart(2, "0");

/** Stores BLOCKHASH(NUMBER - back) in slot `back` of a new contract without code. */
const hashing = (back: bigint): Hex => `0x60${byteHex(back)}43034060${byteHex(back)}55`;
/** Puts a value in slot 0 of the new contract and returns one byte of code, STOP. */
const creating = (value: bigint): Hex => `0x60${byteHex(value)}5f5560015ff3`;

function signStep(next: Step, nonce: number): Promise<Hex> {
  if (next.kind === "store") return signed(nonce, { to: vault, data: store(next.slot, next.value) });
  if (next.kind === "send") return signed(nonce, { to: numberToHex(next.to, { size: 20 }), value: next.value });
  const data = next.kind === "create" ? creating(next.value) : hashing(next.back);
  return alice.signTransaction({
    type: "eip1559",
    chainId: Number(chainId),
    nonce,
    data,
    gas: 200_000n,
    maxFeePerGas: 10n ** 12n,
    maxPriorityFeePerGas: 10n ** 9n,
  });
}

const deposit = (index: bigint): Deposit => ({
  index,
  l1BlockNumber: index,
  from: bob,
  to: numberToHex(0x2000n + index, { size: 20 }),
  mint: 5n,
  value: index % 2n === 0n ? 3n : 0n,
  gasLimit: 60_000n,
  isCreation: false,
  data: "0x",
});

/** Commits one block for each list of steps; every other one moves the anchor and takes a deposit. */
async function runBlocks(mvm: Mvm, blocks: readonly (readonly Step[])[]): Promise<void> {
  let nonce = 0;
  for (const [i, steps] of blocks.entries()) {
    const transactions: Hex[] = [];
    for (const next of steps) transactions.push(await signStep(next, nonce++));
    const anchor = BigInt(Math.ceil(i / 2));
    const deposits = i % 2 === 1 ? [deposit(anchor - 1n)] : [];
    const context = nextContext(mvm.head(), { transactions, anchor, deposits });
    const depositStart = i % 2 === 1 ? anchor - 1n : anchor;
    const inputs = { ...context.inputs, depositStart, depositEnd: depositStart + BigInt(deposits.length) };
    const block = await mvm.execute({ ...context, inputs });
    assert.deepEqual(block.skipped, []);
    await mvm.commit(block.hash);
  }
}

const refused = (promise: Promise<unknown>, code = /^witness-/): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof MvmError && code.test(error.code), String(error));
    return true;
  });

async function randomChain(t: TestContext, blocks = 8): Promise<Mvm> {
  const mvm = await openTest(t);
  const seed = Number(process.hrtime.bigint() % 2n ** 31n);
  t.diagnostic(`seed ${seed}`);
  await runBlocks(mvm, fc.sample(fc.array(step, { minLength: 3, maxLength: 12 }), { seed, numRuns: blocks }));
  return mvm;
}

test("random blocks lead from their witness alone to the same hash and output root", async (t) => {
  const mvm = await randomChain(t);
  for (let number = 1n; number <= mvm.head().number; number++) {
    const { block, witness, run } = await witnessOf(mvm, number);
    const { hash, outputRoot } = await run(witness);
    assert.deepEqual({ hash, outputRoot }, { hash: block.hash, outputRoot: block.outputRoot });
    assert.equal(keccak256(witness.headers.at(-1)!), (await mvm.reader.block(number - 1n))!.hash);
  }
});

test("deleting slots until one is left takes the siblings that move up", async (t) => {
  const mvm = await openTest(t);
  const slots = Array.from({ length: 24 }, (_, slot) => BigInt(slot));
  const all = (value: bigint): Step[] => slots.map((slot) => ({ kind: "store", slot, value }));
  await runBlocks(mvm, [all(1n), all(0n).slice(0, 12), all(0n).slice(12, 23), all(0n).slice(23)]);
  for (let number = 1n; number <= 4n; number++) {
    const { block, witness, run } = await witnessOf(mvm, number);
    assert.equal((await run(witness)).hash, block.hash);
  }
});

test("without any one of the nodes, codes and headers it is refused", async (t) => {
  const mvm = await randomChain(t, 3);
  const { witness, run } = await witnessOf(mvm, 3n);
  const without = (list: readonly Hex[], at: number): Hex[] => list.filter((_, i) => i !== at);
  for (const part of ["state", "codes", "headers"] as const)
    for (const at of witness[part].keys()) await refused(run({ ...witness, [part]: without(witness[part], at) }));
  const { anchorHeader, ...rest } = witness;
  assert.ok(anchorHeader !== undefined);
  await refused(run(rest));
});

/** Each byte takes an execution of its own, ten seconds in all: where the long suites run, all of them, else every sixteenth. */
const stride = process.env["METIS_VECTORS"] === undefined ? 16 : 1;

test("with any one byte changed it is refused", async (t) => {
  const mvm = await openTest(t);
  const write: Step = { kind: "store", slot: 1n, value: 1n };
  await runBlocks(mvm, [[write], [{ ...write, value: 2n }]]);
  const { block, witness, run } = await witnessOf(mvm, 2n);
  assert.equal((await run(witness)).hash, block.hash);
  const first = Number(process.hrtime.bigint() % BigInt(stride));
  let changes = 0;
  /** `preimage` with one byte changed, in turn for each place that is looked at. */
  function* damaged(preimage: Hex): Generator<Hex> {
    for (let place = first; place < preimage.length / 2 - 1; place += stride) {
      const bytes = fromHex(preimage);
      bytes[place]! ^= 1 + (changes++ % 255);
      yield toHex(bytes);
    }
  }
  for (const part of ["state", "codes", "headers"] as const) {
    assert.ok(witness[part].length > 0, part);
    for (const [at, preimage] of witness[part].entries())
      for (const other of damaged(preimage)) await refused(run({ ...witness, [part]: witness[part].with(at, other) }));
  }
  for (const anchorHeader of damaged(witness.anchorHeader!))
    await refused(run({ ...witness, anchorHeader }), /^bad-inputs$/);
  t.diagnostic(`${changes} bytes from ${first} on`);
});

test("preimages that nothing asks for are ignored, and keys are not needed", async (t) => {
  const mvm = await randomChain(t, 2);
  const { block, witness, run } = await witnessOf(mvm, 2n);
  const later = await witnessOf(mvm, 1n);
  const more: ExecutionWitness = {
    ...witness,
    state: ["0x1234", ...witness.state.toReversed(), ...later.witness.state],
    codes: [...witness.codes, "0xfe"],
    keys: [],
    headers: [...witness.headers].toReversed(),
  };
  assert.equal((await run(more)).hash, block.hash);
});

test("another block than the witness is of leads to another hash or is refused", async (t) => {
  const mvm = await randomChain(t, 3);
  const { block, witness } = await witnessOf(mvm, 2n);
  const parentHash = (await mvm.reader.block(1n))!.hash;
  const replay = blockToReplay(block);
  assert.ok(replay.kind === "rollup");
  const inputs = { ...replay.inputs, time: replay.inputs.time + 1n };
  const other = await executeWitness(rollupGenesis(), { ...replay, inputs }, parentHash, witness);
  assert.notEqual(other.hash, block.hash);
  await refused(executeWitness(rollupGenesis(), replay, block.hash, witness));
});

test("a witness names what it is made of, and says plainly when there is none", async (t) => {
  const mvm = await openTest(t);
  await runBlocks(mvm, [[{ kind: "create", value: 7n }]]);
  const { witness } = await witnessOf(mvm, 1n);
  assert.ok(witness.keys.includes(alice.address.toLowerCase() as Hex));
  assert.ok(witness.keys.includes(getContractAddress({ from: alice.address, nonce: 0n }).toLowerCase() as Hex));
  assert.equal(await mvm.reader.executionWitness(9n), undefined);
  await refused(mvm.reader.executionWitness(0n), /^witness-unavailable$/);
});

test("anchors are kept through rewinds and pruning as long as a block needs them", async (t) => {
  const mvm = await openTest(t, { historyBlocks: 3 });
  await runBlocks(
    mvm,
    Array.from({ length: 7 }, () => []),
  );
  for (let number = 5n; number <= 7n; number++) {
    const { block, witness, run } = await witnessOf(mvm, number);
    assert.equal((await run(witness)).hash, block.hash);
  }
  await refused(mvm.reader.executionWitness(3n), /^state-unavailable$/);
});

test("the imported Ethereum chain's blocks execute from their witnesses, those with ommers, too", async (t) => {
  const folder = unpackVectors(t, "rpc-compat.tar.xz", ["rpc-compat/chain.rlp", "rpc-compat/genesis.json"]);
  if (folder === undefined) return;
  const genesis = parseGethGenesis(JSON.parse(readFileSync(join(folder, "rpc-compat/genesis.json"), "utf8")));
  const mvm = await openTest(t, { genesis });
  await mvm.importFile(join(folder, "rpc-compat/chain.rlp"));
  const { number: head } = mvm.head();
  assert.ok(head > 20n);
  let withOmmers = 0;
  for (let number = 1n; number <= head; number++) {
    const block = (await mvm.reader.block(number))!;
    if (block.ommers.length > 0) withOmmers++;
    const { witness, run } = await witnessOf(mvm, number, genesis);
    const hash: Hash = (await run(witness)).hash;
    assert.equal(hash, block.hash);
    assert.equal(witness.anchorHeader, undefined);
  }
  assert.ok(withOmmers > 0);
});

test("a witness that is too large is neither made nor executed from", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const mvm = await openMvm({ dataDir: folder.path, genesis: rollupGenesis() });
  t.after(() => mvm.close());
  const context = nextContext(mvm.head(), { transactions: [await signed(0, { to: vault, data: store(1n, 2n) })] });
  await mvm.commit((await mvm.execute(context)).hash);
  const { witness, run, block } = await witnessOf(mvm, 1n);
  assert.equal((await run(witness)).hash, block.hash);
  const tooLarge = { code: "witness-too-large" };

  const database = Database.open(join(folder.path, "chain"));
  t.after(() => database.close());
  const recorder = new WitnessRecorder(new Chain(database, Infinity), await loadKernelModule());
  const bytes = [...witness.state, ...witness.codes].reduce((sum, item) => sum + Math.max(32, item.length / 2 - 1), 0);
  assert.deepEqual({ ...recorder.witness(1n, new WitnessSize(bytes)) }, witness);
  assert.throws(() => recorder.witness(1n, new WitnessSize(bytes - 1)), tooLarge);

  const half: Hex = `0x${"00".repeat(16 * 2 ** 20)}`;
  await assert.rejects(run({ ...witness, codes: [...witness.codes, half, half] }), tooLarge);
  const tiny = Array.from({ length: 2 ** 20 }, (): Hex => "0x80");
  await assert.rejects(run({ ...witness, state: [...witness.state, ...tiny] }), tooLarge);
});
