import assert from "node:assert/strict";
import { test } from "node:test";
import { genesisHeader, zeroAddress, zeroHash } from "@metis/protocol";
import { MemoryStore } from "@metis/runtime";
import { numberToHex } from "viem";
import type { CutBatch, DerivedBatch, SignedBlock } from "./records.ts";
import { ChainStore } from "./store.ts";

const hash = (value: number | bigint) => numberToHex(value, { size: 32 });
const header = genesisHeader({ number: 0n, hash: zeroHash, time: 0n });
const certificate = { bitmap: 1n, signatures: "0x", members: [{ signer: zeroAddress, weight: 1n }] } as const;

const derived = (batchIndex: bigint, firstBlock: bigint, lastBlock: bigint): DerivedBatch => ({
  header: { ...header, batchIndex },
  batchHash: hash(batchIndex),
  l1BlockNumber: batchIndex,
  l1BlockHash: zeroHash,
  transactionHash: zeroHash,
  firstBlock,
  lastBlock,
  lastBlockHash: zeroHash,
  outputRoots: [zeroHash],
  inputsRoot: zeroHash,
  verdict: { kind: "good" },
});
const signed = (number: bigint): SignedBlock => ({
  attestation: {
    generation: 0,
    epoch: 0n,
    number,
    blockHash: hash(number),
    outputRoot: zeroHash,
    anchorNumber: 0n,
    anchorHash: zeroHash,
  },
  certificate,
});

test("the batch of a block is found, whatever the batches' lengths", async () => {
  const store = new ChainStore(new MemoryStore());
  const batches = [derived(0n, 0n, 0n), derived(1n, 1n, 9n), derived(2n, 10n, 10n), derived(3n, 11n, 20n)];
  for (const batch of batches) await store.putDerived(batch);
  for (let number = 0n; number <= 20n; number++) {
    const wanted = batches.find(({ firstBlock, lastBlock }) => number >= firstBlock && number <= lastBlock);
    assert.equal(store.derivedOf(number)?.header.batchIndex, wanted?.header.batchIndex);
  }
  assert.equal(store.derivedOf(21n), undefined);
});

test("batches that L1 took back are forgotten, those before stay", async () => {
  const store = new ChainStore(new MemoryStore());
  for (let index = 0n; index < 4n; index++) await store.putDerived(derived(index, index, index));
  await store.dropDerived(2n);
  assert.equal(store.lastDerived()?.header.batchIndex, 1n);
});

test("certificates and batches that L1 contradicts become evidence, and nothing else does", async () => {
  const memory = new MemoryStore();
  const store = new ChainStore(memory);
  for (let number = 1n; number <= 5n; number++) await store.putSigned({ number, hash: hash(number) }, signed(number));
  const cut: CutBatch = {
    header: { ...header, batchIndex: 2n },
    claim: {} as never,
    certificate,
    versionedHashes: [],
    payload: "0x",
  };
  await store.putCut(cut);
  await store.setAside(3n, 0, 2n);
  const reopened = new ChainStore(memory.reopened());
  assert.equal(reopened.certificate(3n)?.attestation.number, 3n);
  assert.equal(reopened.certificate(4n), undefined);
  assert.equal(reopened.cut(2n), undefined);
  assert.deepEqual(
    [...reopened.evidence()].map(([name]) => name),
    ["batch/0/2", "block/0/4", "block/0/5"],
  );
});

test("the signed mark and its certificate are written together", async () => {
  const memory = new MemoryStore();
  await new ChainStore(memory).putSigned({ number: 7n, hash: hash(7) }, signed(7n));
  const reopened = new ChainStore(memory.reopened());
  assert.deepEqual(reopened.marks().signed, { number: 7n, hash: hash(7) });
  assert.equal(reopened.certificate(7n)?.attestation.blockHash, hash(7));
});
