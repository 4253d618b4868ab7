// Vectors of the genesis config, what is signed, genesis and escape headers, certificates.
import { secp256k1 } from "@noble/curves/secp256k1.js";
import {
  address,
  fromHex,
  join,
  keccak,
  length,
  max,
  padRight,
  random,
  randomUint,
  text,
  toHex,
  uint,
  word,
  write,
  zero32,
} from "./encoding.mjs";
import { merkleRoot, outputRoot, preimage } from "./blocks.mjs";

// --- Typed data ------------------------------------------------------------------------------------------------------
const types = {
  DataHeader:
    "DataHeader(uint8 version,uint64 batchIndex,bytes32 parentHash,uint32 generation,uint64 epoch,uint64 lastTimestamp," +
    "uint64 depositCount,bytes32 depositQueueHash,uint64 anchorNumber,bytes32 anchorHash,uint8 dataMode," +
    "bytes32 payloadHash,uint32 payloadSize,bytes32 dataCommitment,bytes32 extraHash)",
  StateClaim:
    "StateClaim(bytes32 batchHash,bytes32 prevOutputRoot,bytes32 inputsRoot,bytes32 outputsRoot,uint64 firstBlock," +
    "uint64 lastBlock,bytes32 lastBlockHash,bytes32 outputRoot,bytes32 extraHash)",
  BlockAttestation:
    "BlockAttestation(uint32 generation,uint64 epoch,uint64 number,bytes32 blockHash,bytes32 outputRoot," +
    "uint64 anchorNumber,bytes32 anchorHash)",
};
const fieldsOf = (name) =>
  types[name]
    .slice(name.length + 1, -1)
    .split(",")
    .map((field) => field.split(" "));
const structHash = (name, value) =>
  keccak(join(keccak(text(types[name])), ...fieldsOf(name).map(([, field]) => word(value[field]))));
const encoded = (name, value) => join(...fieldsOf(name).map(([, field]) => word(value[field])));
const randomField = (type, field) => {
  const value = type === "bytes32" ? random(32) : randomUint(Number(type.slice(4)));
  return field === "dataMode" ? String(BigInt(value) % 4n) : value;
};
const randomStruct = (name) =>
  Object.fromEntries(fieldsOf(name).map(([type, field]) => [field, randomField(type, field)]));

const genesisConfig = () => ({
  l1ChainId: "31337",
  l2ChainId: "901088",
  batchInbox: address(),
  portal: address(),
  stateClaims: address(),
  systemConfig: address(),
  metisToken: address(),
  l1Messenger: address(),
  l1StandardBridge: address(),
  l2GenesisHash: random(32),
});
const genesisConfigHash = (config) => keccak(join(...Object.values(config).map(word)));
const domainSeparator = (config) =>
  keccak(
    join(
      keccak(text("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)")),
      keccak(text("Metis")),
      keccak(text("1")),
      word(config.l2ChainId),
      word(config.batchInbox),
      genesisConfigHash(config),
    ),
  );
const configs = [genesisConfig(), genesisConfig()];
write(
  "genesisConfig",
  configs.map((input, i) => ({
    name: `chain ${i}`,
    input,
    output: { genesisConfigHash: genesisConfigHash(input), domainSeparator: domainSeparator(input) },
  })),
);
const digest = (config, name, value) => keccak(join("0x1901", domainSeparator(config), structHash(name, value)));

for (const [file, name] of [
  ["dataHeader", "DataHeader"],
  ["stateClaim", "StateClaim"],
  ["blockAttestation", "BlockAttestation"],
])
  write(
    file,
    ["zero", "random", "random again"].map((label) => {
      const input =
        label === "zero"
          ? Object.fromEntries(fieldsOf(name).map(([type, field]) => [field, type === "bytes32" ? zero32 : "0"]))
          : randomStruct(name);
      return {
        name: label,
        input,
        output: {
          encoded: encoded(name, input),
          structHash: structHash(name, input),
          domainSeparator: domainSeparator(configs[0]),
          digest: digest(configs[0], name, input),
        },
      };
    }),
  );

const anchor = { number: "12", hash: random(32), time: "1700000000" };
const genesisHeader = {
  version: "1",
  batchIndex: "0",
  parentHash: zero32,
  generation: "0",
  epoch: "0",
  lastTimestamp: anchor.time,
  depositCount: "0",
  depositQueueHash: zero32,
  anchorNumber: anchor.number,
  anchorHash: anchor.hash,
  dataMode: "3",
  payloadHash: zero32,
  payloadSize: "0",
  dataCommitment: zero32,
  extraHash: zero32,
};
const genesisOutput = preimage();
const genesisClaim = {
  batchHash: structHash("DataHeader", genesisHeader),
  prevOutputRoot: zero32,
  inputsRoot: zero32,
  outputsRoot: merkleRoot([outputRoot(genesisOutput)]),
  firstBlock: "0",
  lastBlock: "0",
  lastBlockHash: genesisOutput.blockHash,
  outputRoot: outputRoot(genesisOutput),
  extraHash: zero32,
};
write("genesis", [
  {
    name: "header 0 and claim 0",
    input: {
      anchorNumber: anchor.number,
      anchorHash: anchor.hash,
      anchorTime: anchor.time,
      ...genesisOutput,
    },
    output: {
      headerEncoded: encoded("DataHeader", genesisHeader),
      batchHash: structHash("DataHeader", genesisHeader),
      claimEncoded: encoded("StateClaim", genesisClaim),
      claimHash: structHash("StateClaim", genesisClaim),
    },
  },
]);
const escapeVector = (name, parent, facts) => {
  const header = {
    ...genesisHeader,
    batchIndex: (BigInt(parent.batchIndex) + 1n).toString(),
    parentHash: structHash("DataHeader", parent),
    generation: (BigInt(facts.generation) + 1n).toString(),
    epoch: ((BigInt(parent.anchorNumber) - BigInt(anchor.number)) / 60n).toString(),
    lastTimestamp: facts.l1Time,
    depositCount: facts.depositCount,
    depositQueueHash: facts.depositQueueHash,
    anchorNumber: facts.anchorNumber,
    anchorHash: facts.anchorHash,
  };
  return {
    name,
    input: { parent, genesisAnchorNumber: anchor.number, epochLength: "60", ...facts },
    output: { encoded: encoded("DataHeader", header), batchHash: structHash("DataHeader", header) },
  };
};
const facts = (generation, anchorNumber) => ({
  generation,
  l1Time: "1700009999",
  anchorNumber,
  anchorHash: random(32),
  depositCount: "17",
  depositQueueHash: random(32),
});
write("escapeHeader", [
  escapeVector("after genesis", genesisHeader, facts("0", "4108")),
  escapeVector("after a batch", { ...randomStruct("DataHeader"), anchorNumber: "371" }, facts("6", "371")),
]);

// --- Certificate -----------------------------------------------------------------------------------------------------
const keyOf = (i) => fromHex(keccak(word(1_000_000 + i)));
const addressOf = (key) => `0x${keccak(toHex(secp256k1.getPublicKey(key, false).subarray(1))).slice(26)}`;
const sign = (key, hash) => {
  const signed = secp256k1.sign(fromHex(hash), key, { prehash: false, format: "recovered" });
  return join(toHex(signed.subarray(1)), uint(27 + signed[0], 1));
};
const certificateVector = (name, weights, signers) => {
  const seats = weights
    .map((weight, i) => ({ key: keyOf(i), signer: addressOf(keyOf(i)), weight }))
    .toSorted((a, b) => (a.signer < b.signer ? -1 : 1));
  const members = seats.map(({ signer, weight }) => ({ signer, weight }));
  const hash = random(32);
  const bitmap = signers.reduce((sum, i) => sum | (1n << BigInt(i)), 0n);
  const signatures = join("0x", ...signers.map((i) => sign(seats[i].key, hash)));
  const list = join(word(members.length), ...members.flatMap((m) => [word(m.signer), word(m.weight)]));
  const tail = join(word(length(signatures)), padRight(signatures));
  const signed = signers.reduce((sum, i) => sum + BigInt(members[i].weight), 0n);
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  return {
    name,
    input: {
      digest: hash,
      bitmap: bitmap.toString(),
      signatures,
      signers: members.map((m) => m.signer),
      weights: members.map((m) => m.weight),
    },
    output: {
      setHash: keccak(join(word(32), list)),
      totalWeight: total.toString(),
      signedWeight: signed.toString(),
      quorum: signed * 3n > total * 2n,
      encoded: join(word(32), word(bitmap), word(96), word(96 + length(tail)), tail, list),
    },
  };
};
write("certificate", [
  certificateVector("one seat", ["1"], [0]),
  certificateVector("three of four equal seats", ["100", "100", "100", "100"], [0, 2, 3]),
  certificateVector("exactly two thirds is too little", ["100", "100", "100"], [0, 1]),
  certificateVector("weights, not heads", ["20000", "100000", "20000", "20000", "20000"], [0, 1, 2, 3]),
  certificateVector("nobody signed", ["5", "6"], []),
  certificateVector("largest weights", [max(96), max(96), max(96)], [0, 1, 2]),
]);

export { addressOf, configs, digest, domainSeparator, keyOf, randomStruct, sign };
