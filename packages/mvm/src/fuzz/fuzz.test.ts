import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { decodeRlp, encodeRlp, type RlpItem } from "@metis/protocol";
import { loadKernelModule } from "../kernel/index.ts";
import { readCorpus } from "./corpus.ts";
import { depositPlansFrom, runDepositPlan } from "./deposits.ts";
import { Oracle } from "./oracle.ts";
import { plansFrom } from "./generate.ts";
import type { Plan } from "./plan.ts";
import { runPlan } from "./run.ts";
import { shrink } from "./shrink.ts";

test("what the corpus keeps has the roots, receipts and gas that ethereumjs computes", async () => {
  const module = await loadKernelModule();
  const corpus = readCorpus();
  assert.ok(corpus.length > 0);
  for (const { name, plan } of corpus) await assert.doesNotReject(runPlan(module, plan), name);
});

test("random blocks of all types, with delegations, blobs, creations and precompiles, do too", async (t) => {
  const module = await loadKernelModule();
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  for (const plan of plansFrom(seed, 5)) await assert.doesNotReject(runPlan(module, plan), JSON.stringify(plan));
});

test("random deposits, among them some that fail or cannot start, do too", async (t) => {
  const module = await loadKernelModule();
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  for (const plan of depositPlansFrom(seed, 10))
    await assert.doesNotReject(runDepositPlan(module, plan), JSON.stringify(plan));
});

test("a header that says something else is noticed", async () => {
  const module = await loadKernelModule();
  const [{ plan }] = readCorpus() as [ReturnType<typeof readCorpus>[0]];
  const damaged = (rlp: Uint8Array): Uint8Array => {
    const [header, ...rest] = decodeRlp(rlp) as readonly RlpItem[];
    const fields = (header as readonly Uint8Array[]).map((field) => Uint8Array.from(field));
    const stateRoot = fields[3]!;
    stateRoot[0]! ^= 1;
    return encodeRlp([fields, ...rest]);
  };
  const oracle = await Oracle.open(plan);
  await assert.rejects(runPlan(module, plan, { run: (rlp) => oracle.run(damaged(rlp)) }), /state/i);
});

test("a plan that fails is made as small as its failure allows", async () => {
  const transaction = { type: 2, from: 0, to: "contract 0", value: 0, data: "0x", gas: 60_000, tip: 0 } as const;
  const block = { transactions: [transaction, { ...transaction, value: 1 }], withdrawals: [] };
  const plan: Plan = { fork: "osaka", codes: ["0x6001600155fe"], blocks: [block, block] };
  const fails = async ({ blocks }: Plan): Promise<boolean> =>
    blocks.some(({ transactions }) => transactions.some(({ value }) => value === 1));
  const smallest = await shrink(plan, fails);
  assert.deepEqual(smallest.blocks, [{ transactions: [{ ...transaction, value: 1 }], withdrawals: [] }]);
  assert.deepEqual(smallest.codes, ["0x60"]);
});
