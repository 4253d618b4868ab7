import {
  decodeDepositTransaction,
  depositSourceHash,
  depositTransactionType,
  zeroAddress,
  type BlockInputs,
  type Deposit,
} from "@metis/protocol";
import type { Hex } from "viem";
import { fromHex } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import type { StoredBlock } from "../storage/blocks.ts";
import { executeBlockRequest, importBlockRequest } from "../wire/requests.ts";
import { blockRlp } from "../wire/wholeBlock.ts";

/** A block to execute again: what the kernel takes beside the parent's header and, on L2, the anchor's. */
export type BlockToReplay =
  | { readonly kind: "rollup"; readonly inputs: BlockInputs; readonly deposits: readonly Deposit[] }
  | { readonly kind: "ethereum"; readonly blockRlp: Hex };

type Replayable = Pick<StoredBlock, "headerRlp" | "transactions" | "inputs" | "withdrawals" | "ommers">;

/** The same block as inputs of an execution. */
export const blockToReplay = (block: Replayable): BlockToReplay =>
  block.inputs === undefined
    ? { kind: "ethereum", blockRlp: blockRlp(block) }
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
