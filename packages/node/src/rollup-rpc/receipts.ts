import { method, param, RpcError, rpcCodes } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import type { Hex } from "viem";
import { ReceiptError } from "../receipts/errors.ts";
import type { ReceiptDesk } from "../receipts/desk.ts";
import type { SignedReceipt } from "../receipts/signed.ts";
import { show } from "./format.ts";

/** Sends a transaction with a receipt: by the seat's own desk, or by the seat that a replica passes it on to. */
export type SendWithReceipt = (raw: Hex) => Promise<unknown>;

/** Receipts of the leader (docs/spec/receipts.md). */
export const receiptMethods = (send: SendWithReceipt | undefined): Readonly<Record<string, RpcMethod>> => ({
  rollup_sendRawTransactionWithReceipt: method([param.data], ([raw]) => {
    if (!send) throw new RpcError(rpcCodes.serverError, "this node takes no transactions");
    return send(raw);
  }),
});

/** A seat's way to receipts. Whoever gets none learns why, and by which hash the transaction goes on. */
export const sendAtDesk =
  (desk: ReceiptDesk): SendWithReceipt =>
  async (raw) => {
    try {
      return showReceipt(await desk.submit(raw));
    } catch (error) {
      if (!(error instanceof ReceiptError)) throw error;
      const { code: reason, remedy, message, payload } = error;
      throw new RpcError(rpcCodes.serverError, message, { reason, remedy, ...payload }, remedy);
    }
  };

/** A receipt as clients see it. */
export const showReceipt = ({ receipt, signer, signature }: SignedReceipt): unknown => {
  const { transactionHash, generation, ...rest } = receipt;
  return show({ transactionHash, receipt: { generation: BigInt(generation), ...rest, signer, signature } });
};
