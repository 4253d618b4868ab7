// Vectors of the signs of life that members send while no batch comes.
import { join, keccak, random, randomUint, text, word, write, zero32 } from "./encoding.mjs";
import { addressOf, configs, domainSeparator, keyOf, sign } from "./signed.mjs";

const heartbeatVector = (name, generation, epoch, l1BlockNumber, l1BlockHash) => {
  const input = { generation, epoch, l1BlockNumber, l1BlockHash };
  const words = Object.values(input).map(word);
  const type = "Heartbeat(uint32 generation,uint64 epoch,uint64 l1BlockNumber,bytes32 l1BlockHash)";
  const structHash = keccak(join(keccak(text(type)), ...words));
  const digest = keccak(join("0x1901", domainSeparator(configs[0]), structHash));
  const output = { encoded: join(...words), structHash, domainSeparator: domainSeparator(configs[0]), digest };
  return { name, input, output: { ...output, signer: addressOf(keyOf(8)), signature: sign(keyOf(8), digest) } };
};
write("heartbeat", [
  heartbeatVector("zero", "0", "0", "0", zero32),
  heartbeatVector("usual", "1", "17", "1021", random(32)),
  heartbeatVector("random", randomUint(32), randomUint(64), randomUint(64), random(32)),
]);
