import type { MvmReader } from "@metis/mvm";
import type { BlockInputs, L2BlockNumber } from "@metis/protocol";
import type { L1Client } from "../l1/client.ts";

export type AnchorCheck =
  | { readonly kind: "canonical" }
  /** L1's head lies below the anchor: a reorg in progress, or an endpoint behind. */
  | { readonly kind: "ahead"; readonly inputs: BlockInputs }
  /** The first block whose anchor L1 no longer has. */
  | { readonly kind: "gone"; readonly inputs: BlockInputs };

/** Whether L1 still has the anchors of the blocks above `safe` up to `head`. Anchors never fall, so the head's tells. */
export async function checkAnchors(
  l1: L1Client,
  reader: MvmReader,
  safe: L2BlockNumber,
  head: L2BlockNumber,
): Promise<AnchorCheck> {
  const inputsOf = async (number: L2BlockNumber) => (await reader.block(number))?.inputs;
  const last = head > safe ? await inputsOf(head) : undefined;
  if (!last) return { kind: "canonical" };
  const anchor = await l1.block(last.anchorNumber);
  if (!anchor) return { kind: "ahead", inputs: last };
  if (anchor.hash === last.anchorHash) return { kind: "canonical" };
  for (let number = safe + 1n; number <= head; number++) {
    const inputs = await inputsOf(number);
    if (!inputs) continue;
    const now = await l1.block(inputs.anchorNumber);
    if (now?.hash !== inputs.anchorHash) return { kind: "gone", inputs };
  }
  return { kind: "canonical" };
}
