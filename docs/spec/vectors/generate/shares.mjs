// fees.md: who shares an epoch's fees, what posting a batch costs, and what of it is paid back.
import { randomUint, write } from "./encoding.mjs";

const metis = 10n ** 18n;
const gwei = 10n ** 9n;
const least = (...values) => values.reduce((a, b) => (b < a ? b : a));
const most = (a, b) => (a > b ? a : b);
const sumOf = (values) => values.reduce((sum, value) => sum + value, 0n);
const texts = (value) =>
  Array.isArray(value)
    ? value.map(texts)
    : typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, texts(item)]))
      : typeof value === "bigint" || typeof value === "number"
        ? String(value)
        : value;
const vector = (outputOf) => (name, input) => ({ name, input: texts(input), output: texts(outputOf(input)) });

/** Fees in METIS wei, feeProposerShare in basis points; of the members of one set, in its order. */
function sharesOf({ fees, feeProposerShare: share, blocks, members }) {
  const total = sumOf(members.map(({ weight }) => weight));
  const shares = members.map(({ weight, proposed, attested }) =>
    blocks === 0n || attested * 2n < blocks
      ? 0n
      : (fees * (share * proposed * total + (10_000n - share) * attested * weight)) / (10_000n * blocks * total),
  );
  return { shares, stays: fees - sumOf(shares) };
}
const shares = vector(sharesOf);
const did = (weight, proposed, attested) => ({
  weight: BigInt(weight) * metis,
  proposed: BigInt(proposed),
  attested: BigInt(attested),
});
const epoch = (fees, feeProposerShare, blocks, ...members) => ({
  fees: BigInt(fees),
  feeProposerShare: BigInt(feeProposerShare),
  blocks: BigInt(blocks),
  members,
});
const many = Array.from({ length: 9 }, (_, i) => did(20_000 + 10_000 * (i % 9), i * 11, 300 - 20 * i));

write("feeShares", [
  shares(
    "the example of fees.md",
    epoch(1_000, 4_000, 100, did(50_000, 40, 100), did(50_000, 60, 100), did(50_000, 0, 50), did(50_000, 0, 49)),
  ),
  shares(
    "weights that differ, and a rest of a few wei",
    epoch(1_000_000_007, 5_000, 7, did(20_000, 3, 7), did(34_000, 2, 7), did(100_000, 2, 7)),
  ),
  shares("the least for leaders", epoch(10n ** 21n, 1_000, 100, did(20_000, 100, 100), did(100_000, 0, 100))),
  shares("the most for leaders", epoch(10n ** 21n, 9_000, 100, did(20_000, 100, 100), did(100_000, 0, 100))),
  shares(
    "who leads and is away for more than half",
    epoch(10n ** 18n, 5_000, 101, did(50_000, 60, 50), did(50_000, 41, 51)),
  ),
  shares("a set of three words", epoch(randomUint(70), 3_333, 400, ...many)),
  shares("blocks of nobody in the set", epoch(10n ** 18n, 5_000, 10, did(50_000, 0, 10), did(50_000, 0, 10))),
  shares("nothing was counted", epoch(10n ** 18n, 5_000, 0, did(50_000, 0, 0), did(50_000, 0, 0))),
  shares("no fees", epoch(0, 5_000, 10, did(50_000, 10, 10), did(50_000, 0, 10))),
]);

/** Price of blob gas for an excess, with Prague's update fraction (EIP-4844, EIP-7691). */
function blobBaseFeeOf(excess) {
  const fraction = 5_007_716n;
  let [sum, term] = [0n, fraction];
  for (let i = 1n; term > 0n; i++) {
    sum += term;
    term = (term * excess) / (fraction * i);
  }
  return sum / fraction;
}

/** Bytes of the call, gas of what it executes without the 15,000 of the record, and prices in wei. */
function costOf({
  zeros,
  others,
  execution,
  blobs,
  gasPrice,
  baseFee,
  blobBaseFee,
  gasPriceCap,
  tipCap,
  blobPriceCap,
}) {
  const gas = 21_000n + most(4n * zeros + 16n * others + execution + 15_000n, 10n * zeros + 40n * others);
  const price = least(gasPrice, baseFee + tipCap, gasPriceCap);
  return { gas, cost: gas * price + blobs * 131_072n * least(blobBaseFee, blobPriceCap) };
}
const posting = vector(costOf);
const call = (zeros, others, execution) => ({
  zeros: BigInt(zeros),
  others: BigInt(others),
  execution: BigInt(execution),
});
const caps = { gasPriceCap: 100n * gwei, tipCap: 2n * gwei, blobPriceCap: 50n * gwei };
const block = (baseFee, gasPrice, blobs, excessBlobGas) => ({
  baseFee,
  gasPrice,
  blobs: BigInt(blobs),
  excessBlobGas,
  blobBaseFee: blobBaseFeeOf(excessBlobGas),
  ...caps,
});

write("postingCost", [
  posting("calldata", { ...call(700, 900, 150_000), ...block(10n * gwei, 11n * gwei, 0, 0n) }),
  posting("calldata at the floor", { ...call(1_000, 100_000, 900_000), ...block(10n * gwei, 11n * gwei, 0, 0n) }),
  posting("a byte below the floor", { ...call(0, 1_000, 9_001), ...block(gwei, gwei, 0, 0n) }),
  posting("where both are the same", { ...call(0, 1_000, 9_000), ...block(gwei, gwei, 0, 0n) }),
  posting("six blobs", { ...call(700, 900, 180_000), ...block(10n * gwei, 11n * gwei, 6, 20_609_697n) }),
  posting("a dear blob, up to its cap", { ...call(700, 900, 180_000), ...block(gwei, gwei, 1, 130_000_000n) }),
  posting("a tip above its cap", { ...call(700, 900, 150_000), ...block(10n * gwei + 1n, 90n * gwei, 0, 0n) }),
  posting("a price above its cap", { ...call(700, 900, 150_000), ...block(400n * gwei, 401n * gwei, 2, 0n) }),
  posting("a price below the base fee and the tip", {
    ...call(700, 900, 150_000),
    ...block(10n * gwei, 10n * gwei + 3n, 0, 0n),
  }),
  posting("no tip is paid back", { ...call(700, 900, 150_000), ...block(gwei, 2n * gwei, 1, 0n), tipCap: 0n }),
  posting("a simulation at no price", { ...call(700, 900, 150_000), ...block(gwei, 0n, 0, 0n) }),
]);

/** `held` METIS wei are in the vault and not granted yet; costs in wei of ETH; the rate in METIS wei for 1 ETH. */
function refundsOf({ costs, rate, held }) {
  const owed = sumOf(costs);
  const granted = least((owed * rate) / metis, held);
  return { granted, refunds: costs.map((cost) => (owed === 0n ? 0n : (granted * cost) / owed)) };
}
const refunds = vector(refundsOf);
const blobGas = 131_072n;

write("postingRefunds", [
  refunds("the whole cost", { costs: [3n * blobGas * gwei, blobGas * gwei], rate: 150n * metis + 1n, held: metis }),
  refunds("less than is owed is shared by cost", {
    costs: [6n * blobGas * gwei, blobGas * 7n, 5n * blobGas * 1_000n],
    rate: 150n * metis,
    held: 1_001n,
  }),
  refunds("to the wei what is owed", { costs: [blobGas, blobGas], rate: metis, held: 2n * blobGas }),
  refunds("an empty vault", { costs: [blobGas * gwei], rate: 150n * metis, held: 0n }),
  refunds("a rate of nothing", { costs: [blobGas * gwei], rate: 0n, held: metis }),
  refunds("nobody posted", { costs: [], rate: 150n * metis, held: metis }),
]);
