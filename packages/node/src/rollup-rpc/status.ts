import { BlockFlag } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { method, param } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import type { Hex } from "viem";
import type { FeedView } from "../feed/progress.ts";
import type { L1BlockRef } from "../l1/header.ts";
import type { NodeBase } from "../wiring/base.ts";
import type { Seat } from "../wiring/seat.ts";
import { claimOn } from "./claims.ts";
import { numberOrHash, show } from "./format.ts";

/** Where this node stands, and where a block does. */
export function statusMethods(
  base: NodeBase,
  feed: FeedView | undefined,
  seat: Seat | undefined,
): Readonly<Record<string, RpcMethod>> {
  return {
    rollup_syncStatus: method([], () => show(syncStatus(base, feed, seat))),
    rollup_blockStatus: method([numberOrHash], async ([id]) => show(await blockStatus(base, id))),
    rollup_certificate: method([param.uint64], ([number]) => show(base.chain.certificate(number) ?? null)),
  };
}

function syncStatus({ heads, watcher, status, chain }: NodeBase, feed: FeedView | undefined, seat: Seat | undefined) {
  const { head, safe, finalized } = watcher.view;
  const state = status.state();
  const silence = seat ? seat.monitor.silence : "this node holds no seat";
  const reason = state.may ? silence : state.reason;
  return {
    l1: place(head),
    l1Safe: place(safe),
    l1Finalized: place(finalized),
    ...heads.heads(),
    generation: BigInt(status.generation),
    batchIndex: chain.lastDerived()?.header.batchIndex ?? null,
    signing: reason === undefined ? { may: true } : { may: false, reason },
    divergence: status.divergence ?? null,
    feed: feed?.status() ?? null,
  };
}

const place = (block: L1BlockRef | undefined) =>
  block ? { number: block.number, hash: block.hash, timestamp: block.timestamp } : null;

/** The highest state of a block's order and of its state; `dropped` for what was signed here and L1 went past. */
async function blockStatus(base: NodeBase, id: bigint | Hash) {
  const { mvm, heads, chain } = base;
  const block = await mvm.reader.block(typeof id === "bigint" ? id : { hash: id });
  if (!block) return { status: isDropped(base, id) ? "dropped" : "unknown" };
  const { number, hash, outputRoot, inputs } = block;
  const { signed, safe, finalized } = heads.heads();
  const status =
    number <= finalized.number
      ? "finalized"
      : number <= safe.number
        ? "safe"
        : number <= signed.number
          ? "signed"
          : "unsafe";
  const batch = chain.derivedOf(number);
  return {
    status,
    number,
    hash,
    outputRoot,
    generation: BigInt(inputs?.generation ?? 0),
    fallback: ((inputs?.flags ?? 0) & BlockFlag.fallback) !== 0,
    skippedTransactions: inputs ? skippedOf(inputs.transactions, block.transactions) : 0,
    batchIndex: batch?.header.batchIndex ?? null,
    claim: batch ? (await claimOn(base, batch)).status : "none",
    certified: chain.certificate(number) !== undefined,
  };
}

/** Posted user transactions that are not in the block; deposits and the system transaction were never posted. */
const skippedOf = (posted: readonly Hex[], included: readonly Hex[]): number =>
  posted.length - included.filter((raw) => !raw.startsWith("0x7e")).length;

function isDropped({ chain }: NodeBase, id: bigint | Hash): boolean {
  for (const [, item] of chain.evidence())
    if ("attestation" in item && (item.attestation.blockHash === id || item.attestation.number === id)) return true;
  return false;
}
