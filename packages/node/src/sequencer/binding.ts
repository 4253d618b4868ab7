import type { ExecutedBlock } from "@metis/mvm";
import { decodeTransaction } from "@metis/protocol";
import { l1BlockAbi } from "@metis/protocol/contracts";
import { decodeFunctionData, hexToBytes } from "viem";
import type { Hex } from "viem";

/**
 * What of a block's inputs its hash does not say, so that other inputs would give the same hash: posted transactions that were
 * skipped, and a rate that was clamped. Nothing for a block whose hash binds all of them.
 */
export function unboundPart({ skipped, inputs, transactions }: ExecutedBlock): string | undefined {
  if (skipped.length > 0) return `transaction ${skipped[0]!.index} cannot be executed`;
  const written = inputs.rate === 0n ? 0n : rateWritten(transactions[0]);
  return written === inputs.rate ? undefined : `its rate ${inputs.rate} is outside the clamp`;
}

/** The rate that the system transaction writes, clamped by the kernel; it is the first one of a block that moves the anchor. */
function rateWritten(raw: Hex | undefined): bigint {
  const transaction = raw?.startsWith("0x7e") ? decodeTransaction(hexToBytes(raw)) : undefined;
  if (transaction?.type !== 0x7e) return 0n;
  const { functionName, args } = decodeFunctionData({ abi: l1BlockAbi, data: transaction.data });
  return functionName === "setL1BlockValues" ? args[6] : 0n;
}
