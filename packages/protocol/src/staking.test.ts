import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { concatHex, hashTypedData, keccak256, type Address, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  blockAttestationHash,
  chooseSet,
  equivocationId,
  profiles,
  recoverSigner,
  setHash,
  signerProofDigest,
  signerProofTypedData,
  signerPublicKey,
  stakeWeight,
  totalWeight,
  weightCap,
  type BlockAttestation,
  type StakedSeat,
} from "./index.ts";

interface Vector<In, Out> {
  readonly name: string;
  readonly input: In;
  readonly output: Out;
}
const vectors = <In, Out>(file: string): Vector<In, Out>[] =>
  JSON.parse(readFileSync(new URL(`../../../docs/spec/vectors/${file}.json`, import.meta.url), "utf8")) as Vector<
    In,
    Out
  >[];

interface SetInput {
  readonly maxLock: string;
  readonly ejectionBelow: string;
  readonly maxSeats: string;
  readonly seats: readonly { seqId: string; signer: Address; own: string; delegated: string; jailed: boolean }[];
}
interface SetOutput {
  readonly signers: Address[];
  readonly weights: string[];
  readonly totalWeight: string;
  readonly setHash: Hex;
}
for (const { name, input, output } of vectors<SetInput, SetOutput>("sequencerSet"))
  test(`sequencerSet: ${name}`, () => {
    const candidates = input.seats.map((seat): StakedSeat => ({
      ...seat,
      seqId: BigInt(seat.seqId),
      own: BigInt(seat.own),
      delegated: BigInt(seat.delegated),
    }));
    const rules = {
      maxLock: BigInt(input.maxLock),
      ejectionBelow: BigInt(input.ejectionBelow),
      maxSeats: Number(input.maxSeats),
    };
    const set = chooseSet(candidates, rules);
    assert.deepEqual(
      set.map(({ signer, weight }) => [signer, weight.toString()]),
      output.signers.map((signer, i) => [signer, output.weights[i]]),
    );
    assert.equal(totalWeight(set), BigInt(output.totalWeight));
    assert.equal(setHash(set), output.setHash);
  });

interface ProofInput {
  readonly l1ChainId: string;
  readonly lockingPool: Address;
  readonly owner: Address;
  readonly signer: Address;
}
for (const { name, input, output } of vectors<ProofInput, { digest: Hex; proof: Hex }>("signerProof"))
  test(`signerProof: ${name}`, () => {
    const request = { ...input, l1ChainId: BigInt(input.l1ChainId) };
    assert.equal(signerProofDigest(request), output.digest);
    assert.equal(hashTypedData(signerProofTypedData(request)), output.digest);
    assert.equal(recoverSigner(output.digest, output.proof), input.signer);
  });

interface EvidenceInput {
  readonly domainSeparator: Hex;
  readonly seqId: string;
  readonly attestationA: Record<string, string>;
  readonly attestationB: Record<string, string>;
}
interface EvidenceOutput {
  readonly signer: Address;
  readonly digestA: Hex;
  readonly digestB: Hex;
  readonly signatureA: Hex;
  readonly signatureB: Hex;
  readonly evidenceId: Hex;
}
const attestationOf = (fields: Record<string, string>): BlockAttestation =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value.startsWith("0x") ? value : key === "generation" ? Number(value) : BigInt(value),
    ]),
  ) as unknown as BlockAttestation;
for (const { name, input, output } of vectors<EvidenceInput, EvidenceOutput>("equivocation"))
  test(`equivocation: ${name}`, () => {
    const [a, b] = [attestationOf(input.attestationA), attestationOf(input.attestationB)];
    const digest = (value: BlockAttestation): Hex =>
      keccak256(concatHex(["0x1901", input.domainSeparator, blockAttestationHash(value)]));
    assert.deepEqual([digest(a), digest(b)], [output.digestA, output.digestB]);
    assert.equal(recoverSigner(output.digestA, output.signatureA), output.signer);
    assert.equal(recoverSigner(output.digestB, output.signatureB), output.signer);
    assert.equal(equivocationId(BigInt(input.seqId), a.generation, a.number), output.evidenceId);
  });

test("no seat of four or more holds a third, and a larger cap would not keep it so", () => {
  const weight = fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(1n, 10n ** 23n));
  fc.assert(
    fc.property(fc.array(weight, { minLength: 4, maxLength: 64 }), (given) => {
      const weights = given.toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0));
      const capped = (cap: bigint): bigint => weights.reduce((sum, value) => sum + (value < cap ? value : cap), 0n);
      const cap = weightCap(weights);
      assert.ok(3n * cap < capped(cap));
      assert.ok(cap === weights[0] || 3n * (cap + 1n) >= capped(cap + 1n));
    }),
  );
});

test("a stake weighs at most five times what its owner put in", () => {
  const { maxLock } = profiles.mainnet.l1;
  fc.assert(
    fc.property(fc.bigInt(0n, maxLock), fc.bigInt(0n, 10n * maxLock), (own, delegated) => {
      const weight = stakeWeight(own, delegated, maxLock);
      assert.ok(weight <= maxLock && weight <= 5n * own && weight <= own + delegated);
      assert.ok(weight === maxLock || weight === 5n * own || weight === own + delegated);
    }),
  );
});

test("a set does not depend on the order in which seats stand in line", () => {
  const { l1 } = profiles.mainnet;
  const seat = fc.record({
    own: fc.bigInt(10_000n, 100_000n).map((amount) => amount * 10n ** 18n),
    delegated: fc.bigInt(0n, 10n ** 23n),
    jailed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(seat, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (seats, keys) => {
      const line = seats.map((given, i): StakedSeat => ({
        ...given,
        seqId: BigInt(i + 1),
        signer: `0x${(0x1000 + i * 7).toString(16).padStart(40, "0")}`,
      }));
      const shuffled = line
        .map((entry) => ({ entry, key: keys.next().value as number }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ entry }) => entry);
      assert.deepEqual(chooseSet(shuffled, l1), chooseSet(line, l1));
    }),
  );
});

test("a signer's public key goes to the contract without its prefix", () => {
  const { publicKey, address } = privateKeyToAccount(`0x${"11".repeat(32)}`);
  assert.equal(`0x${keccak256(signerPublicKey(publicKey)).slice(26)}`, address.toLowerCase());
  assert.throws(() => signerPublicKey(`0x02${"11".repeat(32)}`), RangeError);
});
