// Vectors of the receipts that a leader signs.
import { join, keccak, random, randomUint, text, word, write, zero32 } from "./encoding.mjs";
import { addressOf, configs, domainSeparator, keyOf, sign } from "./signed.mjs";

const receiptVector = (name, input) => {
  const words = Object.values(input).map(word);
  const type = "Receipt(uint32 generation,bytes32 transactionHash,uint64 sequence,uint64 firstBlock,uint64 lastBlock)";
  const structHash = keccak(join(keccak(text(type)), ...words));
  const digest = keccak(join("0x1901", domainSeparator(configs[0]), structHash));
  const output = { encoded: join(...words), structHash, domainSeparator: domainSeparator(configs[0]), digest };
  return { name, input, output: { ...output, signer: addressOf(keyOf(7)), signature: sign(keyOf(7), digest) } };
};
const receipt = (generation, transactionHash, sequence, firstBlock, lastBlock) => ({
  generation,
  transactionHash,
  sequence,
  firstBlock,
  lastBlock,
});
write("receipt", [
  receiptVector("zero", receipt("0", zero32, "0", "0", "0")),
  receiptVector("usual", receipt("3", random(32), "41", "1000", "1255")),
  receiptVector("random", receipt(randomUint(32), random(32), randomUint(64), randomUint(64), randomUint(64))),
]);
