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
  for (const { number, generation, proposer, transactionHashes } of blocks)
    for (const [index, hash] of transactionHashes.entries())
      for (const receipt of byHash.get(hash) ?? []) {
        const { receipt: promise, signer } = receipt;
        const isOwn = signer === proposer && promise.generation === generation;
        if (!isOwn || number < promise.firstBlock || number > promise.lastBlock) continue;
        const earlier = { receipt, number, index };
        if (later === undefined || promise.sequence > later.receipt.receipt.sequence) later = earlier;
        else if (promise.sequence < later.receipt.receipt.sequence) return { kind: "overtaken", earlier, later };
      }
  return undefined;
}
