import type { RpcMethod } from "@metis/runtime";
import type { FeedView } from "../feed/progress.ts";
import type { NodeBase } from "../wiring/base.ts";
import type { Seat } from "../wiring/seat.ts";
import { claimMethods } from "./claims.ts";
import { devMethods } from "./dev.ts";
import { feedMethods } from "./feed.ts";
import { feeMethods } from "./fees.ts";
import { poolMethods } from "./pool.ts";
import { statusMethods } from "./status.ts";

/** `rollup_*`, and on devnets `evm_*` (docs/spec/rpc.md). */
export const rollupMethods = (
  base: NodeBase,
  feed: FeedView | undefined,
  seat: Seat | undefined,
): Readonly<Record<string, RpcMethod>> => ({
  ...statusMethods(base, feed, seat),
  ...poolMethods(base, seat),
  ...feedMethods(base),
  ...claimMethods(base),
  ...feeMethods(base),
  ...devMethods(base),
});
