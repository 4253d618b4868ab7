import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "@metis/runtime";
import type { BlockInputs, Hash } from "@metis/protocol";
import type { Hex } from "viem";
import { numberToHex, size } from "viem";
import type { SignedBlock } from "../heads/records.ts";
import type { Heads } from "../rpc/heads.ts";
import { SignedBlocks } from "./serve.ts";
import { feedBlockFromHex } from "./signedBlock.ts";
import { maxRangeBlocks, maxRangeBytes } from "./source.ts";

const hashOf = (number: bigint): Hash => numberToHex(number, { size: 32 });

/** A signed chain of `length` blocks with `bytes` of transactions each; its head moves as the test says. */
function chainOf(bytes: number) {
  const listeners = new Set<(heads: Heads) => void>();
  let head = 0n;
  const ref = () => ({ number: head, hash: hashOf(head) });
  const heads = {
    heads: (): Heads => ({ unsafe: ref(), signed: ref(), safe: ref(), finalized: ref() }),
    subscribe: (listener: (heads: Heads) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const transactions: Hex[] = bytes === 0 ? [] : [`0x${"11".repeat(bytes)}`];
  const inputsOf = (number: bigint): BlockInputs => ({
    number,
    time: number,
    generation: 0,
    flags: 0,
    proposer: `0x${"00".repeat(20)}`,
    anchorNumber: 0n,
    anchorHash: hashOf(0n),
    depositStart: 0n,
    depositEnd: 0n,
    rate: 0n,
    attendance: "0x",
    transactions,
  });
  const attested = (number: bigint): SignedBlock => ({
    attestation: {
      generation: 0,
      epoch: 0n,
      number,
      blockHash: hashOf(number),
      outputRoot: hashOf(1n),
      anchorNumber: 0n,
      anchorHash: hashOf(0n),
    },
    certificate: { bitmap: 1n, signatures: `0x${"22".repeat(65)}`, members: [] },
  });
  const blocks = new SignedBlocks({
    chain: { certificate: attested },
    heads,
    reader: {
      block: async (id) => ({ number: id, hash: hashOf(id as bigint), inputs: inputsOf(id as bigint) }) as never,
    },
    logger: silentLogger(),
  });
  const move = async (to: bigint): Promise<void> => {
    head = to;
    for (const listener of listeners) listener(heads.heads());
    await new Promise(setImmediate);
  };
  return { blocks, move, listeners };
}

const numberOf = (block: Hex): bigint => feedBlockFromHex(block, 2 ** 24).attestation.number;

test("a range is bounded in blocks, whatever is asked for", async () => {
  const { blocks, move } = chainOf(0);
  await move(1_000n);
  const { signed, blocks: page } = await blocks.range(1n, Number.MAX_SAFE_INTEGER);
  assert.equal(signed, 1_000n);
  assert.deepEqual(
    page.map(numberOf),
    Array.from({ length: maxRangeBlocks }, (_, index) => BigInt(index + 1)),
  );
});

test("a range is bounded in bytes, and yet never empty where there is a block", async () => {
  const bytes = 300_000;
  const { blocks, move } = chainOf(bytes);
  await move(100n);
  const { blocks: page } = await blocks.range(50n, 64);
  const total = page.reduce((sum, block) => sum + size(block), 0);
  assert.ok(page.length > 1 && total >= maxRangeBytes && total < maxRangeBytes + bytes + 1_000, `${total} bytes`);
  const huge = chainOf(maxRangeBytes);
  await huge.move(3n);
  assert.equal((await huge.blocks.range(1n, 64)).blocks.length, 1);
});

test("new blocks are told in order; of a leap the newest, of a fall none", async () => {
  const { blocks, move } = chainOf(0);
  await move(10n);
  const told: bigint[] = [];
  const end = blocks.subscribe((block) => told.push(numberOf(block)));
  await move(11n);
  await move(13n);
  assert.deepEqual(told.splice(0), [11n, 12n, 13n]);
  await move(100n);
  assert.deepEqual(
    told.splice(0),
    Array.from({ length: 16 }, (_, index) => BigInt(85 + index)),
  );
  await move(50n);
  assert.deepEqual(told.splice(0), []);
  await move(51n);
  assert.deepEqual(told.splice(0), [51n]);
  end();
});

test("nobody listens to the chain when nobody follows", async () => {
  const { blocks, move, listeners } = chainOf(0);
  const ends = [blocks.subscribe(() => undefined), blocks.subscribe(() => undefined)];
  assert.equal(listeners.size, 1);
  for (const end of ends) end();
  assert.equal(listeners.size, 0);
  await move(5n);
  const told: bigint[] = [];
  blocks.subscribe((block) => told.push(numberOf(block)));
  await move(6n);
  assert.deepEqual(told, [6n], "what came while nobody followed is not told");
});
