import type { BlockView } from "@metis/mvm";
import { method, param, RpcError, rpcCodes, type RpcMethod } from "@metis/runtime";
import type { Hex } from "viem";
import type { Blocks } from "./blocks.ts";
import type { EthContext } from "./context.ts";
import { formatTransaction, type Json } from "./format.ts";
import { blockNumberParam } from "./params.ts";

/** Transactions: looking them up and sending them. */
export function transactionMethods(context: EthContext, blocks: Blocks): Readonly<Record<string, RpcMethod>> {
  const { mempool, send = mempool?.add.bind(mempool) } = context;

  const atIndex = async (found: BlockView | undefined, index: bigint): Promise<Json> =>
    found && index < BigInt(found.transactions.length) ? blocks.showTransaction(found, Number(index)) : null;
  const rawAt = (found: BlockView | undefined, index: bigint): Hex =>
    (found && index < BigInt(found.transactions.length) ? found.transactions[Number(index)] : undefined) ?? "0x";
  const selectHash = (hash: Hex) => ({ hash, requireCanonical: false });

  const rawOf = async (hash: Hex): Promise<Hex | undefined> => {
    const found = await blocks.locate(hash);
    return found?.block.transactions[found.index] ?? mempool?.get(hash)?.raw;
  };

  return {
    eth_getTransactionByHash: method([param.hash], async ([hash]) => {
      const found = await blocks.locate(hash);
      if (found) return blocks.showTransaction(found.block, found.index);
      const pooled = mempool?.get(hash);
      return pooled ? formatTransaction(pooled.transaction, pooled.sender, undefined) : null;
    }),
    eth_getTransactionByBlockNumberAndIndex: method([blockNumberParam, param.uint64], async ([selector, index]) =>
      atIndex(await blocks.find(selector), index),
    ),
    eth_getTransactionByBlockHashAndIndex: method([param.hash, param.uint64], async ([hash, index]) =>
      atIndex(await blocks.find(selectHash(hash)), index),
    ),
    eth_getTransactionReceipt: method([param.hash], async ([hash]) => {
      const found = await blocks.locate(hash);
      return found ? ((await blocks.showReceipts(found.block, found.index))[0] ?? null) : null;
    }),
    eth_getRawTransactionByHash: method([param.hash], async ([hash]) => (await rawOf(hash)) ?? "0x"),
    eth_getRawTransactionByBlockNumberAndIndex: method([blockNumberParam, param.uint64], async ([selector, index]) =>
      rawAt(await blocks.find(selector), index),
    ),
    eth_getRawTransactionByBlockHashAndIndex: method([param.hash, param.uint64], async ([hash, index]) =>
      rawAt(await blocks.find(selectHash(hash)), index),
    ),
    debug_getRawTransaction: method([param.hash], async ([hash]) => (await rawOf(hash)) ?? "0x"),
    eth_sendRawTransaction: method([param.data], ([raw]) => {
      if (!send) throw new RpcError(rpcCodes.serverError, "this node takes no transactions");
      return send(raw);
    }),
    // Keys never live in the node: the message says so instead of "method not found".
    eth_sendTransaction: method([param.any], () => {
      throw new RpcError(
        rpcCodes.serverError,
        "unknown account: this node holds no keys; sign and use eth_sendRawTransaction",
      );
    }),
    eth_sign: method([param.any, param.any], () => {
      throw new RpcError(rpcCodes.serverError, "unknown account: this node holds no keys");
    }),
  };
}
