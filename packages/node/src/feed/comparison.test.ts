import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { EvidenceStore } from "@metis/committee";
import { addressOfKey } from "@metis/protocol";
import type { BlockAttestation } from "@metis/protocol";
import { MemoryStore, silentLogger } from "@metis/runtime";
import type { Hex } from "viem";
import { EpochSetError, fixedEpochSets } from "../pool/epochSets.ts";
import { recoverDigestSigner } from "../signatures.ts";
import { FeedComparison } from "./comparison.ts";
import { domain, FeedWorld, ScriptedFeed, seatKeys, seats, signBlock } from "./feed.fixture.ts";
import type { ScriptedPool } from "./feed.fixture.ts";
import type { FeedBlock } from "./signedBlock.ts";

const other: Hex = `0x${"ab".repeat(32)}`;
const [first, second] = seatKeys.map((key) => addressOfKey(key));

suite("a replica that compares feeds", () => {
  let world: FeedWorld;
  let pool: ScriptedPool;
  let honest: FeedBlock;
  before(async () => {
    world = await FeedWorld.start();
    pool = await world.pool();
    [honest] = (await pool.produce(1)) as [FeedBlock];
  });
  after(() => world.stop());

  /** Another block of the same number, signed by `keys`. */
  const forked = (keys: readonly Hex[], change: Partial<BlockAttestation> = {}): FeedBlock =>
    signBlock(honest.inputs, { ...honest.attestation, blockHash: other, ...change }, keys);

  /** What a node that holds `honest` makes of what feeds show. */
  function comparing(sources: readonly ScriptedFeed[] = [], sets = fixedEpochSets(seats)) {
    const { chain, heads } = pool.node;
    const evidence = new EvidenceStore(new MemoryStore());
    let told = 0;
    const comparison = new FeedComparison({
      sources,
      domain,
      chain,
      heads,
      sets,
      evidence,
      recover: recoverDigestSigner,
      found: () => told++,
      clock: world.clock,
      logger: silentLogger(),
    });
    const accused = () => [...evidence.entries()].map(({ signer }) => signer);
    return { comparison, evidence, accused, told: () => told };
  }

  test("finds everybody who signed both of two blocks of one number, with both signatures, once", async () => {
    const { comparison, evidence, accused, told } = comparing();
    await comparison.compare(forked(seatKeys.slice(0, 2)));
    await comparison.compare(forked(seatKeys.slice(0, 2)));
    assert.deepEqual(accused().toSorted(), [first!, second!].toSorted());
    assert.equal(told(), 2);
    for (const { first: own, second: theirs } of evidence.entries()) {
      assert.deepEqual(own.attestation, honest.attestation);
      assert.equal(theirs.attestation.blockHash, other);
    }
  });

  test("accuses nobody of the block that it holds, of another generation, or of a number that it knows nothing of", async () => {
    const { comparison, accused } = comparing();
    await comparison.compare(honest);
    await comparison.compare(forked(seatKeys, { generation: 1 }));
    await comparison.compare(forked(seatKeys, { number: 9n }));
    assert.deepEqual(accused(), []);
  });

  test("accuses nobody by a signature that is not its own, and nobody of an epoch that L1 has not reached", async () => {
    const { comparison, accused } = comparing();
    const { signatures } = forked(seatKeys, { outputRoot: other });
    await comparison.compare({ ...forked(seatKeys), signatures });
    await comparison.compare({ ...forked(seatKeys), bitmap: 1n << 40n });
    assert.deepEqual(accused(), []);
    const of = () => Promise.reject(new EpochSetError("set-unknown", "retry", "not yet", {}));
    const early = comparing([], { ...fixedEpochSets(seats), of });
    await early.comparison.compare(forked(seatKeys, { epoch: 70n }));
    assert.deepEqual(early.accused(), []);
  });

  test("asks one feed after the other for its own last block, whatever one of them does", async (t) => {
    const [down, honestFeed, forking] = ["down", "honest", "forking"].map((name) => new ScriptedFeed(name, pool));
    down!.down = true;
    forking!.tamper = () => forked(seatKeys.slice(0, 1));
    const { comparison, accused } = comparing([down!, honestFeed!, forking!]);
    await comparison.start();
    t.after(() => comparison.stop());
    await world.until("the fork is found", () => accused().length > 0);
    assert.deepEqual(accused(), [first]);
    assert.deepEqual(
      [down, honestFeed, forking].map((feed) => feed!.ranges > 0),
      [true, true, true],
    );
  });
});
