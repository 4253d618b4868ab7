// Vectors of withdrawals and the chain config.
import {
  address,
  join,
  keccak,
  length,
  padRight,
  random,
  randomUint,
  rlpBytes,
  rlpInt,
  rlpList,
  text,
  word,
  write,
  zero32,
} from "./encoding.mjs";

// --- Withdrawal ------------------------------------------------------------------------------------------------------
write(
  "withdrawal",
  [
    ["empty data", "0x"],
    ["short data", random(5)],
    ["whole words", random(64)],
    ["long data", random(333)],
  ].map(([name, data], i) => {
    const input = {
      nonce: ((1n << 240n) + BigInt(i)).toString(),
      sender: address(),
      target: address(),
      value: randomUint(90),
      gasLimit: randomUint(24),
      data,
    };
    const head = [input.nonce, input.sender, input.target, input.value, input.gasLimit, 192].map(word);
    const withdrawalHash = keccak(join(...head, word(length(data)), padRight(data)));
    return { name, input, output: { withdrawalHash, slot: keccak(join(withdrawalHash, zero32)) } };
  }),
);

// --- Chain config ----------------------------------------------------------------------------------------------------
const chainConfigs = [
  {
    name: "devnet shape",
    l1ChainId: "31337",
    l2ChainId: "901088",
    pure: false,
    numbers: ["1", "10", "10", "30000000", "15000000", "262144", "737280", "6", "600", "32", "4096", "60", "2"],
    blobSchedule: [["0", "5007716"]],
    forks: [],
  },
  {
    name: "mainnet shape with forks",
    l1ChainId: "1",
    l2ChainId: "1088",
    pure: false,
    numbers: ["1", "60", "30", "30000000", "15000000", "262144", "737280", "1800", "1800", "64", "4096", "300", "64"],
    blobSchedule: [
      ["1746612311", "5007716"],
      ["1765290071", "8346193"],
      ["1767747671", "11684671"],
    ],
    forks: [
      ["osaka", "0"],
      ["proofgas", "1800000000"],
    ],
  },
];
const numberNames =
  "blockTime heartbeat term gasLimit depositGasLimit maxBlockBytes maxBatchBytes maxBatchAge maxDrift maxAnchorStep " +
  "maxBatchAnchors epochLength l1Depth";
write(
  "chainConfig",
  chainConfigs.map(({ name, l1ChainId, l2ChainId, pure, numbers, blobSchedule, forks }) => {
    const named = Object.fromEntries(numberNames.split(" ").map((key, i) => [key, numbers[i]]));
    const tail = {
      genesisAnchorNumber: "12",
      genesisAnchorHash: random(32),
      genesisAnchorTime: "1700000000",
      initialRate: "100000000000000000000",
      l1BaseFeeScalar: "5227",
      l1BlobBaseFeeScalar: "1014213",
    };
    const rlp = rlpList([
      rlpInt(1),
      rlpInt(l1ChainId),
      rlpInt(l2ChainId),
      rlpInt(pure ? 1 : 0),
      ...numbers.map(rlpInt),
      rlpInt(tail.genesisAnchorNumber),
      rlpBytes(tail.genesisAnchorHash),
      ...[tail.genesisAnchorTime, tail.initialRate, tail.l1BaseFeeScalar, tail.l1BlobBaseFeeScalar].map(rlpInt),
      rlpList(blobSchedule.map((entry) => rlpList(entry.map(rlpInt)))),
      rlpList(forks.map(([fork, time]) => rlpList([rlpBytes(text(fork)), rlpInt(time)]))),
    ]);
    return {
      name,
      input: {
        version: "1",
        l1ChainId,
        l2ChainId,
        pure,
        ...named,
        ...tail,
        blobSchedule: blobSchedule.map(([l1Timestamp, baseFeeUpdateFraction]) => ({
          l1Timestamp,
          baseFeeUpdateFraction,
        })),
        forks: forks.map(([fork, l2Timestamp]) => ({ name: fork, l2Timestamp })),
      },
      output: { rlp, chainConfigHash: keccak(rlp) },
    };
  }),
);
