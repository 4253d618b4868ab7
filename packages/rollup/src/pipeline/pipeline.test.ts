import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DataMode,
  genesisAnchor,
  genesisHeader,
  MetisError,
  nextQueueHash,
  zeroHash,
  type BlockInputs,
} from "@metis/protocol";
import { keccak256 } from "viem";
import { packBlobs } from "../blobs.ts";
import { extendL1, payloadOf, scriptedBlocks, scriptedConfig, scriptedDeposit, scriptedL1 } from "../testing/chain.ts";
import { deriveKernel } from "../testing/kernel.ts";
import { headerOn, ScriptedL1 } from "../testing/l1Script.ts";
import { DerivationPipeline, type BatchRecord, type BatchSink } from "./pipeline.ts";
import type { PostedBatch } from "./l1Source.ts";

const kernel = deriveKernel();
const headers = scriptedL1(60);
const config = scriptedConfig(headers, { l1Depth: 4 });
const genesis = genesisHeader(genesisAnchor(config));
const garbage = Uint8Array.of(9);
const blocks1 = scriptedBlocks(headers, [
  { anchor: 0, at: 1 },
  { anchor: 2, at: 24 },
]);
const payload1 = payloadOf(config, blocks1);
const header1 = headerOn(config, genesis, headers[2]!, payload1);
/** Without a good payload: deposits-only blocks to the anchor. */
const header2 = headerOn(config, header1, headers[6]!, garbage);

interface Record extends BatchRecord {
  readonly blocks: readonly BlockInputs[];
  readonly reason: string | undefined;
}

/** A node's journal and sink in memory. */
class Memory {
  records: Record[] = [];

  readonly journal = {
    last: () => this.records.at(-1),
    dropLast: async (record: Record) => {
      assert.equal(this.records.pop(), record);
    },
  };

  readonly sink: BatchSink<Record, PostedBatch> = {
    genesis: async (batch) => this.#keep(batch, [], undefined),
    lastBlock: async ({ blocks }) => {
      const last = blocks.at(-1);
      return last ?? { number: 0n, time: config.genesisAnchorTime, generation: 0 };
    },
    adopt: async (_, { batch, result }) => this.#keep(batch, result.blocks, result.reason),
  };

  #keep(
    { header, l1BlockNumber, l1BlockHash }: PostedBatch,
    blocks: readonly BlockInputs[],
    reason: string | undefined,
  ): Record {
    const record = { header, l1BlockNumber, l1BlockHash, blocks, reason };
    this.records.push(record);
    return record;
  }

  get indexes(): readonly bigint[] {
    return this.records.map(({ header }) => header.batchIndex);
  }
}

function start(l1: ScriptedL1, memory = new Memory(), maxRange?: bigint) {
  const ports = { config, source: l1, kernel, journal: memory.journal, sink: memory.sink };
  return { memory, pipeline: new DerivationPipeline(maxRange === undefined ? ports : { ...ports, maxRange }) };
}

/** Steps until nothing is left, and resets where an error asks for it. */
async function run(pipeline: DerivationPipeline<Record>, l1: ScriptedL1): Promise<string> {
  for (;;) {
    try {
      const step = await pipeline.step(l1.head);
      if (step.kind !== "batch") return step.kind;
    } catch (error) {
      if (!(error instanceof MetisError) || error.remedy !== "reset") throw error;
      await pipeline.reset();
    }
  }
}

function withTwoBatches(): ScriptedL1 {
  const l1 = new ScriptedL1(headers.slice(0, 20));
  l1.post(genesis, 101n);
  l1.post(header1, 105n, payload1);
  l1.post(header2, 110n, garbage);
  return l1;
}

for (const maxRange of [1n, 3n, 1_000n])
  test(`an empty journal derives every batch on L1, ${maxRange} L1 blocks at once`, async () => {
    const l1 = withTwoBatches();
    const { memory, pipeline } = start(l1, new Memory(), maxRange);
    assert.equal(await run(pipeline, l1), "idle");
    assert.deepEqual(memory.indexes, [0n, 1n, 2n]);
    assert.deepEqual(memory.records[1]!.blocks, blocks1);
    assert.deepEqual([memory.records[1]!.reason, memory.records[2]!.reason], [undefined, "payload-version"]);
    assert.equal(memory.records[2]!.blocks.at(-1)!.anchorHash, headers[6]!.hash);
  });

test("a journal is gone on with: nothing is derived twice, also with two batches in one L1 block", async () => {
  const l1 = new ScriptedL1(headers.slice(0, 12));
  l1.post(genesis, 101n);
  l1.post(header1, 110n, payload1);
  const first = start(l1);
  await run(first.pipeline, l1);
  l1.post(header2, 110n, garbage);
  const second = start(l1, first.memory);
  assert.equal(await run(second.pipeline, l1), "idle");
  assert.deepEqual(first.memory.indexes, [0n, 1n, 2n]);
});

test("what L1 grows by is derived by the next step", async () => {
  const l1 = new ScriptedL1(headers.slice(0, 12));
  l1.post(genesis, 101n);
  const { memory, pipeline } = start(l1);
  await run(pipeline, l1);
  l1.reorganise(headers.slice(0, 30));
  l1.post(header1, 125n, payload1);
  assert.equal(await run(pipeline, l1), "idle");
  assert.deepEqual(memory.indexes, [0n, 1n]);
});

test("batches that a reorg took back are dropped, down to the last one L1 still holds", async () => {
  const l1 = withTwoBatches();
  const { memory, pipeline } = start(l1);
  await run(pipeline, l1);
  l1.reorganise(extendL1(headers.slice(0, 8), 20, 1));
  const dropped = await pipeline.reset();
  assert.deepEqual(
    dropped.map(({ header }) => header.batchIndex),
    [2n],
  );
  assert.deepEqual(memory.indexes, [0n, 1n]);
  l1.post(header2, 120n, garbage);
  assert.equal(await run(pipeline, l1), "idle");
  assert.equal(memory.records.at(-1)!.l1BlockHash, (await l1.block(120n))!.hash);
});

test("a reorg below the inbox's batch 0 starts from the genesis anchor", async () => {
  const l1 = withTwoBatches();
  const { memory, pipeline } = start(l1);
  await run(pipeline, l1);
  l1.reorganise(extendL1(headers.slice(0, 1), 30, 1));
  assert.equal((await pipeline.reset()).length, 3);
  l1.post(genesis, 103n);
  assert.equal(await run(pipeline, l1), "idle");
  assert.deepEqual(memory.indexes, [0n]);
});

test("a reorg while logs are read is noticed, and no batch of the lost branch is derived", async () => {
  const l1 = withTwoBatches();
  const { memory, pipeline } = start(l1);
  let isDone = false;
  l1.before = (call) => {
    if (call !== "batches" || isDone) return;
    isDone = true;
    queueMicrotask(() => l1.reorganise(extendL1(headers.slice(0, 8), 20, 1)));
  };
  assert.equal(await run(pipeline, l1), "idle");
  assert.deepEqual(memory.indexes, [0n, 1n]);
});

test("a head of another branch at the same height is noticed", async () => {
  const l1 = withTwoBatches();
  const { pipeline } = start(l1);
  await run(pipeline, l1);
  l1.reorganise(extendL1(headers.slice(0, 8), 12, 1));
  await assert.rejects(pipeline.step(l1.head), { code: "l1-reorg", remedy: "reset" });
});

test("a raise of the generation waits until it is l1Depth deep", async () => {
  const escape = headerOn(config, header1, headers[6]!, garbage, {
    generation: 1,
    dataMode: DataMode.none,
    payloadHash: zeroHash,
    payloadSize: 0,
  });
  const l1 = new ScriptedL1(headers.slice(0, 14));
  l1.post(genesis, 101n);
  l1.post(header1, 105n, payload1);
  l1.post(escape, 110n);
  const { memory, pipeline } = start(l1);
  assert.equal(await run(pipeline, l1), "shallow");
  assert.deepEqual(memory.indexes, [0n, 1n]);
  l1.reorganise(headers.slice(0, 15));
  assert.equal(await run(pipeline, l1), "idle");
  assert.equal(memory.records.at(-1)!.blocks.at(-1)!.generation, 1);
});

test("a batch in blobs with deposits is gathered and derived", async () => {
  const deposits = [scriptedDeposit(0, 1), scriptedDeposit(1, 2)];
  const blocks = scriptedBlocks(headers, [{ anchor: 2, at: 24 }], deposits);
  const payload = payloadOf(config, blocks);
  const blobs = packBlobs(payload);
  const header = headerOn(config, genesis, headers[2]!, payload, {
    dataMode: DataMode.blobs,
    payloadHash: zeroHash,
    dataCommitment: keccak256("0x01"),
    depositCount: 2n,
    depositQueueHash: deposits.reduce(nextQueueHash, zeroHash),
  });
  const l1 = new ScriptedL1(headers.slice(0, 12));
  l1.addDeposits(deposits);
  l1.post(genesis, 101n);
  l1.post(header, 105n, undefined, blobs);
  const { memory, pipeline } = start(l1);
  assert.equal(await run(pipeline, l1), "idle");
  assert.deepEqual(memory.records[1]!.blocks, blocks);
});

test("what L1 does not give yet is asked for again, and nothing is kept of the attempt", async () => {
  const l1 = withTwoBatches();
  const { memory, pipeline } = start(l1);
  await pipeline.step(l1.head);
  const deposit = scriptedDeposit(0, 1);
  l1.addDeposits([deposit]);
  await assert.rejects(pipeline.step(l1.head), { code: "l1-incomplete", remedy: "retry" });
  assert.deepEqual(memory.indexes, [0n]);
  const failing = withTwoBatches();
  failing.before = (call) => {
    if (call === "headers") throw new MetisError("l1-unavailable", "retry", "down", {});
  };
  const second = start(failing);
  await assert.rejects(run(second.pipeline, failing), { remedy: "retry" });
  failing.before = () => undefined;
  assert.equal(await run(second.pipeline, failing), "idle");
  assert.deepEqual(second.memory.indexes, [0n, 1n, 2n]);
});

test("an inbox of another chain stops everything", async () => {
  const l1 = new ScriptedL1(headers.slice(0, 12));
  l1.post({ ...genesis, lastTimestamp: 1n }, 101n);
  await assert.rejects(run(start(l1).pipeline, l1), { code: "wrong-chain", remedy: "halt" });
});
