import { createRpcClient, openSubscription } from "@metis/runtime";
import { hexToBigInt, toHex } from "viem";
import { refused } from "./errors.ts";
import { feedBlockFromHex, maxFeedBlockBytes } from "./signedBlock.ts";
import type { FeedBlock } from "./signedBlock.ts";

/** Signed blocks in order, from the one asked for. */
export interface FeedPage {
  /** The feed's own signed head. */
  readonly signed: bigint;
  readonly blocks: readonly FeedBlock[];
}

export interface FeedListener {
  /** A new signed block; what is not one comes as the error that says why. */
  onBlock(read: () => FeedBlock): void;
  /** Once, when nothing comes any more. */
  onEnd(error: Error): void;
}

/** A node that serves signed blocks. Nothing that it says is believed before it is checked. */
export interface FeedSource {
  /** For log and status: without what may be secret in its URL. */
  readonly name: string;
  /** At most `count` signed blocks from `from` on; none when the feed has none there. Throws what `remedyOf` understands. */
  range(from: bigint, count: number, signal: AbortSignal): Promise<FeedPage>;
  /** Tells `listener` every new signed block from now on. Resolves to what ends it. */
  subscribe(listener: FeedListener, signal: AbortSignal): Promise<() => void>;
}

/** Blocks of a range answer, and bytes of them together, at most (docs/spec/rpc.md). */
export const maxRangeBlocks = 64;
export const maxRangeBytes = 2 * 2 ** 20;

/** Longest wait for an answer. */
const timeoutMs = 5_000;

/** The feed of the node at `url` (http or ws): one JSON-RPC endpoint for both ranges and subscription. */
export function remoteFeed(url: string, maxBlockBytes: number): FeedSource {
  const maxBytes = maxFeedBlockBytes(maxBlockBytes);
  // Hex is twice as long, and one block more than the limit may be in a page.
  const maxResponseBytes = 2 * (maxRangeBytes + maxBytes) + 64 * 1024;
  const client = createRpcClient({ url: url.replace(/^ws/, "http"), timeoutMs, maxResponseBytes });
  const read = (block: unknown): FeedBlock => {
    try {
      return feedBlockFromHex(block, maxBytes);
    } catch (error) {
      throw refused("malformed", undefined, error instanceof Error ? error.message : String(error), error);
    }
  };
  return {
    name: URL.parse(url)?.host ?? url,
    async range(from, count, signal) {
      const answer = await client.request<unknown>("rollup_signedBlocks", [toHex(from), toHex(count)], signal);
      const { signed, blocks } = pageOf(answer, count);
      return { signed, blocks: blocks.map(read) };
    },
    subscribe: (listener, signal) =>
      openSubscription({
        url,
        method: "rollup_subscribe",
        params: ["signedBlocks"],
        timeoutMs,
        signal,
        maxMessageBytes: 2 * maxBytes + 1024,
        onNotification: (result) => listener.onBlock(() => read(result)),
        onEnd: (error) => listener.onEnd(error),
      }),
  };
}

function pageOf(answer: unknown, count: number): { readonly signed: bigint; readonly blocks: readonly unknown[] } {
  if (typeof answer === "object" && answer !== null && "signed" in answer && "blocks" in answer) {
    const { signed, blocks } = answer;
    const isQuantity = typeof signed === "string" && /^0x[0-9a-f]{1,16}$/.test(signed);
    if (isQuantity && Array.isArray(blocks) && blocks.length <= count)
      return { signed: hexToBigInt(signed as `0x${string}`), blocks };
  }
  throw refused("malformed", undefined, "the answer to rollup_signedBlocks is no page of blocks");
}
