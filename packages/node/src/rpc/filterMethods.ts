import { method, param, RpcError, rpcCodes, type RpcMethod } from "@metis/runtime";
import type { Mempool } from "../mempool/api.ts";
import type { ChainFeed } from "./feed.ts";
import { matchingLogs, type Filters } from "./filters.ts";
import { formatHeader, formatTransaction, type Json } from "./format.ts";
import { decodeHeader } from "./header.ts";
import { logQueryParam, type LogSearch } from "./logs.ts";

/** Code of geth when a client without a socket subscribes. */
const notificationsUnsupported = -32001;

type Start = (send: (result: unknown) => void) => () => void;

/** Logs, filters and subscriptions. */
export function filterMethods(given: {
  readonly search: LogSearch;
  readonly filters: Filters;
  readonly feed: ChainFeed;
  readonly mempool: Mempool | undefined;
}): Readonly<Record<string, RpcMethod>> {
  const { search, filters, feed, mempool } = given;
  const id = param.data;

  const heads: Start = (send) =>
    feed.subscribe(({ added }) => {
      for (const { block } of added) send(formatHeader(decodeHeader(block.headerRlp), block.hash));
    });
  const logs = (query: unknown): Start => {
    const read = logQueryParam.read(query ?? {}, "1");
    if (read.blockHash !== undefined)
      throw new RpcError(
        rpcCodes.invalidParams,
        "invalid argument 1: a subscription follows the chain and takes no blockHash",
      );
    return (send) =>
      feed.subscribe((change) => {
        for (const log of matchingLogs(change, read)) send(log);
      });
  };
  const pending = (full: unknown): Start => {
    const whole = param.optional(param.boolean).read(full, "1") ?? false;
    return (send) =>
      mempool?.subscribe((event) => {
        if (event.kind !== "pending") return;
        const { hash, transaction, sender } = event.transaction;
        send(whole ? formatTransaction(transaction, sender, undefined) : hash);
      }) ?? (() => undefined);
  };

  const subscription = (kind: string, argument: unknown): Start => {
    if (kind === "newHeads") return heads;
    if (kind === "logs") return logs(argument);
    if (kind === "newPendingTransactions") return pending(argument);
    throw new RpcError(rpcCodes.methodNotFound, `no "${kind}" subscription in eth namespace`);
  };

  return {
    eth_getLogs: method([logQueryParam], ([query]) => search.search(query)),
    eth_newFilter: method([logQueryParam], ([query]) => filters.newLogs(query)),
    eth_newBlockFilter: method([], () => filters.newBlocks()),
    eth_newPendingTransactionFilter: method([param.any], () => filters.newPending()),
    eth_getFilterChanges: method([id], ([filter]): readonly Json[] => filters.changes(filter)),
    eth_getFilterLogs: method([id], ([filter]) => filters.logs(filter)),
    eth_uninstallFilter: method([id], ([filter]) => filters.uninstall(filter)),
    eth_subscribe: method([param.text, param.any], ([kind, argument], { connection }) => {
      if (!connection)
        throw new RpcError(notificationsUnsupported, "notifications not supported: subscribe over WebSocket");
      return connection.subscribe(subscription(kind.slice(0, 64), argument));
    }),
    eth_unsubscribe: method([id], ([subscribed], { connection }) => {
      if (!connection)
        throw new RpcError(notificationsUnsupported, "notifications not supported: subscribe over WebSocket");
      if (!connection.unsubscribe(subscribed)) throw new RpcError(rpcCodes.serverError, "subscription not found");
      return true;
    }),
  };
}
