import type { Hash } from "@metis/protocol";
import { createRpcClient, RpcClientError, RpcError, rpcCodes } from "@metis/runtime";
import type { RpcClient } from "@metis/runtime";
import type { Hex } from "viem";
import type { Mempool } from "../mempool/api.ts";

/** Passes a call on; resolves to the answer. */
export type Forward = (method: string, params: readonly unknown[]) => Promise<unknown>;

/**
 * Passes calls on to the first of `urls` that answers, with its answer as the replica's own: what a member of the pool refuses is
 * refused. The next one is tried only when the one before cannot be reached; the one that answered is asked first again.
 */
export function forwardCalls(urls: readonly string[]): Forward {
  const clients = urls.map((url) => createRpcClient({ url: url.replace(/^ws/, "http"), timeoutMs: 10_000 }));
  let first = 0;
  return async (method, params) => {
    if (clients.length === 0)
      throw new RpcError(
        rpcCodes.serverError,
        "this replica takes no transactions: send them to a sequencer (sequencer.rpc)",
      );
    const troubles: string[] = [];
    for (let step = 0; step < clients.length; step++) {
      const index = (first + step) % clients.length;
      const outcome = await send(clients[index]!, method, params);
      if ("result" in outcome) {
        first = index;
        return outcome.result;
      }
      troubles.push(outcome.trouble);
    }
    throw new RpcError(
      rpcCodes.serverError,
      `no sequencer takes the transaction now, try again: ${troubles.join("; ")}`,
    );
  };
}

/** Passes raw transactions on. What was taken goes to the own mempool too, so that pending nonces and transactions show here as well. */
export const forwardTo =
  (forward: Forward, mempool: Pick<Mempool, "add">): ((raw: Hex) => Promise<Hash>) =>
  async (raw) => {
    const hash = await forward("eth_sendRawTransaction", [raw]);
    await mempool.add(raw).catch(() => undefined);
    return hash as Hash;
  };

/** The same, for a receipt of the leader. A transaction without a receipt may be in the pool as well. */
export const forwardWithReceipt =
  (forward: Forward, mempool: Pick<Mempool, "add">): ((raw: Hex) => Promise<unknown>) =>
  async (raw) => {
    try {
      return await forward("rollup_sendRawTransactionWithReceipt", [raw]);
    } finally {
      await mempool.add(raw).catch(() => undefined);
    }
  };

/** Throws what the sequencer refuses, in its own words. */
async function send(
  client: RpcClient,
  method: string,
  params: readonly unknown[],
): Promise<{ readonly result: unknown } | { readonly trouble: string }> {
  try {
    return { result: await client.request(method, params) };
  } catch (error) {
    if (!(error instanceof RpcClientError)) throw error;
    if (error.code !== "rpc-error") return { trouble: error.message };
    const words = error.message.startsWith(`${method}: `) ? error.message.slice(method.length + 2) : error.message;
    throw new RpcError(error.payload.rpcCode ?? rpcCodes.serverError, words, error.payload.data);
  }
}
