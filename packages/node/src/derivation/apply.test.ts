import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { BlockView } from "@metis/mvm";
import { genesisHeader, profiles, zeroAddress, zeroHash } from "@metis/protocol";
import type { BlockInputs, Generation } from "@metis/protocol";
import { createMetrics, MemoryStore, silentLogger } from "@metis/runtime";
import type { SignedBlock } from "../heads/records.ts";
import { ChainStore } from "../heads/store.ts";
import { SigningStatus } from "../sequencer/status.ts";
import { BatchApplier } from "./apply.ts";

const config = {
  ...profiles.devnet.chain,
  l1ChainId: 1n,
  l2ChainId: 2n,
  genesisAnchorNumber: 0n,
  genesisAnchorHash: zeroHash,
  genesisAnchorTime: 0n,
};

const inputsOf = (generation: Generation): BlockInputs => ({
  number: 1n,
  time: 1n,
  generation,
  flags: 0,
  proposer: zeroAddress,
  anchorNumber: 0n,
  anchorHash: zeroHash,
  depositStart: 0n,
  depositEnd: 0n,
  rate: 0n,
  attendance: "0x",
  transactions: [],
});

/** A node that holds block 1 of generation 0, signed by the pool or not, and takes over another block 1 of `generation` from L1. */
async function contradicted(generation: Generation, isSigned: boolean) {
  const chain = new ChainStore(new MemoryStore());
  if (isSigned) await chain.putSigned({ number: 1n, hash: zeroHash }, {} as SignedBlock);
  const status = new SigningStatus(chain, silentLogger(), createMetrics());
  const block = { hash: zeroHash, outputRoot: zeroHash, inputs: inputsOf(0) } as unknown as BlockView;
  const signing: boolean[] = [];
  const writer = {
    holds: async () => "other" as const,
    takeBack: async () => void signing.push(status.state().may),
    execute: async () => void signing.push(status.state().may),
  };
  const reader = { block: async () => block };
  const applier = new BatchApplier({ config, writer, reader, chain, status, logger: silentLogger() });
  const place = { batchHash: zeroHash, l1BlockNumber: 1n, l1BlockHash: zeroHash, transactionHash: zeroHash };
  const header = genesisHeader({ number: 0n, hash: zeroHash, time: 0n });
  const genesis = await applier.genesis({ ...place, header, versionedHashes: [], payload: undefined });
  const roots = { inputsRoot: zeroHash, outputsRoot: zeroHash, claimedOutputRoots: [] };
  await applier.adopt(genesis, {
    batch: { ...place, header: { ...header, batchIndex: 1n, generation }, versionedHashes: [], payload: undefined },
    gathered: { request: undefined as never, anchors: new Map(), deposits: [] },
    result: { reason: undefined, blocks: [inputsOf(generation)], ...roots },
  });
  return { signing, status };
}

suite("a batch that contradicts a block that is here", () => {
  test("of a higher generation: signing ends before blocks are taken back, and goes on once the batch is derived", async () => {
    const { signing, status } = await contradicted(1, true);
    assert.deepEqual(signing, [false, false]);
    assert.deepEqual(status.state(), { may: true, generation: 1 });
    assert.equal(status.divergence, undefined);
  });

  test("of the same generation, signed by the pool: signing stands still until the generation rises", async () => {
    const { signing, status } = await contradicted(0, true);
    assert.deepEqual(signing, [false, false]);
    assert.equal(status.divergence?.kind, "batch-contradicts");
    status.adopt(1);
    assert.deepEqual(status.state(), { may: true, generation: 1 });
  });

  test("of the same generation, not certified: the node follows L1 and goes on", async () => {
    const { status } = await contradicted(0, false);
    assert.deepEqual(status.state(), { may: true, generation: 0 });
  });
});
