import assert from "node:assert/strict";
import { after, test } from "node:test";
import { blobLength } from "@metis/rollup";
import { MemoryStore } from "@metis/runtime";
import { bytesToHex } from "viem";
import { Kzg, versionedHashOf } from "./kzg.ts";
import { openKzg, remembering } from "./kzgWorker.ts";
import { blobPage } from "./pages.ts";
import { BlobStore } from "./store.ts";

const kzg = new Kzg();
after(() => kzg.close());

const payload = Uint8Array.from({ length: 5_000 }, (_, index) => (index * 7 + 1) & 0xff);

test("the native library and the portable one name a blob alike", async () => {
  const blob = new Uint8Array(blobLength);
  blob.set(payload.subarray(0, 31), 1);
  const portable = await openKzg("portable");
  assert.equal(await kzg.versionedHash(blob), versionedHashOf(portable.commitment(blob)));
});

test("a blob is committed to once while it is remembered, and never gets another's commitment", () => {
  const committed: number[] = [];
  const { commitment } = remembering({
    commitment: (blob) => (committed.push(blob[0]!), blob.slice(0, 1)),
    cellProofs: () => [],
  });
  const blobs = Array.from({ length: 20 }, (_, index) => Uint8Array.of(index));
  const all = [...blobs, ...blobs.slice(-16), blobs[0]!];
  assert.deepEqual(all.map(commitment), all);
  assert.deepEqual(committed, [...blobs.keys(), 0]);
});

test("a sidecar has 128 cell proofs of 48 bytes and the commitment behind the versioned hash", async () => {
  const blob = new Uint8Array(blobLength);
  blob[5] = 1;
  const { versionedHash, commitment, cellProofs } = await kzg.sidecar(blob);
  assert.equal(versionedHash, versionedHashOf(commitment));
  assert.equal(cellProofs.length, 128);
  assert.ok(cellProofs.every((proof) => proof.length === 48));
});

test("a kept blob comes back whole, although the zeros at its end are not stored", async () => {
  const memory = new MemoryStore();
  const store = new BlobStore(memory, kzg);
  const [hash] = await store.putPayload(payload);
  const blob = store.get(hash!)!;
  assert.equal(blob.length, blobLength);
  assert.equal(await kzg.versionedHash(blob), hash);
  const [entry] = memory.entries();
  assert.ok(entry![1].length < 2 * payload.length);
});

test("blobs are served by their versioned hashes, and nothing else under that path", async () => {
  const store = new BlobStore(new MemoryStore(), kzg);
  const [hash] = await store.putPayload(payload);
  const unknown = `0x01${"ab".repeat(31)}`;
  const url = (query: string) => new URL(`http://node/eth/v1/beacon/blobs/12?${query}`);
  const expected = { execution_optimistic: false, finalized: false, data: [bytesToHex(store.get(hash!)!)] };
  assert.deepEqual(await blobPage(store, url(`versioned_hashes=${hash},${unknown}`)), expected);
  assert.deepEqual(await blobPage(store, url("versioned_hashes=0x12")), { ...expected, data: [] });
  assert.equal(await blobPage(store, new URL("http://node/eth/v1/beacon/genesis")), undefined);
});
