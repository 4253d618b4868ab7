import assert from "node:assert/strict";
import { test } from "node:test";
import type { BlockView } from "@metis/mvm";
import { batchHash, genesisHeader, profiles, zeroHash } from "@metis/protocol";
import { createMetrics, MemoryStore, silentLogger, systemClock } from "@metis/runtime";
import { ChainHeads } from "../heads/heads.ts";
import { ChainStore } from "../heads/store.ts";
import { L1Error } from "../l1/errors.ts";
import { SigningStatus } from "../sequencer/status.ts";
import { BatchApplier } from "./apply.ts";
import { Derivation } from "./derivation.ts";
import type { DerivationOptions } from "./derivation.ts";

const config = {
  ...profiles.devnet.chain,
  l1ChainId: 1n,
  l2ChainId: 2n,
  genesisAnchorNumber: 0n,
  genesisAnchorHash: zeroHash,
  genesisAnchorTime: 0n,
};

test("a handover is followed only once the batches before it are derived, however long L1 keeps them", async (t) => {
  const chain = new ChainStore(new MemoryStore());
  const logger = silentLogger();
  const status = new SigningStatus(chain, logger, createMetrics());
  const genesis = { hash: zeroHash, outputRoot: zeroHash } as unknown as BlockView;
  const reader = { block: async () => genesis, head: () => ({ number: 0n, hash: zeroHash }) };
  const writer = { holds: async () => "same", takeBack: async () => undefined, execute: async () => undefined };
  const header = genesisHeader({ number: 0n, hash: zeroHash, time: 0n });
  const place = { batchHash: batchHash(header), l1BlockNumber: 9n, l1BlockHash: zeroHash, transactionHash: zeroHash };
  const batch = { ...place, header, versionedHashes: [], payload: undefined };
  const l1Block = (number: bigint) => ({ number, hash: zeroHash, parentHash: zeroHash, timestamp: 0n });
  let asked = 0;
  const batches = async () => {
    if (asked++ < 2) throw new L1Error("l1-unavailable", "retry", "L1 keeps it", {});
    return [batch];
  };
  const derivedBefore: (bigint | undefined)[] = [];
  const followed = Promise.withResolvers<void>();
  const follow = async (): Promise<void> => {
    derivedBefore.push(chain.lastDerived()?.header.batchIndex);
    followed.resolve();
  };
  const head = { number: 0n, hash: zeroHash };
  const derivation = new Derivation({
    config,
    l1: { block: async (number: bigint) => l1Block(number) },
    source: { block: async (number: bigint) => l1Block(number), batches },
    sink: new BatchApplier({ config, writer, reader, chain, status, logger } as never),
    watcher: { view: { head: l1Block(20n) }, subscribe: () => () => undefined },
    writer,
    handovers: { follow },
    reader,
    chain,
    heads: new ChainHeads({ unsafe: head, signed: head, safe: head, finalized: head }, createMetrics()),
    status,
    clock: systemClock(),
    logger,
    pollMs: 1,
  } as unknown as DerivationOptions);
  t.after(() => derivation.stop());
  await derivation.start();
  await followed.promise;
  assert.equal(derivedBefore[0], 0n);
  assert.ok(asked > 2);
});
