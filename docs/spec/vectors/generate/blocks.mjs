// Vectors of deposits, block inputs, Merkle root, extraData, output root.
import {
  address,
  join,
  keccak,
  max,
  random,
  rlpBytes,
  rlpInt,
  rlpList,
  uint,
  word,
  write,
  zero20,
  zero32,
} from "./encoding.mjs";

// --- Deposit ---------------------------------------------------------------------------------------------------------
const depositHash = (d) =>
  keccak(
    join(
      ...[d.index, d.l1BlockNumber, d.from, d.to, d.mint, d.value, d.gasLimit].map(word),
      word(d.isCreation ? 1 : 0),
      keccak(d.data),
    ),
  );
const sourceHash = (domain, value) => keccak(join(word(domain), word(value)));
const depositTransaction = (d) =>
  join(
    "0x7e",
    rlpList([
      rlpBytes(sourceHash(2, d.index)),
      rlpBytes(d.from),
      d.isCreation ? "0x80" : rlpBytes(d.to),
      rlpInt(d.mint),
      rlpInt(d.value),
      rlpInt(d.gasLimit),
      "0x80",
      rlpBytes(d.data),
    ]),
  );
const deposit = (name, fields) => ({
  name,
  index: "0",
  l1BlockNumber: "1",
  from: zero20,
  to: zero20,
  mint: "0",
  value: "0",
  gasLimit: "21000",
  isCreation: false,
  data: "0x",
  ...fields,
});
const deposits = [
  deposit("all zero but gas", {}),
  deposit("mint and transfer", {
    index: "1",
    l1BlockNumber: "7",
    from: address(),
    to: address(),
    mint: "1000000000000000000",
    value: "999999999999999999",
  }),
  deposit("call with data", {
    index: "2",
    l1BlockNumber: "7",
    from: address(),
    to: address(),
    gasLimit: "200000",
    data: random(100),
  }),
  deposit("creation", {
    index: "3",
    l1BlockNumber: "19000000",
    from: address(),
    isCreation: true,
    gasLimit: "3000000",
    value: "5",
    mint: "6",
    data: random(300),
  }),
  deposit("one byte of data below 0x80", { index: "4", from: address(), to: address(), data: "0x7f" }),
  deposit("largest numbers", {
    index: max(64),
    l1BlockNumber: max(64),
    from: `0x${"ff".repeat(20)}`,
    to: `0x${"ff".repeat(20)}`,
    mint: max(256),
    value: max(256),
    gasLimit: max(64),
    data: random(56),
  }),
];
write(
  "deposit",
  deposits.map(({ name, ...input }) => {
    const transaction = depositTransaction(input);
    return {
      name,
      input,
      output: {
        depositHash: depositHash(input),
        sourceHash: sourceHash(2, input.index),
        transaction,
        transactionHash: keccak(transaction),
      },
    };
  }),
);
let queue = zero32;
write(
  "queueHash",
  deposits.slice(0, 4).map(({ name, ...input }) => {
    const previous = queue;
    queue = keccak(join(previous, depositHash(input)));
    return { name: `after: ${name}`, input: { previous, ...input }, output: queue };
  }),
);
write(
  "sourceHash",
  [
    ["deposit", 2, "0"],
    ["deposit", 2, "12345"],
    ["deposit", 2, max(64)],
    ["system", 1, "0"],
    ["system", 1, "12345"],
    ["system", 1, max(64)],
  ].map(([kind, domain, value]) => ({
    name: `${kind} ${value}`,
    input: { domain: String(domain), value },
    output: sourceHash(domain, value),
  })),
);
const alias = (from) => uint((BigInt(from) + 0x1111000000000000000000000000000000001111n) % 2n ** 160n, 20);
write(
  "alias",
  [zero20, address(), `0x${"ff".repeat(20)}`].map((from) => ({ name: from, input: from, output: alias(from) })),
);

// --- Block inputs, Merkle root, extraData, output root -----------------------------------------------------------------
const inputs = (name, fields) => ({
  name,
  number: "1",
  time: "1700000000",
  generation: "0",
  flags: "0",
  proposer: zero20,
  anchorNumber: "100",
  anchorHash: random(32),
  depositStart: "0",
  depositEnd: "0",
  rate: "0",
  attendance: "0x",
  transactions: [],
  ...fields,
});
const leaf = (b) =>
  keccak(
    join(
      ...[b.number, b.time, b.generation, b.flags, b.proposer, b.anchorNumber, b.anchorHash].map(word),
      ...[b.depositStart, b.depositEnd, b.rate].map(word),
      keccak(b.attendance),
      keccak(rlpList(b.transactions.map(rlpBytes))),
    ),
  );
write(
  "blockInputs",
  [
    inputs("empty block", {}),
    inputs("fallback, ends its batch", { flags: "3", generation: "2", depositEnd: "4" }),
    inputs("anchor move with deposits, rate, attendance", {
      number: "900",
      proposer: address(),
      depositStart: "4",
      depositEnd: "9",
      rate: "100000000000000000000",
      attendance: random(64),
    }),
    inputs("transactions", {
      flags: "1",
      proposer: address(),
      transactions: [random(110), random(1), "0x05", random(60)],
    }),
    inputs("largest numbers", {
      number: max(64),
      time: max(64),
      generation: max(32),
      flags: "3",
      proposer: `0x${"ff".repeat(20)}`,
      anchorNumber: max(64),
      depositStart: max(64),
      depositEnd: max(64),
      rate: max(256),
    }),
  ].map(({ name, ...input }) => ({ name, input, output: leaf(input) })),
);

// Split by the largest span a complete tree of pairs gives the left side: the spec's "a lone right end moves up".
const node = (leaves) => {
  if (leaves.length === 1) return keccak(join("0x00", leaves[0]));
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return keccak(join("0x01", node(leaves.slice(0, half)), node(leaves.slice(half))));
};
export const merkleRoot = (leaves) => keccak(join("0x02", uint(leaves.length, 8), node(leaves)));
write(
  "merkleRoot",
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 33].map((count) => {
    const leaves = Array.from({ length: count }, () => random(32));
    return { name: `${count} leaves`, input: leaves, output: merkleRoot(leaves) };
  }),
);
write(
  "extraData",
  [
    ["genesis", "0", "0", zero20],
    ["batch end", "1", "3", address()],
    ["fallback", "3", max(32), zero20],
  ].map(([name, flags, generation, proposer]) => ({
    name,
    input: { flags, generation, proposer },
    output: join("0x01", uint(flags, 1), uint(generation, 4), proposer),
  })),
);
export const outputRoot = (o) => keccak(join(zero32, o.stateRoot, o.messagePasserStorageRoot, o.blockHash));
export const preimage = () => ({ stateRoot: random(32), messagePasserStorageRoot: random(32), blockHash: random(32) });
write(
  "outputRoot",
  ["first", "second"].map((name) => {
    const input = preimage();
    return { name, input, output: outputRoot(input) };
  }),
);
