import type { BlockId } from "../api.ts";
import { fromHex } from "../bytes.ts";
import type { Chain } from "../storage/chain.ts";

/** Number of the block that `id` names on the chain; `undefined` when there is none. */
export function resolveBlock(chain: Chain, id: BlockId): number | undefined {
  const head = chain.head.number;
  if (id === "latest") return head;
  if (typeof id === "bigint") return id >= 0n && id <= BigInt(head) ? Number(id) : undefined;
  return chain.database.blocks.number(fromHex(id.hash));
}
