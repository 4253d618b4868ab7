import type { Hex } from "viem";
import { encodeAbiParameters, keccak256, numberToHex } from "viem/utils";
import type { Hash } from "./brands.ts";
import { hashBytes } from "./hash.ts";
import { decodeRlp, encodeRlp, RlpFields, type RlpInput, type RlpItem } from "./rlp.ts";
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
export const transactionsHash = (transactions: BlockInputs["transactions"]): Hash => hashBytes(encodeRlp(transactions));

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

/** The leaf but its transactions. */
export type BlockInputsHead = Omit<BlockInputs, "transactions">;

/** The leaf's fields but the transactions, in the order of the leaf: what every RLP list of block inputs begins with. */
export const inputsHeadFields = (inputs: BlockInputsHead): RlpInput[] => [
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
  inputs.attendance,
];

/** Whether both have the same leaf. Compares before it hashes, which takes milliseconds for a full block. */
export const isSameInputs = (a: BlockInputs, b: BlockInputs): boolean =>
  isWrittenAlike(a, b) || inputsLeaf(a) === inputsLeaf(b);

function isWrittenAlike(a: BlockInputs, b: BlockInputs): boolean {
  const fields = inputsHeadFields(b);
  return (
    a.transactions.length === b.transactions.length &&
    inputsHeadFields(a).every((field, index) => field === fields[index]) &&
    a.transactions.every((transaction, index) => transaction === b.transactions[index])
  );
}

/** Inverse of `inputsHeadFields`: reads from `fields` what that wrote. Throws `DecodeError`. */
export const readInputsHead = (fields: RlpFields): BlockInputsHead => ({
  number: fields.uint(64),
  time: fields.uint(64),
  generation: fields.number(),
  flags: fields.number(0xff),
  proposer: fields.address(),
  anchorNumber: fields.uint(64),
  anchorHash: fields.fixed(32),
  depositStart: fields.uint(64),
  depositEnd: fields.uint(64),
  rate: fields.uint(),
  attendance: fields.hex(maxAttendance),
});

/** Block inputs as one RLP list: the head's fields, then the list of the posted transactions. */
export const encodeBlockInputs = (inputs: BlockInputs): Uint8Array =>
  encodeRlp([...inputsHeadFields(inputs), inputs.transactions]);

/** Inverse of `encodeBlockInputs`. Throws `DecodeError` on anything but canonical bytes. */
export const decodeBlockInputs = (bytes: Uint8Array): BlockInputs => readBlockInputs(decodeRlp(bytes));

/** As `decodeBlockInputs`, of an item inside another list. */
export function readBlockInputs(item: RlpItem): BlockInputs {
  const fields = new RlpFields("block inputs", item);
  const head = readInputsHead(fields);
  const list = new RlpFields("block inputs' transactions", fields.list());
  const transactions: Hex[] = [];
  while (list.left > 0) transactions.push(list.hex());
  fields.end();
  return { ...head, transactions };
}

const hashPair = (left: Hash, right: Hash): Hash => keccak256(`0x01${left.slice(2)}${right.slice(2)}`);

/** The row above, in which a lone right end is the same node again. */
const rowAbove = (row: readonly Hash[]): readonly Hash[] =>
  Array.from({ length: Math.ceil(row.length / 2) }, (_, i) => {
    const right = row[2 * i + 1];
    return right === undefined ? row[2 * i]! : hashPair(row[2 * i]!, right);
  });

const merkleLeaf = (leaf: Hash): Hash => keccak256(`0x00${leaf.slice(2)}`);

/**
 * Merkle root over at least one 32-byte leaf (docs/spec/structs.md, "Merkle root").
 * Throws `RangeError` when there is none.
 */
export function merkleRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) throw new RangeError("a Merkle root needs at least one leaf");
  let row: readonly Hash[] = leaves.map(merkleLeaf);
  while (row.length > 1) row = rowAbove(row);
  const count = numberToHex(leaves.length, { size: 8 });
  return keccak256(`0x02${count.slice(2)}${row[0]!.slice(2)}`);
}

/**
 * Siblings of leaf `index` from the bottom up, by which `merkleRoot` of `leaves` follows from it; without levels at which it has none.
 * Throws `RangeError` for a leaf that is not there.
 */
export function merklePath(leaves: readonly Hash[], index: number): readonly Hash[] {
  if (leaves[index] === undefined) throw new RangeError(`there is no leaf ${index} of ${leaves.length}`);
  const path: Hash[] = [];
  let row: readonly Hash[] = leaves.map(merkleLeaf);
  for (let at = index; row.length > 1; at >>= 1) {
    const sibling = row[at ^ 1];
    if (sibling !== undefined) path.push(sibling);
    row = rowAbove(row);
  }
  return path;
}
