import { receiptDigest } from "@metis/protocol";
import type { Receipt, SigningDomain } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { recoverDigestSigner } from "../signatures.ts";

/** A receipt with the leader's signature: 65 bytes r ‖ s ‖ v. */
export interface SignedReceipt {
  readonly receipt: Receipt;
  readonly signer: Address;
  readonly signature: Hex;
}

/** The signed receipt, if `signature` is one at all. */
export function recoverReceipt(domain: SigningDomain, receipt: Receipt, signature: Hex): SignedReceipt | undefined {
  const signer = recoverDigestSigner(receiptDigest(domain, receipt), signature);
  return signer && { receipt, signer, signature };
}
