import { DataMode } from "@metis/protocol";
import { blobCount } from "../blobs.ts";

/** L1 prices in wei a gas. */
export interface L1Prices {
  readonly baseFee: bigint;
  readonly priorityFee: bigint;
  readonly blobBaseFee: bigint;
}

/** A batch as far as its cost depends on it. */
export interface BatchShape {
  /** Bytes of the payload. */
  readonly payloadSize: number;
  readonly members: number;
  readonly signatures: number;
}

/** Longest payload that goes as calldata, bytes. */
export const maxCalldataPayload = 120_000;
/** EIP-4844. */
export const gasPerBlob = 131_072n;
/** EIP-7623's floor for a byte that is not zero; compressed data has hardly another. */
const floorGasPerByte = 40n;
const gasPerByte = 16n;
/** LOGDATA 8 a byte, its copy and its hash 6 a word each, and the memory. */
const logGasPerByte = 9n;
const baseGas = 120_000n;
const gasPerSignature = 4_500n;
const gasPerMember = 900n;

/** Execution gas of `submitBatch` without the payload. An estimate for choosing, not for sending. */
const fixedGas = ({ members, signatures }: BatchShape): bigint =>
  21_000n + baseGas + gasPerSignature * BigInt(signatures) + gasPerMember * BigInt(members);

/** Wei that the batch costs on L1 in a mode. */
export function batchCost(
  mode: typeof DataMode.calldata | typeof DataMode.blobs,
  shape: BatchShape,
  prices: L1Prices,
): bigint {
  const gasPrice = prices.baseFee + prices.priorityFee;
  const bytes = BigInt(shape.payloadSize);
  if (mode === DataMode.blobs)
    return fixedGas(shape) * gasPrice + BigInt(blobCount(shape.payloadSize)) * gasPerBlob * prices.blobBaseFee;
  const executed = fixedGas(shape) + bytes * (gasPerByte + logGasPerByte);
  const floor = 21_000n + bytes * floorGasPerByte;
  return (executed > floor ? executed : floor) * gasPrice;
}

/**
 * Calldata, unless blobs save at least a twentieth: a payload of a few hundred bytes is not worth 128 KiB of sidecar that every
 * L1 node carries and forgets after 18 days. What is too long for calldata goes as blobs whatever they cost.
 */
export function cheaperMode(shape: BatchShape, prices: L1Prices): typeof DataMode.calldata | typeof DataMode.blobs {
  if (shape.payloadSize > maxCalldataPayload) return DataMode.blobs;
  const [calldata, blobs] = [DataMode.calldata, DataMode.blobs].map((mode) => batchCost(mode, shape, prices));
  return blobs! * 20n <= calldata! * 19n ? DataMode.blobs : DataMode.calldata;
}
