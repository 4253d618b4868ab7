// staking.md, "Attendance": the bytes, and what a chain without earlier ones counts of them.
import { join, randomUint, uint, write } from "./encoding.mjs";

const run = (firstBlock, blocks, proposer, attested) => ({
  firstBlock: String(firstBlock),
  blocks: String(blocks),
  proposer: String(proposer),
  attested: String(attested),
});

/** 32 bits of blocks proposed, 32 of blocks attested a member; four members a word, without zero words at the end. */
function wordsOf(runs) {
  const members = Array.from({ length: 64 }, (_, i) => {
    const sum = (is) => runs.reduce((all, one) => all + (is(one) ? BigInt(one.blocks) : 0n), 0n);
    const attested = sum((one) => (BigInt(one.attested) >> BigInt(i)) % 2n === 1n);
    return sum((one) => Number(one.proposer) === i) + attested * 2n ** 32n;
  });
  const words = Array.from({ length: 16 }, (_, i) =>
    members.slice(4 * i, 4 * i + 4).reduceRight((word, member) => word * 2n ** 64n + member, 0n),
  );
  while (words.at(-1) === 0n) words.pop();
  return words.map(String);
}

const vector = (name, epoch, runs) => ({
  name,
  input: { epoch: String(epoch), runs },
  output: {
    bytes: join(
      "0x01",
      uint(epoch, 8),
      ...runs.flatMap((one) => [
        uint(one.firstBlock, 8),
        uint(one.blocks, 1),
        uint(one.proposer, 1),
        uint(one.attested, 8),
      ]),
    ),
    blocks: String(runs.reduce((sum, { blocks }) => sum + Number(blocks), 0)),
    words: wordsOf(runs),
  },
});

write("attendance", [
  vector("one block of one seat", 0, [run(1, 1, 0, 1)]),
  vector("four seats, three runs", 7, [run(100, 10, 2, 0b1111), run(110, 3, 0, 0b1011), run(113, 7, 3, 0b0111)]),
  vector("members of several words, and runs of one proposer", 1, [
    run(5, 255, 17, 2n ** 63n + 2n ** 17n),
    run(300, 4, 17, 2n ** 17n),
  ]),
  vector("blocks that nobody of the set proposed", 3, [run(40, 2, 255, 0b110)]),
  vector("the largest numbers", 2n ** 64n - 1n, [run(2n ** 63n, 255, 63, 2n ** 64n - 1n)]),
  vector("any numbers", randomUint(40), [
    run(randomUint(40), 1 + Number(randomUint(7)), Number(randomUint(6)), randomUint(64)),
    run(2n ** 41n, 1 + Number(randomUint(7)), Number(randomUint(6)), randomUint(64)),
    run(2n ** 42n, 1 + Number(randomUint(7)), Number(randomUint(6)), randomUint(64)),
  ]),
]);

/** docs/spec/slashing.md, "No block of its own": the numbers in METIS wei and blocks. */
const turns = (name, attested, weight, totalWeight, term) => ({
  name,
  input: { attested: String(attested), weight: String(weight), totalWeight: String(totalWeight), term: String(term) },
  output: { letsTurnsPass: BigInt(attested) * BigInt(weight) >= 12n * BigInt(term) * BigInt(totalWeight) },
});
const metis = 10n ** 18n;

write("noProposal", [
  turns("a quarter of the weight, twelve terms of ten", 480, 20_000n * metis, 80_000n * metis, 10),
  turns("one block less", 479, 20_000n * metis, 80_000n * metis, 10),
  turns("one wei more in the set", 480, 20_000n * metis, 80_000n * metis + 1n, 10),
  turns("a sixteenth, terms of thirty", 5760, 20_000n * metis, 320_000n * metis, 30),
  turns("a sixteenth, a block of thirty less", 5759, 20_000n * metis, 320_000n * metis, 30),
  turns("nothing attested", 0, 100_000n * metis, 100_000n * metis, 1),
  turns("the largest numbers", 2n ** 32n * 2n ** 32n, 2n ** 96n - 1n, 2n ** 102n, 1000),
]);
