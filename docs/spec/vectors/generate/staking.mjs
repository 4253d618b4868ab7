// Vectors of staking.md: the set that a freeze stores, proofs of possession, equivocation.
import { address, join, keccak, random, randomUint, text, word, write } from "./encoding.mjs";
import { addressOf, configs, digest, domainSeparator, keyOf, randomStruct, sign } from "./signed.mjs";

const metis = 10n ** 18n;
const minimum = (...values) => values.reduce((a, b) => (b < a ? b : a));
const sum = (values) => values.reduce((a, b) => a + b, 0n);

/** The largest c with 3c below the sum of the weights capped at c, up to the largest weight: by bisection. */
function capOf(weights) {
  let low = 0n;
  let high = weights.reduce((a, b) => (a > b ? a : b)) + 1n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (3n * middle < sum(weights.map((weight) => minimum(weight, middle)))) low = middle;
    else high = middle;
  }
  return low;
}

/** Seats one by one, the heaviest of those left each time. */
function setOf({ maxLock, ejectionBelow, maxSeats, seats }) {
  const left = seats
    .filter((seat) => !seat.jailed && BigInt(seat.own) >= BigInt(ejectionBelow))
    .map(({ seqId, signer, own, delegated }) => {
      const weight = minimum(BigInt(own) + BigInt(delegated), 5n * BigInt(own), BigInt(maxLock));
      return { seqId: Number(seqId), signer, weight };
    });
  const chosen = [];
  while (left.length > 0 && chosen.length < Number(maxSeats)) {
    let best = 0;
    left.forEach((seat, i) => {
      const heavier = seat.weight > left[best].weight;
      if (heavier || (seat.weight === left[best].weight && seat.seqId < left[best].seqId)) best = i;
    });
    chosen.push(...left.splice(best, 1));
  }
  const cap = chosen.length < 4 ? undefined : capOf(chosen.map(({ weight }) => weight));
  return chosen
    .map(({ signer, weight }) => ({ signer, weight: cap === undefined ? weight : minimum(weight, cap) }))
    .toSorted((a, b) => (a.signer < b.signer ? -1 : 1));
}

const seat = (i, own, delegated = 0, jailed = false) => ({
  seqId: String(i + 1),
  signer: address(),
  own: (BigInt(own) * metis).toString(),
  delegated: (BigInt(delegated) * metis).toString(),
  jailed,
});
function setVector(name, seats, maxSeats = 16) {
  const input = {
    maxLock: (100_000n * metis).toString(),
    ejectionBelow: (18_000n * metis).toString(),
    maxSeats: String(maxSeats),
    seats,
  };
  const members = setOf(input);
  const list = join(word(members.length), ...members.flatMap((m) => [word(m.signer), word(m.weight)]));
  return {
    name,
    input,
    output: {
      signers: members.map(({ signer }) => signer),
      weights: members.map(({ weight }) => weight.toString()),
      totalWeight: sum(members.map(({ weight }) => weight)).toString(),
      setHash: keccak(join(word(32), list)),
    },
  };
}
const owns = (...amounts) => amounts.map((own, i) => seat(i, own));
write("sequencerSet", [
  setVector("one seat", owns(20_000)),
  setVector("below four seats nothing is capped", owns(100_000, 20_000, 20_000)),
  setVector("four equal seats", owns(20_000, 20_000, 20_000, 20_000)),
  setVector("the heaviest is capped", owns(20_000, 100_000, 20_000, 20_000)),
  setVector("the two heaviest are capped", owns(100_000, 20_000, 90_000, 20_000)),
  setVector("three heavy seats cap none", owns(100_000, 100_000, 100_000, 20_000)),
  setVector("seats below the floor and in jail are left out", [
    seat(0, 17_999),
    seat(1, 18_000),
    seat(2, 50_000, 0, true),
    seat(3, 50_000),
  ]),
  setVector("delegated stake counts up to four times the own, and to the maximum", [
    seat(0, 20_000, 30_000),
    seat(1, 18_500, 90_000),
    seat(2, 60_000, 60_000),
    seat(3, 60_000, 10_000),
    seat(4, 40_000),
  ]),
  setVector("among equals the older seats are in", owns(30_000, 20_000, 20_000, 25_000, 20_000, 20_000), 4),
  setVector(
    "sixteen of twenty",
    Array.from({ length: 20 }, (_, i) => seat(i, 20_000 + Number(randomUint(16)), Number(randomUint(14)))),
  ),
]);

const proofDigest = ({ l1ChainId, lockingPool, owner, signer }) => {
  const domain = keccak(
    join(
      keccak(text("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")),
      keccak(text("Metis LockingPool")),
      keccak(text("1")),
      word(l1ChainId),
      word(lockingPool),
    ),
  );
  const message = keccak(join(keccak(text("SignerProof(address owner,address signer)")), word(owner), word(signer)));
  return keccak(join("0x1901", domain, message));
};
write(
  "signerProof",
  ["31337", "1"].map((l1ChainId, i) => {
    const input = { l1ChainId, lockingPool: address(), owner: address(), signer: addressOf(keyOf(i)) };
    const hash = proofDigest(input);
    return { name: `chain ${l1ChainId}`, input, output: { digest: hash, proof: sign(keyOf(i), hash) } };
  }),
);

const equivocation = 1;
write(
  "equivocation",
  ["another block", "another anchor alone"].map((name, i) => {
    const attestationA = randomStruct("BlockAttestation");
    const attestationB =
      i === 0
        ? { ...randomStruct("BlockAttestation"), generation: attestationA.generation, number: attestationA.number }
        : { ...attestationA, anchorHash: random(32) };
    const seqId = String(i + 3);
    const { generation, number } = attestationA;
    const digests = [attestationA, attestationB].map((value) => digest(configs[0], "BlockAttestation", value));
    return {
      name,
      input: { domainSeparator: domainSeparator(configs[0]), seqId, attestationA, attestationB },
      output: {
        signer: addressOf(keyOf(i)),
        digestA: digests[0],
        digestB: digests[1],
        signatureA: sign(keyOf(i), digests[0]),
        signatureB: sign(keyOf(i), digests[1]),
        evidenceId: keccak(join(word(equivocation), word(seqId), word(generation), word(number))),
      },
    };
  }),
);
