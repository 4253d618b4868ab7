import type { CallRequest } from "@metis/mvm";
import { method } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import { RpcError, rpcCodes } from "@metis/runtime";
import { serializeTransaction } from "viem";
import type { Hex } from "viem";
import { nextBaseFee } from "../rpc/blockFees.ts";
import { callParam } from "../rpc/callRequest.ts";
import { decodeHeader } from "../rpc/header.ts";
import type { NodeBase } from "../wiring/base.ts";
import { show } from "./format.ts";

/** A signature as long, and as hard to compress, as any. */
const someSignature = {
  r: "0xb7d9f1c2a4e86035f1d7c3b2908e6a4d5c1f7e3a9b80264d1ce5f7a38b92d604",
  s: "0x2c6f81e4d93b07a5e8f1c4b62d7093a85e1b4cf7d206938ae5b1c7f4d3082e69",
  yParity: 1,
} as const;

/** What a transaction costs in all, in METIS wei. */
export const feeMethods = (base: NodeBase): Readonly<Record<string, RpcMethod>> => ({
  rollup_estimateFee: method([callParam], async ([request]) => show(await estimateFee(base, request))),
});

async function estimateFee({ mvm, heads, deployment, options }: NodeBase, request: CallRequest) {
  const { reader } = mvm;
  const { number } = heads.heads().signed;
  const estimate = await reader.estimateGas(request, number);
  if (estimate.status !== "success")
    throw new RpcError(
      estimate.status === "revert" ? rpcCodes.reverted : rpcCodes.serverError,
      estimate.status === "revert" ? "execution reverted" : estimate.reason,
      estimate.status === "revert" ? estimate.output : undefined,
    );
  const block = await reader.block(number);
  const baseFee = (block && nextBaseFee(decodeHeader(block.headerRlp))) ?? 0n;
  const gasPrice = baseFee + (request.maxPriorityFeePerGas ?? options["eth.suggestedTip"]);
  const bytes = unsignedBytes(request, estimate.gas, gasPrice, deployment.chainConfig.l2ChainId);
  const l1Fee = await reader.l1Fee(bytes, number);
  const executionFee = estimate.gas * gasPrice;
  return { gas: estimate.gas, gasPrice, executionFee, l1Fee, totalFee: executionFee + l1Fee };
}

/** The request as a transaction of type 2 under some signature. */
const unsignedBytes = (request: CallRequest, gas: bigint, gasPrice: bigint, chainId: bigint): Hex =>
  serializeTransaction(
    {
      type: "eip1559",
      chainId: Number(chainId),
      nonce: Number(request.nonce ?? 0n),
      gas: request.gas ?? gas,
      maxFeePerGas: request.maxFeePerGas ?? gasPrice,
      maxPriorityFeePerGas: request.maxPriorityFeePerGas ?? gasPrice,
      to: request.to ?? null,
      value: request.value ?? 0n,
      data: request.data ?? "0x",
      accessList: request.accessList ?? [],
    },
    someSignature,
  );
