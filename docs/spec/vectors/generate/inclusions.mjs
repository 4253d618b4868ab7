// Vectors of where a transaction stands: output root's path in a claim, header, and the proof in the transaction trie, which
// ethereumjs builds.
import { createMerkleProof, createMPT } from "@ethereumjs/mpt";
import {
  address,
  fromHex,
  join,
  keccak,
  random,
  randomUint,
  rlpBytes,
  rlpInt,
  rlpList,
  toHex,
  uint,
  write,
  zero32,
} from "./encoding.mjs";

const headerOf = ({ number, stateRoot, generation, proposer }, transactionsRoot) =>
  rlpList([
    ...[random(32), random(32), random(20), stateRoot, transactionsRoot, random(32), random(256)].map(rlpBytes),
    rlpInt(0),
    rlpInt(number),
    ...["30000000", "21000", "1790000000"].map(rlpInt),
    rlpBytes(join("0x0100", uint(generation, 4), proposer)),
    rlpBytes(random(32)),
    rlpBytes(uint(0, 8)),
    rlpInt("7"),
    rlpBytes(random(32)),
    rlpInt(0),
    rlpInt(0),
    rlpBytes(random(32)),
    rlpBytes(random(32)),
  ]);

// Recursively, the other way round from a loop over rows: the left half holds the largest power of two below the count.
const treeOf = (leaves) => {
  if (leaves.length === 1) return leaves[0];
  const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return keccak(join("0x01", treeOf(leaves.slice(0, half)), treeOf(leaves.slice(half))));
};
const pathIn = (leaves, index) => {
  if (leaves.length === 1) return [];
  const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half ? [...pathIn(left, index), treeOf(right)] : [...pathIn(right, index - half), treeOf(left)];
};

async function inclusion(name, blocks, position, count, transactionIndex) {
  const transactions = Array.from({ length: count }, () => join("0x02", random(20 + Number(randomUint(5)))));
  const trie = await createMPT();
  for (const [index, transaction] of transactions.entries())
    await trie.put(fromHex(rlpInt(BigInt(index))), fromHex(transaction));
  const firstBlock = (BigInt(randomUint(40)) + 1n).toString();
  const number = (BigInt(firstBlock) + BigInt(position)).toString();
  const block = { number, stateRoot: random(32), generation: randomUint(32), proposer: address() };
  const messagePasserStorageRoot = random(32);
  const header = headerOf(block, toHex(trie.root()));
  const outputRoot = keccak(join(zero32, block.stateRoot, messagePasserStorageRoot, keccak(header)));
  const outputRoots = Array.from({ length: blocks }, (_, i) => (i === position ? outputRoot : random(32)));
  const leaves = outputRoots.map((root) => keccak(join("0x00", root)));
  const proof = await createMerkleProof(trie, fromHex(rlpInt(BigInt(transactionIndex))));
  return {
    name,
    input: { firstBlock, outputRoots, ...block, messagePasserStorageRoot, header, transactions, transactionIndex },
    output: {
      transactionHash: keccak(transactions[transactionIndex]),
      transactionsRoot: toHex(trie.root()),
      // A node shorter than a hash lies inside of the one above it.
      transactionProof: proof.filter((node, depth) => depth === 0 || node.length >= 32).map(toHex),
      outputPath: pathIn(leaves, position),
      outputsRoot: keccak(join("0x02", uint(blocks, 8), treeOf(leaves))),
    },
  };
}

write("inclusion", [
  await inclusion("alone", 1, 0, 1, 0),
  await inclusion("a lone right end", 5, 4, 3, 2),
  await inclusion("in the middle", 6, 3, 17, 16),
  await inclusion("of many", 100, 97, 300, 130),
  await inclusion("the last of many", 64, 63, 257, 256),
]);
