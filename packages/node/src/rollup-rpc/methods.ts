import type { RpcMethod } from "@metis/runtime";
import type { FeedView } from "../feed/progress.ts";
import type { EvidenceDesk } from "../pool/evidence.ts";
import type { NodeBase } from "../wiring/base.ts";
import type { ReceiptDesk } from "../receipts/desk.ts";
import type { Seat } from "../wiring/seat.ts";
import { claimMethods } from "./claims.ts";
import { devMethods } from "./dev.ts";
import { evidenceMethods } from "./evidence.ts";
import { feedMethods } from "./feed.ts";
import { feeMethods } from "./fees.ts";
import { poolMethods } from "./pool.ts";
import { receiptMethods } from "./receipts.ts";
import type { SendWithReceipt } from "./receipts.ts";
import { rewardMethods } from "./rewards.ts";
import { statusMethods } from "./status.ts";

/** What stands beside the chain; absent where the node's role has none of it. */
export interface RollupParts {
  readonly feed: FeedView | undefined;
  readonly seat: Seat | undefined;
  readonly evidence: EvidenceDesk | undefined;
  readonly desk: ReceiptDesk | undefined;
  readonly sendWithReceipt: SendWithReceipt | undefined;
}

/** `rollup_*`, and on devnets `evm_*` (docs/spec/rpc.md). */
export const rollupMethods = (
  base: NodeBase,
  { feed, seat, evidence, desk, sendWithReceipt }: RollupParts,
): Readonly<Record<string, RpcMethod>> => ({
  ...statusMethods(base, feed, seat),
  ...poolMethods(base, seat),
  ...feedMethods(base, desk),
  ...receiptMethods(sendWithReceipt),
  ...claimMethods(base),
  ...(evidence && evidenceMethods(evidence)),
  ...rewardMethods(base),
  ...feeMethods(base),
  ...devMethods(base),
});
