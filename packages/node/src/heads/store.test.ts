import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openLmdbStore } from "@metis/runtime";
import { zeroHash } from "viem";
import type { SignedBlock } from "./records.ts";
import { ChainStore } from "./store.ts";

test("marks that are written at the same time all survive", async (context) => {
  const path = mkdtempSync(join(tmpdir(), "metis-marks-"));
  const store = openLmdbStore({ path });
  context.after(async () => {
    await store.close();
    rmSync(path, { recursive: true });
  });
  const chain = new ChainStore(store);
  const signed = { number: 7n, hash: zeroHash };
  await Promise.all([
    chain.setMarks({ finalizedBatch: 1n }),
    chain.putSigned(signed, {} as SignedBlock),
    chain.setMarks({ finalizedBatch: 2n }),
  ]);
  assert.deepEqual(chain.marks(), { signed, finalizedBatch: 2n });
});
