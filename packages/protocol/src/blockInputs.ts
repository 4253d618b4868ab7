import { encodeAbiParameters, keccak256, numberToHex } from "viem/utils";
import type { Hash } from "./brands.ts";
import { encodeRlp } from "./rlp.ts";
import type { BlockInputs } from "./structs.ts";

/** Bits of `BlockInputs.flags`. */
export const BlockFlag = { batchEnd: 1, fallback: 2 } as const;
/** Longest attendance, bytes. */
export const maxAttendance = 64;

const leafParameters = [
  { type: "uint64" },
  { type: "uint64" },
  { type: "uint32" },
  { type: "uint8" },
  { type: "address" },
  { type: "uint64" },
  { type: "bytes32" },
  { type: "uint64" },
  { type: "uint64" },
  { type: "uint256" },
  { type: "bytes32" },
  { type: "bytes32" },
] as const;

/** keccak256 of the RLP list of the posted transactions, each a byte string. */
export const transactionsHash = (transactions: BlockInputs["transactions"]): Hash => keccak256(encodeRlp(transactions));

/** docs/spec/structs.md, "Block inputs leaf". */
export const inputsLeaf = (inputs: BlockInputs): Hash =>
  keccak256(
    encodeAbiParameters(leafParameters, [
      inputs.number,
      inputs.time,
      inputs.generation,
      inputs.flags,
      inputs.proposer,
      inputs.anchorNumber,
      inputs.anchorHash,
      inputs.depositStart,
      inputs.depositEnd,
      inputs.rate,
      keccak256(inputs.attendance),
      transactionsHash(inputs.transactions),
    ]),
  );

const hashPair = (left: Hash, right: Hash): Hash => keccak256(`0x01${left.slice(2)}${right.slice(2)}`);

/**
 * Merkle root over at least one 32-byte leaf (docs/spec/structs.md, "Merkle root").
 * Throws `RangeError` when there is none.
 */
export function merkleRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) throw new RangeError("a Merkle root needs at least one leaf");
  let row = leaves.map((leaf) => keccak256(`0x00${leaf.slice(2)}`));
  while (row.length > 1) {
    const above: Hash[] = [];
    for (let i = 0; i < row.length; i += 2) {
      const right = row[i + 1];
      above.push(right === undefined ? row[i]! : hashPair(row[i]!, right));
    }
    row = above;
  }
  const count = numberToHex(leaves.length, { size: 8 });
  return keccak256(`0x02${count.slice(2)}${row[0]!.slice(2)}`);
}
