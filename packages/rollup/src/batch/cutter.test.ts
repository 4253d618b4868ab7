import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedChainId } from "../testing/chain.ts";
import { rawTransaction } from "../testing/transactions.ts";
import { blockOverhead, contentOverhead } from "../payload/payload.ts";
import { transactionSize } from "../payload/transactions.ts";
import { BatchCutter, type CutterBlock } from "./cutter.ts";

const tx = rawTransaction();
const txSize = transactionSize(tx, scriptedChainId);
const maxBlockBytes = blockOverhead + 2 * txSize;
const config = {
  l2ChainId: scriptedChainId,
  maxBlockBytes,
  /** Room for three full blocks. */
  maxBatchBytes: contentOverhead + 3 * maxBlockBytes,
  maxBatchAge: 6,
  epochLength: 60,
  genesisAnchorNumber: 100n,
};
const block = (time: bigint, anchorNumber = 100n, transactions = [tx, tx]): CutterBlock => ({
  time,
  anchorNumber,
  transactions,
});

test("a block ends its batch when another full block might not fit", () => {
  const cutter = new BatchCutter(config, 100n);
  assert.equal(cutter.mustEnd(block(1n)), undefined);
  cutter.add(block(1n), false);
  assert.equal(cutter.mustEnd(block(2n)), undefined);
  cutter.add(block(2n), false);
  assert.equal(cutter.mustEnd(block(3n)), "size");
  assert.equal(cutter.mustEnd(block(3n, 100n, [])), "size");
  cutter.add(block(3n), true);
  assert.equal(cutter.mustEnd(block(4n)), undefined);
  assert.equal(cutter.size, contentOverhead);
});

test("a block ends its batch when its anchor leaves the epoch of the anchor before the batch", () => {
  const cutter = new BatchCutter(config, 150n);
  assert.equal(cutter.mustEnd(block(1n, 159n)), undefined);
  assert.equal(cutter.mustEnd(block(1n, 160n)), "epoch");
  cutter.add(block(1n, 160n), true);
  assert.equal(cutter.mustEnd(block(2n, 219n)), undefined);
  assert.equal(cutter.mustEnd(block(2n, 220n)), "epoch");
});

test("a proposer may end a batch that is old enough, counted from its first block", () => {
  const cutter = new BatchCutter(config, 100n);
  assert.equal(cutter.mayEnd(block(100n)), undefined);
  cutter.add(block(100n), false);
  assert.equal(cutter.mayEnd(block(105n)), undefined);
  assert.equal(cutter.mayEnd(block(106n)), "age");
});

test("a proposer may end a batch whose cost per transaction reached the target", () => {
  const cutter = new BatchCutter(config, 100n);
  assert.equal(cutter.mayEnd(block(1n), { batch: 201n, target: 100n }), undefined);
  assert.equal(cutter.mayEnd(block(1n), { batch: 200n, target: 100n }), "cost");
  assert.equal(cutter.mayEnd(block(1n, 100n, []), { batch: 0n, target: 100n }), undefined);
});

test("the room for transactions is what the block limit leaves", () => {
  assert.equal(new BatchCutter(config, 100n).room, 2 * txSize);
});
