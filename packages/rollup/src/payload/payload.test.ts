import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { encodeRlp, profiles, type BlockInputs, type RlpInput } from "@metis/protocol";
import fc from "fast-check";
import { bytesToHex, concatHex, keccak256, numberToHex, type Hex } from "viem";
import { blobCount } from "../blobs.ts";
import { RollupError } from "../errors.ts";
import { deriveBatch } from "../derivation/deriver.ts";
import { batchBlocks } from "../testing/arbitraries.ts";
import {
  claimed,
  payloadOf,
  proposer,
  scriptedBlocks,
  scriptedChainId,
  scriptedConfig,
  scriptedL1,
  scriptedRequest,
} from "../testing/chain.ts";
import { deriveKernel } from "../testing/kernel.ts";
import { generatorX, rawTransaction } from "../testing/transactions.ts";
import { concat } from "./columns.ts";
import {
  blockSize,
  compressContent,
  contentOverhead,
  encodeContent,
  payloadContent,
  type PayloadParent,
} from "./payload.ts";
import { transactionSize } from "./transactions.ts";

const l1 = scriptedL1(40);
const config = scriptedConfig(l1);
const kernel = deriveKernel();
const genesis: PayloadParent = { time: l1[0]!.time, anchorNumber: l1[0]!.number, generation: 0 };
const content = (blocks: readonly BlockInputs[]) => encodeContent(scriptedChainId, genesis, claimed(blocks));
/** Bytes that do not compress. */
const noise = (size: number): Uint8Array =>
  concat(Array.from({ length: Math.ceil(size / 32) }, (_, i) => keccak256(numberToHex(i), "bytes"))).subarray(0, size);

test("any good batch derives to the blocks it was made of", async () => {
  await fc.assert(
    fc.asyncProperty(batchBlocks(l1), async (blocks) => {
      const last = blocks.at(-1)!;
      const anchor = Number(last.anchorNumber - l1[0]!.number);
      const request = scriptedRequest({ config, l1, anchor, lastTime: last.time, payload: payloadOf(config, blocks) });
      const result = await deriveBatch(kernel, request);
      assert.equal(result.reason, undefined);
      assert.deepEqual(result.blocks, blocks);
    }),
    { numRuns: 30 },
  );
});

test("transactions of every type that a payload carries, calls and creations, derive to themselves", async () => {
  const integers = [0n, 127n, 128n, (1n << 63n) + 5n];
  const gas = 600_000n;
  const list = [["0x00000000000000000000000000000000000000aa", [`0x${"0b".repeat(32)}`]]] as const;
  const typed = (type: number, fields: readonly RlpInput[]): Hex =>
    concatHex([numberToHex(type, { size: 1 }), bytesToHex(encodeRlp([scriptedChainId, ...fields]))]);
  const parities = [27n, 28n, 2n * scriptedChainId + 35n, 2n * scriptedChainId + 36n];
  const calls = (["0x00000000000000000000000000000000000000dd", "0x"] as const).flatMap((to) =>
    integers.map((at) => ({ to, at })),
  );
  const raws = [
    ...calls.flatMap(({ to, at }) =>
      parities.map((v) => bytesToHex(encodeRlp([at, at, gas, to, at, "0x00ff", v, generatorX, 1n << 254n]))),
    ),
    ...calls.map(({ to, at }) => typed(1, [at, at, gas, to, at, "0x80", list, 1, generatorX, 1n])),
    ...calls.map(({ to, at }) => typed(2, [at, at, at, gas, to, at, "0x", list, 0, generatorX, 1n])),
  ];
  const blocks = scriptedBlocks(l1, [{ anchor: 1, at: 12, transactions: raws, flags: 1 }]);
  const request = scriptedRequest({
    config,
    l1,
    anchor: 1,
    lastTime: blocks[0]!.time,
    payload: payloadOf(config, blocks),
  });
  const result = await deriveBatch(kernel, request);
  assert.equal(result.reason, undefined);
  assert.deepEqual(result.blocks[0]!.transactions, raws);
});

test("any content derives to something in any case, and to the same when it is encoded again", async () => {
  const changes = fc.record({ blocks: batchBlocks(l1), at: fc.nat(), value: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(changes, async ({ blocks, at, value }) => {
      const good = content(blocks);
      const changed = good.with(at % good.length, value);
      const last = blocks.at(-1)!;
      const anchor = Number(last.anchorNumber - l1[0]!.number);
      const payload = compressContent(changed);
      const result = await deriveBatch(kernel, scriptedRequest({ config, l1, anchor, lastTime: last.time, payload }));
      assert.ok(result.blocks.length > 0);
      if (result.reason !== undefined) return;
      const outputs = result.claimedOutputRoots;
      const again = result.blocks.map((inputs, i) => ({ inputs, outputRoot: outputs[i]! }));
      assert.deepEqual(encodeContent(scriptedChainId, genesis, again), changed);
    }),
    { numRuns: 100 },
  );
});

test("a content is never longer than its blocks' sizes and the overhead", () => {
  fc.assert(
    fc.property(batchBlocks(l1), (blocks) => {
      const sizes = blocks.reduce((sum, block) => sum + blockSize(block.transactions, scriptedChainId), 0);
      assert.ok(content(blocks).length <= sizes + contentOverhead);
    }),
    { numRuns: 50 },
  );
});

test("a full batch that does not compress fits six blobs", () => {
  const payload = compressContent(noise(profiles.mainnet.chain.maxBatchBytes));
  assert.ok(blobCount(payload.length) <= 6, `${payload.length} bytes`);
});

test("a payload inflates to its content again, up to the limit and not beyond", () => {
  const bytes = content(scriptedBlocks(l1, [{ anchor: 1, at: 12, transactions: [rawTransaction()] }]));
  assert.deepEqual(Uint8Array.from(payloadContent(compressContent(bytes), bytes.length)), bytes);
  assert.throws(() => payloadContent(compressContent(bytes), bytes.length - 1), { code: "malformed" });
  assert.throws(() => payloadContent(Uint8Array.of(2, 3, 0), 100), { code: "malformed" });
  assert.throws(() => payloadContent(Uint8Array.of(1, 0xff), 100), { code: "malformed" });
});

test("the dictionary pays: a batch of one token transfer is at least a tenth smaller", () => {
  const transfer = `0xa9059cbb${"00".repeat(12)}${"3c".repeat(20)}${"00".repeat(24)}0de0b6b3a7640000` as const;
  const blocks = scriptedBlocks(l1, [
    { anchor: 1, at: 12, transactions: [rawTransaction({ gas: 60_000n, data: transfer })] },
  ]);
  const bytes = content(blocks);
  assert.ok(compressContent(bytes).length < 0.9 * deflateRawSync(bytes, { level: 9 }).length);
});

test("what no payload can carry is refused by name, before anything is written", () => {
  const block = (changes: Partial<BlockInputs>) => scriptedBlocks(l1, [{ anchor: 0, at: 1, ...changes }]);
  const wrong: readonly (readonly BlockInputs[])[] = [
    [],
    block({ time: l1[0]!.time }),
    block({ anchorNumber: 1n }),
    block({ rate: 1n }),
    block({ attendance: "0x00" }),
    block({ proposer: "0x0000000000000000000000000000000000000000" }),
    scriptedBlocks(l1, [{ anchor: 1, at: 12, rate: 1n << 128n }]),
    scriptedBlocks(l1, [{ anchor: 1, at: 12, attendance: `0x${"00".repeat(65)}` }]),
    scriptedBlocks(l1, [
      { anchor: 1, at: 12, generation: 1 },
      { anchor: 1, at: 13, generation: 0 },
    ]),
  ];
  for (const blocks of wrong)
    assert.throws(
      () => content(blocks),
      (error) => error instanceof RollupError && error.code === "not-encodable",
    );
  assert.throws(() => transactionSize(rawTransaction(), scriptedChainId + 1n), { code: "not-encodable" });
  assert.throws(() => transactionSize("0x7ec0", scriptedChainId), { remedy: "reject" });
  assert.equal(block({}).at(0)!.proposer, proposer);
});
