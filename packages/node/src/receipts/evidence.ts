import type { Generation, Hash, L2BlockNumber } from "@metis/protocol";
import type { Address } from "viem";
import type { SignedReceipt } from "./signed.ts";

/** What a block of the chain says about its order. */
export interface OrderedBlock {
  readonly number: L2BlockNumber;
  readonly generation: Generation;
  readonly proposer: Address;
  readonly transactionHashes: readonly Hash[];
}

/** Where a transaction with a receipt stands. */
export interface Inclusion {
  readonly receipt: SignedReceipt;
  readonly number: L2BlockNumber;
  readonly index: number;
}

/** Two receipts that prove a broken promise (docs/spec/receipts.md, "Evidence"). */
export type BrokenOrder =
  /** One sequence for two transactions: the receipts alone are enough. */
  | { readonly kind: "sequence-twice"; readonly first: SignedReceipt; readonly second: SignedReceipt }
  /** `later` has the higher sequence and was included first. */
  | { readonly kind: "overtaken"; readonly earlier: Inclusion; readonly later: Inclusion };

/** Whether the receipt says anything about the order in `block`. */
export const isBound = (
  { receipt, signer }: SignedReceipt,
  { number, generation, proposer }: Omit<OrderedBlock, "transactionHashes">,
): boolean =>
  signer === proposer &&
  receipt.generation === generation &&
  number >= receipt.firstBlock &&
  number <= receipt.lastBlock;

/** The first evidence against each signer and generation that `receipts` and the chain's `blocks`, ascending, hold. */
export function brokenOrders(
  receipts: readonly SignedReceipt[],
  blocks: readonly OrderedBlock[],
): readonly BrokenOrder[] {
  const signers = Map.groupBy(receipts, ({ signer, receipt }) => `${receipt.generation}/${signer}`);
  return [...signers.values()].flatMap((own) => {
    const found = sequenceTwice(own) ?? overtaken(own, blocks);
    return found ? [found] : [];
  });
}

function sequenceTwice(own: readonly SignedReceipt[]): BrokenOrder | undefined {
  const bySequence = new Map<bigint, SignedReceipt>();
  for (const second of own) {
    const { sequence, transactionHash } = second.receipt;
    const first = bySequence.get(sequence) ?? second;
    if (first.receipt.transactionHash !== transactionHash) return { kind: "sequence-twice", first, second };
    bySequence.set(sequence, first);
  }
  return undefined;
}

/** `own`: receipts of one signer and generation. */
function overtaken(own: readonly SignedReceipt[], blocks: readonly OrderedBlock[]): BrokenOrder | undefined {
  const byHash = Map.groupBy(own, ({ receipt }) => receipt.transactionHash);
  let later: Inclusion | undefined;
  for (const block of blocks)
    for (const [index, hash] of block.transactionHashes.entries()) {
      const here = (byHash.get(hash) ?? [])
        .filter((receipt) => isBound(receipt, block))
        .map((receipt): Inclusion => ({ receipt, number: block.number, index }));
      const earlier = here.find(({ receipt }) => later && receipt.receipt.sequence < later.receipt.receipt.sequence);
      if (later && earlier) return { kind: "overtaken", earlier, later };
      for (const inclusion of here)
        if (!later || inclusion.receipt.receipt.sequence > later.receipt.receipt.sequence) later = inclusion;
    }
  return undefined;
}
