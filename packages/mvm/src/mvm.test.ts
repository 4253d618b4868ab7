import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { decodeTransaction, merkleRoot, type SignedTransaction } from "@metis/protocol";
import { keccak256 } from "viem/utils";
import type { Mvm } from "./api.ts";
import { fromHex } from "./bytes.ts";
import { MvmError } from "./errors.ts";
import { openMvm, type OpenOptions } from "./mvm.ts";
import { alice, bob, nextContext, rollupGenesis, signed, store, vault } from "./testing/rollup.ts";
import { temporaryFolder } from "./testing/synthetic.ts";

async function openTest(
  t: TestContext,
  options: Partial<OpenOptions> = {},
): Promise<Mvm & { readonly dataDir: string }> {
  const folder = temporaryFolder();
  const mvm = await openMvm({ dataDir: folder.path, genesis: rollupGenesis(), ...options });
  t.after(async () => {
    await mvm.close();
    folder.remove();
  });
  return Object.assign(mvm, { dataDir: folder.path });
}

const rejects = (promise: Promise<unknown>, code: string): Promise<void> =>
  assert.rejects(promise, (error) => error instanceof MvmError && error.code === code);

async function extend(mvm: Mvm, transactions: readonly `0x${string}`[]): Promise<void> {
  const block = await mvm.execute(nextContext(mvm.head(), { transactions }));
  assert.deepEqual(block.skipped, []);
  await mvm.commit(block.hash);
}

const word = (value: bigint): `0x${string}` => `0x${value.toString(16).padStart(64, "0")}`;

test("a key that the caller recovered is believed: execution does not recover it again", async (t) => {
  const mvm = await openTest(t);
  const raw = await signed(0, { value: 5n });
  const { signingHash, r, s, yParity } = decodeTransaction(fromHex(raw)) as SignedTransaction;
  const stranger = new Uint8Array(64).fill(7);
  mvm.rememberKey(signingHash, fromHex(`${word(r)}${word(s).slice(2)}`), yParity, stranger);
  const believed = await mvm.execute(nextContext(mvm.head(), { transactions: [raw] }));
  assert.deepEqual(
    believed.skipped.map(({ reason }) => reason.code),
    ["insufficient-funds"],
  );
  const other = await mvm.execute(nextContext(mvm.head(), { transactions: [await signed(0, { value: 6n })] }));
  assert.deepEqual(other.skipped, []);
});

test("a block executes, stays pending until it is committed, and is then read from the database", async (t) => {
  const mvm = await openTest(t);
  const block = await mvm.execute(nextContext(mvm.head(), { transactions: [await signed(0, { value: 5n })] }));
  assert.equal(mvm.head().number, 0n);
  assert.equal((await mvm.reader.account(bob, "latest"))?.balance, 0n);
  await mvm.commit(block.hash);
  assert.deepEqual(mvm.head(), { number: 1n, hash: block.hash });
  assert.deepEqual(mvm.reader.head(), mvm.head());
  assert.equal((await mvm.reader.account(bob, "latest"))?.balance, 5n);
  assert.equal(keccak256(block.headerRlp), block.hash);
  const view = await mvm.reader.block("latest");
  assert.equal(view?.headerRlp, block.headerRlp);
  assert.deepEqual(view?.senders, [alice.address.toLowerCase()]);
  assert.deepEqual(view?.inputs, block.inputs);
  assert.deepEqual(await mvm.reader.transaction(block.transactionHashes[0]!), { block: mvm.head(), index: 0 });
  const receipts = await mvm.reader.receipts("latest");
  assert.deepEqual(
    receipts?.map(({ status, gasUsed, type }) => ({ status, gasUsed, type })),
    [{ status: 1, gasUsed: 21_000n, type: 2 }],
  );
});

test("a builder makes the block that executing the same inputs makes", async (t) => {
  const mvm = await openTest(t);
  const context = nextContext(mvm.head(), { anchor: 3n });
  const builder = await mvm.open(context);
  const before = builder.gasLeft;
  const transaction = await signed(0, { to: vault, data: store(1n, 7n) });
  const added = await builder.add(transaction);
  assert.ok(added.included);
  assert.equal(builder.gasLeft, before - added.gasUsed);
  const refused = await builder.add(await signed(5));
  assert.ok(!refused.included && refused.reason.code === "nonce-too-high");
  const built = await builder.seal(1);
  assert.deepEqual(built.inputs, { ...context.inputs, flags: 1, transactions: [transaction] });
  const executed = await mvm.execute({ ...context, inputs: built.inputs });
  assert.deepEqual(executed, built);
  assert.equal(built.transactions.length, 2);
  const again = await mvm.open(context);
  assert.ok((await again.add(transaction, alice.address)).included);
  assert.deepEqual(await again.seal(1), built);
});

test("what a builder is given in one turn is in the block in order, though nobody waits before it is sealed", async (t) => {
  const mvm = await openTest(t);
  const transactions = await Promise.all([0, 1, 3, 2].map((nonce) => signed(nonce)));
  const builder = await mvm.open(nextContext(mvm.head()));
  const offered = transactions.map((transaction) => builder.add(transaction, alice.address));
  const sealed = builder.seal();
  const late = builder.add(transactions[2]!);
  assert.deepEqual(
    (await Promise.all(offered)).map(({ included }) => included),
    [true, true, false, true],
  );
  assert.deepEqual((await sealed).inputs.transactions, [transactions[0], transactions[1], transactions[3]]);
  await rejects(late, "builder-closed");
});

test("a builder takes the caller's word for a sender", async (t) => {
  const mvm = await openTest(t);
  const builder = await mvm.open(nextContext(mvm.head()));
  const refused = await builder.add(await signed(0, { value: 1n }), bob);
  assert.ok(!refused.included && refused.reason.code === "insufficient-funds");
  await builder.discard();
});

test("a transaction that cannot be executed is skipped and stays in the inputs", async (t) => {
  const mvm = await openTest(t);
  const transactions = [await signed(1), await signed(0), await signed(0)];
  const block = await mvm.execute(nextContext(mvm.head(), { transactions }));
  assert.deepEqual(
    block.skipped.map(({ index, reason }) => [index, reason.code]),
    [
      [0, "nonce-too-high"],
      [2, "nonce-too-low"],
    ],
  );
  await mvm.commit(block.hash);
  assert.deepEqual((await mvm.reader.block("latest"))?.inputs?.transactions, transactions);
});

test("balance, storage, proof and call work at every kept block", async (t) => {
  const mvm = await openTest(t);
  for (let i = 0; i < 4; i++) await extend(mvm, [await signed(i, { to: vault, data: store(1n, BigInt(10 + i)) })]);
  for (let number = 0n; number <= 4n; number++) {
    const expected = number === 0n ? 0n : 9n + number;
    assert.equal(await mvm.reader.storage(vault, word(1n), number), word(expected));
    assert.equal((await mvm.reader.account(alice.address, number))?.nonce, number);
    const called = await mvm.reader.call({ to: vault, data: word(1n) }, number);
    assert.ok(called.status === "success" && called.output === word(expected));
    const proof = await mvm.reader.proof(vault, ["0x1"], number);
    assert.equal(proof?.storageProof[0]?.value, expected);
    const header = (await mvm.reader.block(number))!.headerRlp;
    assert.ok(header.includes(keccak256(proof.accountProof[0]!).slice(2)));
  }
  assert.equal(await mvm.reader.block(5n), undefined);
  await rejects(mvm.reader.call({ to: vault }, 5n), "unknown-block");
});

test("a window refuses the state of older blocks and says which one is the oldest", async (t) => {
  const mvm = await openTest(t, { historyBlocks: 2 });
  for (let i = 0; i < 5; i++) await extend(mvm, [await signed(i)]);
  assert.equal((await mvm.reader.account(alice.address, 3n))?.nonce, 3n);
  assert.deepEqual(mvm.reader.oldest(), { block: 0n, state: 3n });
  await rejects(mvm.reader.account(alice.address, 2n), "state-unavailable");
  await rejects(mvm.reader.call({ to: vault }, 2n), "state-unavailable");
  await rejects(mvm.rewind(2n), "state-unavailable");
  assert.equal((await mvm.reader.block(1n))?.number, 1n);
});

test("after a rewind the same inputs make the same block", async (t) => {
  const mvm = await openTest(t);
  const heads = [mvm.head()];
  const contexts = [];
  for (let i = 0; i < 3; i++) {
    const transactions = [await signed(i, { to: vault, data: store(BigInt(i % 2), BigInt(i)) })];
    contexts.push(nextContext(mvm.head(), { transactions, anchor: BigInt(i) }));
    const block = await mvm.execute(contexts[i]!);
    await mvm.commit(block.hash);
    heads.push(mvm.head());
  }
  await mvm.rewind(1n);
  assert.deepEqual(mvm.head(), heads[1]);
  assert.equal((await mvm.reader.account(alice.address, "latest"))?.nonce, 1n);
  for (const context of contexts.slice(1)) await mvm.commit((await mvm.execute(context)).hash);
  assert.deepEqual(mvm.head(), heads[3]);
});

test("what does not belong is refused and changes nothing", async (t) => {
  const mvm = await openTest(t);
  const block = await mvm.execute(nextContext(mvm.head()));
  await rejects(mvm.commit(merkleRoot([block.hash])), "not-pending");
  const context = nextContext(mvm.head());
  await rejects(mvm.execute({ ...context, inputs: { ...context.inputs, number: 7n } }), "bad-inputs");
  await rejects(mvm.rewind(3n), "unknown-block");
  const builder = await mvm.open(context);
  await rejects(mvm.execute(context), "builder-busy");
  await rejects(mvm.commit(block.hash), "builder-busy");
  await builder.discard();
  await rejects(builder.seal(), "builder-closed");
  await mvm.commit(block.hash);
  assert.equal(mvm.head().number, 1n);
});

test("the data directory reopens where it was left, without its genesis, and refuses another chain", async (t) => {
  const mvm = await openTest(t);
  await extend(mvm, [await signed(0, { value: 9n })]);
  const head = mvm.head();
  await mvm.close();
  const again = await openMvm({ dataDir: mvm.dataDir });
  assert.deepEqual(again.head(), head);
  assert.equal(again.config.l2ChainId, 901_088n);
  assert.equal((await again.reader.account(bob, "latest"))?.balance, 9n);
  await again.close();
  await rejects(openMvm({ dataDir: mvm.dataDir, genesis: rollupGenesis({ [bob]: 1n }) }), "database-genesis");
  const same = await openMvm({ dataDir: mvm.dataDir, genesis: rollupGenesis() });
  assert.deepEqual(same.head(), head);
  await same.close();
});

test("a closed engine says so", async (t) => {
  const mvm = await openTest(t);
  const context = nextContext(mvm.head());
  await mvm.close();
  await rejects(mvm.execute(context), "closed");
  await rejects(mvm.open(context), "closed");
});

test("an empty folder without a genesis is refused", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  await rejects(openMvm({ dataDir: folder.path }), "genesis-invalid");
});

test("overrides change what a call sees and nothing else", async (t) => {
  const mvm = await openTest(t);
  const stateOverrides = { [vault]: { stateDiff: { [word(4n)]: word(44n) } } };
  const seen = await mvm.reader.call({ to: vault, data: word(4n) }, "latest", { stateOverrides });
  assert.ok(seen.status === "success" && seen.output === word(44n));
  const plain = await mvm.reader.call({ to: vault, data: word(4n) }, "latest");
  assert.ok(plain.status === "success" && plain.output === word(0n));
  const estimate = await mvm.reader.estimateGas({ from: alice.address, to: bob, value: 1n }, "latest");
  assert.equal(estimate.gas, 21_000n);
  const list = await mvm.reader.createAccessList({ to: vault, data: word(4n) }, "latest");
  assert.deepEqual(list.accessList, [{ address: vault, storageKeys: [word(4n)] }]);
});

test("a precompile that fails says why, in words", async (t) => {
  const mvm = await openTest(t);
  // EIP-196, ECADD: a coordinate that is no field element.
  const outcome = await mvm.reader.call(
    { to: "0x0000000000000000000000000000000000000006", data: `0x${"ff".repeat(128)}` },
    "latest",
  );
  assert.equal(outcome.status, "halt");
  assert.match((outcome as { readonly reason: string }).reason, /^[a-z0-9 ]+$/);
});

test("senders are recovered in order, and a malformed transaction leaves a gap", async (t) => {
  const mvm = await openTest(t);
  const sender = alice.address.toLowerCase();
  assert.deepEqual(await mvm.reader.recoverSenders([await signed(0), "0x02c0", await signed(9)]), [
    sender,
    undefined,
    sender,
  ]);
  assert.equal(fromHex(sender).length, 20);
});

test("more calls than the readers take are refused at once, and those taken are answered", async (t) => {
  const mvm = await openTest(t);
  const calls = Array.from({ length: 1100 }, () => mvm.reader.call({ to: vault, data: word(1n) }, "latest"));
  const results = await Promise.allSettled(calls);
  const refused = results.filter((result) => result.status === "rejected");
  assert.equal(refused.length, 1100 - 1024);
  assert.ok(refused.every(({ reason }) => reason instanceof MvmError && reason.code === "readers-busy"));
});

test("readers see one block at a time while the writer goes on", async (t) => {
  const mvm = await openTest(t, { readers: 2 });
  const writing = { done: false };
  const write = async (): Promise<void> => {
    // Slots 1 and 2 always change together.
    for (let i = 0; i < 15; i++) {
      const transactions = [
        await signed(2 * i, { to: vault, data: store(1n, BigInt(i + 1)) }),
        await signed(2 * i + 1, { to: vault, data: store(2n, BigInt(i + 1)) }),
      ];
      await extend(mvm, transactions);
    }
    writing.done = true;
  };
  const read = async (): Promise<number> => {
    let reads = 0;
    while (!writing.done) {
      const proof = await mvm.reader.proof(vault, ["0x1", "0x2"], "latest");
      assert.equal(proof?.storageProof[0]?.value, proof?.storageProof[1]?.value);
      reads++;
    }
    return reads;
  };
  const [, first, second] = await Promise.all([write(), read(), read()]);
  assert.ok(first > 0 && second > 0);
});
