import type { Hash } from "@metis/protocol";
import { createRpcClient, RpcClientError, RpcError, rpcCodes } from "@metis/runtime";
import type { RpcClient } from "@metis/runtime";
import type { Hex } from "viem";
import type { Mempool } from "../mempool/api.ts";

/**
 * Passes raw transactions on to the first of `urls` that answers, with its answer as the replica's own: what a member of the pool
 * refuses is refused. The next one is tried only when the one before cannot be reached; the one that answered is asked first again.
 * What was taken goes to the own mempool too, so that pending nonces and transactions are shown here as well.
 */
export function forwardTo(urls: readonly string[], mempool: Pick<Mempool, "add">): (raw: Hex) => Promise<Hash> {
  const clients = urls.map((url) => createRpcClient({ url: url.replace(/^ws/, "http"), timeoutMs: 10_000 }));
  let first = 0;
  return async (raw) => {
    if (clients.length === 0)
      throw new RpcError(
        rpcCodes.serverError,
        "this replica takes no transactions: send them to a sequencer (sequencer.rpc)",
      );
    const troubles: string[] = [];
    for (let step = 0; step < clients.length; step++) {
      const index = (first + step) % clients.length;
      const outcome = await send(clients[index]!, raw);
      if ("hash" in outcome) {
        first = index;
        await mempool.add(raw).catch(() => undefined);
        return outcome.hash;
      }
      troubles.push(outcome.trouble);
    }
    throw new RpcError(
      rpcCodes.serverError,
      `no sequencer takes the transaction now, try again: ${troubles.join("; ")}`,
    );
  };
}

/** Throws what the sequencer refuses, in its own words. */
async function send(client: RpcClient, raw: Hex): Promise<{ readonly hash: Hash } | { readonly trouble: string }> {
  try {
    return { hash: await client.request<Hash>("eth_sendRawTransaction", [raw]) };
  } catch (error) {
    if (!(error instanceof RpcClientError)) throw error;
    if (error.code !== "rpc-error") return { trouble: error.message };
    const words = error.message.replace(/^eth_sendRawTransaction: /, "");
    throw new RpcError(error.payload.rpcCode ?? rpcCodes.serverError, words, error.payload.data);
  }
}
