import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import type { BlockContext } from "./api.ts";
import { fromBigInt, toHex } from "./bytes.ts";
import { MvmError } from "./errors.ts";
import { openMvm, type Engine, type OpenOptions } from "./mvm.ts";
import { rowOf } from "./testing/extend.ts";
import { historian, rollupGenesis } from "./testing/rollup.ts";
import { temporaryFolder } from "./testing/synthetic.ts";

type Overlap = NonNullable<OpenOptions["overlap"]>;
const overlaps: readonly Overlap[] = ["nothing", "roots"];

/** Distances at which blocks ask for hashes. */
const back = [1, 2, 5, 17];
const row = await rowOf(64, back);

async function openTest(t: TestContext, overlap: Overlap, warnings: string[] = []): Promise<Engine> {
  const folder = temporaryFolder();
  const logger = { warn: (text: string) => warnings.push(text) } as unknown as NonNullable<OpenOptions["logger"]>;
  const mvm = await openMvm({ dataDir: folder.path, genesis: rollupGenesis(), overlap, logger });
  t.after(async () => {
    await mvm.close();
    folder.remove();
  });
  return mvm;
}

/** As its callers did before there was `extend`. */
async function oneByOne(mvm: Engine, contexts: readonly BlockContext[]): Promise<void> {
  for (const context of contexts) await mvm.commit((await mvm.execute(context)).hash);
}

const word = (value: bigint): `0x${string}` => toHex(fromBigInt(value, 32));

for (const overlap of overlaps)
  test(`a row of blocks makes the chain that executing them one by one makes (beside: ${overlap})`, async (t) => {
    const warnings: string[] = [];
    const [mvm, plain] = [await openTest(t, overlap, warnings), await openTest(t, "nothing")];
    await mvm.extend(row.slice(0, 50));
    await mvm.extend(row.slice(50));
    await oneByOne(plain, row);
    assert.deepEqual(mvm.head(), plain.head());
    for (const number of [1n, 37n, 64n]) {
      assert.deepEqual(await mvm.reader.block(number), await plain.reader.block(number));
      assert.deepEqual(await mvm.reader.receipts(number), await plain.reader.receipts(number));
    }
    assert.deepEqual(warnings, []);
  });

test("a block reads the hashes of those before it whose roots are computed meanwhile", async (t) => {
  const mvm = await openTest(t, "roots");
  await mvm.extend(row);
  for (const block of back.map((distance) => BigInt(row.length - distance))) {
    const { hash } = (await mvm.reader.block(block))!;
    assert.equal(await mvm.reader.storage(historian, word(block), "latest"), hash, `BLOCKHASH of ${block}`);
    const complement = word(2n ** 256n - 1n - block);
    assert.equal(await mvm.reader.storage(historian, complement, "latest"), hash, `EIP-2935 of ${block}`);
  }
});

test("of a row with a block that does not follow, those before it are kept, for every caller to see", async (t) => {
  for (const overlap of overlaps) {
    const mvm = await openTest(t, overlap);
    await assert.rejects(
      mvm.extend(row.with(50, row[60]!)),
      (error: unknown) => error instanceof MvmError && error.code === "bad-inputs",
    );
    assert.equal(mvm.head().number, 50n);
    assert.equal((await mvm.reader.block("latest"))?.number, 50n);
    await mvm.extend(row.slice(50));
    assert.equal(mvm.head().number, 64n);
  }
});

test("a row that the engine is closed under ends with that, and keeps what it has come to", async (t) => {
  const contexts = await rowOf(120);
  const mvm = await openTest(t, "roots");
  const extended = mvm.extend(contexts);
  const closed = assert.rejects(extended, (error: unknown) => error instanceof MvmError && error.code === "closed");
  await new Promise((resolve) => void setImmediate(resolve));
  await Promise.all([mvm.close(), closed]);
  assert.ok(mvm.head().number > 0n);
});

test("an empty row changes nothing", async (t) => {
  const mvm = await openTest(t, "roots");
  await mvm.extend([]);
  assert.equal(mvm.head().number, 0n);
});

type Step = { readonly kind: "extend" | "oneByOne" | "build" | "rewind"; readonly count: number };

test("rows, single blocks, built ones and rewinds in any order make the same chain, whatever goes on beside", async (t) => {
  const engines = [await openTest(t, "nothing"), await openTest(t, "commits"), await openTest(t, "roots")];
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom("extend", "extend", "oneByOne", "build", "rewind"),
    count: fc.integer({ min: 1, max: 24 }),
  });
  const run = async (mvm: Engine, { kind, count }: Step): Promise<void> => {
    const head = Number(mvm.head().number);
    if (kind === "rewind") return mvm.rewind(BigInt(Math.max(0, head - count)));
    const next = row.slice(head, head + count);
    if (kind === "extend") return mvm.extend(next);
    if (kind === "oneByOne") return oneByOne(mvm, next.slice(0, 3));
    for (const context of next.slice(0, 2)) {
      const { transactions, ...rest } = context.inputs;
      const builder = await mvm.open({ ...context, inputs: { ...rest, transactions: [] } });
      await Promise.all(transactions.map((transaction) => builder.add(transaction)));
      await mvm.commit((await builder.seal()).hash);
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      for (const each of steps) {
        await Promise.all(engines.map((mvm) => run(mvm, each)));
        const [first, ...others] = engines.map((mvm) => mvm.head());
        for (const other of others) assert.deepEqual(other, first);
      }
    }),
    { numRuns: 6 },
  );
});
