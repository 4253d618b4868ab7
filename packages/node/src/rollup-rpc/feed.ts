import { method, param, RpcError, rpcCodes } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import { SignedBlocks } from "../feed/serve.ts";
import type { NodeBase } from "../wiring/base.ts";
import type { ReceiptDesk } from "../receipts/desk.ts";
import { show } from "./format.ts";
import { showReceipt } from "./receipts.ts";

/** Code of geth when a client without a socket subscribes. */
const notificationsUnsupported = -32001;

/** Signed blocks for nodes that follow this one (docs/spec/rpc.md, "Signed blocks"). */
export function feedMethods(
  { chain, heads, mvm, logger }: Pick<NodeBase, "chain" | "heads" | "mvm" | "logger">,
  desk?: ReceiptDesk,
): Readonly<Record<string, RpcMethod>> {
  const blocks = new SignedBlocks({ chain, heads, reader: mvm.reader, logger: logger.child({ service: "feed" }) });
  const overHttp = (): RpcError =>
    new RpcError(notificationsUnsupported, "notifications not supported: subscribe over WebSocket");
  return {
    rollup_signedBlocks: method([param.uint64, param.count], async ([from, count]) =>
      show(await blocks.range(from, count)),
    ),
    rollup_subscribe: method([param.text], ([kind], { connection }) => {
      if (!connection) throw overHttp();
      if (kind === "receipts" && desk)
        return connection.subscribe(
          (send) => desk.subscribe((receipt) => send(showReceipt(receipt))),
          "rollup_subscription",
        );
      if (kind !== "signedBlocks")
        throw new RpcError(rpcCodes.methodNotFound, `no "${kind.slice(0, 64)}" subscription in rollup namespace`);
      return connection.subscribe((send) => blocks.subscribe(send), "rollup_subscription");
    }),
    rollup_unsubscribe: method([param.data], ([subscribed], { connection }) => {
      if (!connection) throw overHttp();
      if (!connection.unsubscribe(subscribed)) throw new RpcError(rpcCodes.serverError, "subscription not found");
      return true;
    }),
  };
}
