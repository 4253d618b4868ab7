import { hexToBytes } from "viem";
import { concat, uint, varint, word } from "../payload/columns.ts";
import { proposer } from "./chain.ts";

/** Columns of a content by name; tests change one at a time. */
interface Columns {
  readonly count: Uint8Array;
  readonly time: Uint8Array;
  readonly anchor: Uint8Array;
  readonly generation: Uint8Array;
  readonly proposers: Uint8Array;
  readonly proposer: Uint8Array;
  readonly rate: Uint8Array;
  readonly attendance: Uint8Array;
  readonly transactions: Uint8Array;
  readonly outputs: Uint8Array;
  readonly rest: Uint8Array;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const root = word(1n);
const someone = hexToBytes(proposer);
const zeroProposer = new Uint8Array(20);

/** One block, no transaction, no anchor move. */
const one: Columns = {
  count: bytes(1),
  time: bytes(1),
  anchor: bytes(0),
  generation: bytes(0),
  proposers: concat([bytes(1), someone]),
  proposer: bytes(0),
  rate: bytes(),
  attendance: bytes(),
  transactions: bytes(0),
  outputs: root,
  rest: bytes(),
};
const content = (changes: Partial<Columns>): Uint8Array => concat(Object.values({ ...one, ...changes }));

/** kind, nonce, tip, cap, gas, to, value, length, data, access list, authorizations, parity, r, s. */
interface Transaction {
  readonly kind?: Uint8Array;
  readonly nonce?: Uint8Array;
  readonly cap?: Uint8Array;
  readonly gas?: Uint8Array;
  readonly value?: Uint8Array;
  readonly length?: Uint8Array;
  readonly accessList?: Uint8Array;
  readonly parity?: Uint8Array;
  readonly s?: Uint8Array;
}
/** A content with one transaction of type 1. */
const withTransaction = (changes: Transaction): Uint8Array => {
  const columns = {
    kind: bytes(1),
    nonce: bytes(0),
    cap: uint(1n),
    gas: varint(30_000),
    to: someone,
    value: uint(0n),
    length: bytes(0),
    accessList: bytes(0),
    parity: bytes(0),
    r: word(1n),
    s: word(1n),
    ...changes,
  };
  return content({ transactions: bytes(1), rest: concat(Object.values(columns)) });
};

/** Contents that no blocks encode to. */
export const contentCases: readonly { readonly name: string; readonly content: Uint8Array }[] = [
  { name: "nothing at all", content: bytes() },
  { name: "no block", content: content({ count: bytes(0) }) },
  { name: "more blocks than there are bytes", content: content({ count: bytes(0xff, 0xff, 0xff, 0xff, 0x0f) }) },
  { name: "a number with a group too many", content: content({ time: bytes(0x81, 0x00) }) },
  {
    name: "a number of eleven groups",
    content: content({ time: bytes(...Array.from({ length: 10 }, () => 0x80), 1) }),
  },
  { name: "a proposer that is not in the list", content: content({ proposer: bytes(1) }) },
  {
    name: "a listed proposer without a block",
    content: content({ proposers: concat([bytes(2), someone, word(7n).subarray(12)]) }),
  },
  { name: "a zero proposer", content: content({ proposers: concat([bytes(1), zeroProposer]) }) },
  {
    name: "a proposer listed twice",
    content: content({
      count: bytes(2),
      time: bytes(1, 1),
      anchor: bytes(0, 0),
      generation: bytes(0, 0),
      proposers: concat([bytes(2), someone, someone]),
      proposer: bytes(0, 1),
      transactions: bytes(0, 0),
      outputs: concat([root, root]),
    }),
  },
  {
    name: "a rate with a leading zero",
    content: content({ anchor: bytes(1), rate: bytes(1, 0), attendance: bytes(0) }),
  },
  {
    name: "a rate of 17 bytes",
    content: content({ anchor: bytes(1), rate: bytes(17, 1, ...new Uint8Array(16)), attendance: bytes(0) }),
  },
  {
    name: "an attendance of 65 bytes",
    content: content({ anchor: bytes(1), rate: bytes(0), attendance: bytes(65, ...new Uint8Array(65)) }),
  },
  { name: "an output root too short", content: content({ outputs: root.subarray(1) }) },
  { name: "a byte behind the last column", content: content({ rest: bytes(0) }) },
  { name: "more transactions than there are bytes", content: content({ transactions: bytes(0xff, 0xff, 0x03) }) },
  { name: "a transaction of type 3", content: withTransaction({ kind: bytes(3) }) },
  { name: "a transaction of type 0x7E", content: withTransaction({ kind: bytes(0x7e) }) },
  { name: "a creation of type 4", content: withTransaction({ kind: bytes(12) }) },
  { name: "an unknown bit in the kind", content: withTransaction({ kind: bytes(0x11) }) },
  {
    name: "a gas limit beyond 64 bits",
    content: withTransaction({ gas: bytes(...Array.from({ length: 9 }, () => 0xff), 2) }),
  },
  { name: "a value of 33 bytes", content: withTransaction({ value: bytes(33, 1, ...new Uint8Array(32)) }) },
  { name: "data longer than the content", content: withTransaction({ length: bytes(0xff, 0xff, 0x7f) }) },
  { name: "an access list longer than the content", content: withTransaction({ accessList: bytes(0xff, 0x7f) }) },
  { name: "an unused parity bit", content: withTransaction({ parity: bytes(2) }) },
  { name: "an s cut short", content: withTransaction({ s: word(1n).subarray(1) }) },
];
