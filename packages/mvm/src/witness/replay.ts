import {
  decodeDepositTransaction,
  decodeRlp,
  depositSourceHash,
  depositTransactionType,
  encodeRlp,
  zeroAddress,
  type BlockInputs,
  type Deposit,
} from "@metis/protocol";
import type { Hex } from "viem";
import { fromHex, toHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { StoredBlock } from "../storage/blocks.ts";
import { withdrawalFields, executeBlockRequest, importBlockRequest } from "../wire/requests.ts";

/** A block to execute again: what the kernel takes beside the parent's header and, on L2, the anchor's. */
export type BlockToReplay =
  | { readonly kind: "rollup"; readonly inputs: BlockInputs; readonly deposits: readonly Deposit[] }
  | { readonly kind: "ethereum"; readonly blockRlp: Hex };

type Replayable = Pick<StoredBlock, "headerRlp" | "transactions" | "inputs" | "withdrawals">;

/** The same block as inputs of an execution. Throws `MvmError` "witness-unavailable" for ommers, which are not kept. */
export const blockToReplay = (block: Replayable): BlockToReplay =>
  block.inputs === undefined
    ? { kind: "ethereum", blockRlp: ethereumBlock(block) }
    : { kind: "rollup", inputs: block.inputs, deposits: depositsOf(block, block.inputs) };

/** Deposits as a block's transactions show them; when they were made on L1 is not among that, and changes no state. */
function depositsOf({ transactions }: Replayable, { depositStart, depositEnd }: BlockInputs): Deposit[] {
  const ownHashes = new Map<Hex, bigint>();
  for (let index = depositStart; index < depositEnd; index++) ownHashes.set(depositSourceHash(index), index);
  return transactions.flatMap((raw) => {
    const bytes = fromHex(raw);
    if (bytes[0] !== depositTransactionType) return [];
    const { sourceHash, from, to, mint, value, gas, data } = decodeDepositTransaction(bytes);
    const index = ownHashes.get(sourceHash);
    if (index === undefined) return [];
    const isCreation = to === null;
    return [{ index, l1BlockNumber: 0n, from, to: to ?? zeroAddress, mint, value, gasLimit: gas, isCreation, data }];
  });
}

const ommersField = 1;
/** keccak256(rlp([])). */
const noOmmers = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";
const firstListByte = 0xc0;

function ethereumBlock({ headerRlp, transactions, withdrawals }: Replayable): Hex {
  const header = decodeRlp(fromHex(headerRlp)) as readonly Uint8Array[];
  if (toHex(header[ommersField]!) !== noOmmers)
    throw new MvmError("witness-unavailable", "The block has ommers, which are not kept: it cannot be executed again.");
  // A legacy transaction stands in a block as the list it is, a typed one as a byte string.
  const items = transactions.map(fromHex).map((bytes) => (bytes[0]! >= firstListByte ? decodeRlp(bytes) : bytes));
  const tail = withdrawals === undefined ? [] : [withdrawalFields(withdrawals)];
  return toHex(encodeRlp([header, items, [], ...tail]));
}

/** Name and body of the kernel's request. Throws `MvmError` "witness-invalid" when an L2 block comes without its anchor. */
export function replayRequest(
  block: BlockToReplay,
  parentHeader: Uint8Array,
  anchorHeader: Hex | undefined,
): { readonly name: string; readonly body: Uint8Array } {
  if (block.kind === "ethereum")
    return { name: "import_block", body: importBlockRequest(parentHeader, fromHex(block.blockRlp)) };
  if (anchorHeader === undefined)
    throw new MvmError("witness-invalid", "The witness does not hold the header of the block's anchor.");
  const { inputs, deposits } = block;
  return { name: "execute_block", body: executeBlockRequest(parentHeader, { inputs, deposits, anchorHeader }) };
}
