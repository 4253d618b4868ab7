import { DecodeError, type SignedTransaction } from "@metis/protocol";
import { gasPerBlob } from "@metis/rollup";
import type { Hex } from "viem";
import { versionedHashOf, type Kzg } from "../l1/blobs/kzg.ts";
import { unwrapBlobTransaction, type UncheckedSidecars } from "../l1/transactions/sidecar.ts";
import { MempoolError } from "./errors.ts";

/** Makes commitment and cell proofs of a blob. */
export type BlobProver = Pick<Kzg, "sidecar">;

/** A transaction as a block holds it, and the blobs that came with it. */
export interface Received {
  readonly raw: Hex;
  readonly sidecars?: UncheckedSidecars;
}

const bad = (why: string): MempoolError => new MempoolError("bad-blobs", `invalid blob transaction: ${why}`);

/**
 * Takes the network form of a blob transaction apart; others come as they are. Throws `MempoolError` "type-unsupported" when
 * `takesBlobs` is false, "bad-blobs" when it came without its blobs.
 */
export function receive(raw: Hex, takesBlobs: boolean): Received {
  if (!raw.startsWith("0x03")) return { raw };
  if (!takesBlobs) throw new MempoolError("type-unsupported", "transaction type not supported: blob transactions");
  try {
    const { signed, sidecars } = unwrapBlobTransaction(raw);
    return { raw: signed, sidecars };
  } catch (error) {
    if (error instanceof DecodeError)
      throw bad(`no transaction with its blobs and cell proofs (EIP-7594): ${error.payload.why}`);
    throw error;
  }
}

/** Most that the blobs may cost. */
export const blobCost = (transaction: SignedTransaction): bigint =>
  transaction.type === 3
    ? BigInt(transaction.blobVersionedHashes.length) * gasPerBlob * transaction.maxFeePerBlobGas
    : 0n;

/**
 * Throws `MempoolError` "bad-blobs" unless the sidecars are those of `transaction`. Commitment and proofs are made anew and
 * compared: a polynomial has one of each.
 */
export async function checkBlobs(
  transaction: SignedTransaction,
  { blobs, commitments, cellProofs }: UncheckedSidecars,
  prover: BlobProver,
): Promise<void> {
  const hashes = transaction.type === 3 ? transaction.blobVersionedHashes : [];
  if (hashes.length !== blobs.length || commitments.some((entry, index) => versionedHashOf(entry) !== hashes[index]))
    throw bad("its versioned hashes are not those of the commitments");
  for (const [index, blob] of blobs.entries()) {
    const made = await prover.sidecar(blob).catch((error: unknown) => {
      throw bad(error instanceof Error ? error.message : "a blob is no polynomial");
    });
    const proofs = cellProofs.slice(index * made.cellProofs.length, (index + 1) * made.cellProofs.length);
    if (!same([made.commitment, ...made.cellProofs], [commitments[index]!, ...proofs]))
      throw bad(`commitment or cell proofs of blob ${index} are not the blob's`);
  }
}

const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean => Buffer.concat(a).equals(Buffer.concat(b));
