// Vectors of the L1 data fee: FastLZ sizes by Solady itself, and the formula of execution.md.
import { createRequire } from "node:module";
import { join, length, random, randomUint, toHex, write } from "./encoding.mjs";

const { LibZip } = createRequire(import.meta.url)("solady");
const size = (hex) => length(LibZip.flzCompress(hex));

const zeros = (count) => toHex(new Uint8Array(count));
const few = (count) => toHex(Uint8Array.from({ length: count }, (_, i) => (i * i + (i >> 3)) % 3));
const sentence = toHex(new TextEncoder().encode("the quick brown fox jumps over the lazy dog"));
const calldata = join(...Array.from({ length: 12 }, () => join(zeros(12), random(20), zeros(30), random(2))));

const inputs = [
  ...[1, 2, 12, 13, 14, 15, 16, 31, 32, 33, 64, 65].map((n) => [`${n} zero bytes`, zeros(n)]),
  ...[20, 31, 32, 33, 100, 110, 300].map((n) => [`${n} random bytes`, random(n)]),
  ...[50, 200, 263, 264, 265, 300, 600].map((n) => [`${n} bytes of three values`, few(n)]),
  ["a long run", zeros(1200)],
  ["addresses and amounts", calldata],
  ["a repetition inside the window", join(sentence, random(8000), sentence)],
  ["a repetition outside the window", join(sentence, random(8300), sentence)],
];
write(
  "fastlz",
  inputs.map(([name, input]) => ({ name, input, output: String(size(input)) })),
);

const max = (a, b) => (a > b ? a : b);
function dataFee({ transaction, l1BaseFeeScalar, l1BlobBaseFeeScalar, baseFee, blobBaseFee, rate }) {
  const scaled = max(100n * 10n ** 6n, -42_585_600n + 836_500n * BigInt(size(transaction)));
  const price = 16n * BigInt(l1BaseFeeScalar) * BigInt(baseFee) + BigInt(l1BlobBaseFeeScalar) * BigInt(blobBaseFee);
  const weiEth = (scaled * price) / 10n ** 12n;
  return String((weiEth * BigInt(rate) + 10n ** 18n - 1n) / 10n ** 18n);
}
const prices = {
  l1BaseFeeScalar: "5227",
  l1BlobBaseFeeScalar: "1014213",
  baseFee: "1234567890",
  blobBaseFee: "98765",
  rate: "150000000000000000001",
};
const cases = [
  ["the least size", { transaction: zeros(110), ...prices }],
  ["a transfer", { transaction: random(112), ...prices }],
  ["a large transaction", { transaction: join(calldata, random(2000)), ...prices }],
  ["no blob price", { transaction: random(400), ...prices, blobBaseFee: "0" }],
  ["rounded up", { transaction: random(150), ...prices, baseFee: "1", blobBaseFee: "1", rate: "1" }],
  ["dear", { transaction: random(500), ...prices, baseFee: randomUint(60), blobBaseFee: randomUint(60) }],
];
write(
  "dataFee",
  cases.map(([name, input]) => ({ name, input, output: dataFee(input) })),
);
