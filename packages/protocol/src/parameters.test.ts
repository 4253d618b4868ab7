import assert from "node:assert/strict";
import { test } from "node:test";
import { epochOf, emptyClaim, genesisClaim, genesisHeader, isEmptyClaim } from "./genesis.ts";
import { zeroHash } from "./deposit.ts";
import { assertChainParameters, assertProfile, profiles, type Profile } from "./parameters.ts";

for (const profile of Object.values(profiles))
  test(`the ${profile.name} profile contradicts nothing`, () => {
    assertProfile(profile);
  });

const { devnet, fast } = profiles;
const breaking: readonly [string, Profile][] = [
  ["maxAnchorStep < epochLength", { ...devnet, chain: { ...devnet.chain, maxAnchorStep: 60 } }],
  ["blockTime >= 1", { ...devnet, chain: { ...devnet.chain, blockTime: 0.5 } }],
  ["depositGasLimit <= gasLimit", { ...devnet, chain: { ...devnet.chain, depositGasLimit: 30_000_001n } }],
  ["maxBatchBytes fits six blobs after deflate", { ...devnet, chain: { ...devnet.chain, maxBatchBytes: 737_281 } }],
  ["silentEjection + pinWindow < escapeDelay", { ...devnet, l1: { ...devnet.l1, pinWindow: 60 } }],
  ["exitDelay > challenge + trace + refute + evidence windows", { ...devnet, l1: { ...devnet.l1, exitDelay: 390 } }],
  ["leakStart < silentEjection", { ...devnet, l1: { ...devnet.l1, leakStart: 120 } }],
  ["silentEjection < exitDelay", { ...fast, l1: { ...fast.l1, exitDelay: 80 } }],
  ["daChallengeWindow + daResolveWindow < challengeWindow", { ...devnet, l1: { ...devnet.l1, daResolveWindow: 100 } }],
];
for (const [relation, profile] of breaking)
  test(`nothing starts when this is broken: ${relation}`, () => {
    assert.throws(() => assertProfile(profile), {
      code: "parameters-contradict",
      remedy: "halt",
      payload: { broken: [relation] },
    });
  });

test("chain parameters are checked without a profile", () => {
  assert.throws(() => assertChainParameters({ ...devnet.chain, term: 0 }), { payload: { broken: ["term >= 1"] } });
});

const config = { genesisAnchorNumber: 12n, epochLength: 60 };
test("an epoch starts with the genesis anchor and every epochLength L1 blocks after it", () => {
  assert.deepEqual(
    [12n, 71n, 72n, 131n, 132n].map((anchor) => epochOf(config, anchor)),
    [0n, 0n, 1n, 1n, 2n],
  );
  assert.throws(() => epochOf(config, 11n), RangeError);
});

test("an empty claim says nothing but its batch", () => {
  const header = genesisHeader({ number: 12n, hash: zeroHash, time: 5n });
  assert.ok(isEmptyClaim(emptyClaim(header)));
  const preimage = { stateRoot: zeroHash, messagePasserStorageRoot: zeroHash, blockHash: zeroHash };
  assert.ok(!isEmptyClaim(genesisClaim(header, preimage)));
});
