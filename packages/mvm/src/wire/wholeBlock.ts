import { decodeRlp, encodeRlp, type RlpInput, type RlpItem } from "@metis/protocol";
import type { Hex } from "viem";
import type { BlockView, PureAttributes } from "../api.ts";
import { fromHex, toHex } from "../bytes.ts";
import { withdrawalFields } from "./requests.ts";

/** Fields of a header that has no withdrawals root: it is of a fork before Shanghai, and so is its block. */
const fieldsBeforeShanghai = 16;
/** Bytes from here on begin a list. */
const firstListByte = 0xc0;

/** Whether a block with this header holds a list of withdrawals, be it empty (EIP-4895). */
export const holdsWithdrawals = (header: readonly unknown[]): boolean => header.length > fieldsBeforeShanghai;

/** RLP of a block as it travels: header, transactions, ommers, and from Shanghai on withdrawals. `transactions`: EIP-2718 bytes. */
export function wholeBlock(
  headerRlp: Uint8Array,
  transactions: readonly Uint8Array[],
  { ommers = [], withdrawals = [] }: { ommers?: readonly Uint8Array[]; withdrawals?: PureAttributes["withdrawals"] },
): Uint8Array {
  const header = decodeRlp(headerRlp) as readonly RlpItem[];
  // A legacy transaction stands in a block as the list it is, a typed one as a byte string.
  const items = transactions.map((bytes) => (bytes[0]! >= firstListByte ? decodeRlp(bytes) : bytes));
  const body: RlpInput[] = [header, items, ommers.map((ommer) => decodeRlp(ommer))];
  return encodeRlp(holdsWithdrawals(header) ? [...body, withdrawalFields(withdrawals)] : body);
}

/** As `wholeBlock`, of a kept block. */
export const blockRlp = (block: Pick<BlockView, "headerRlp" | "transactions" | "ommers" | "withdrawals">): Hex =>
  toHex(
    wholeBlock(fromHex(block.headerRlp), block.transactions.map(fromHex), {
      ommers: block.ommers.map(fromHex),
      ...(block.withdrawals === undefined ? {} : { withdrawals: block.withdrawals }),
    }),
  );
