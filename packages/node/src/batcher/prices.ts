import { DataMode } from "@metis/protocol";
import type { L1Prices } from "../l1/transactions/fees.ts";
import type { DataForm } from "./cut.ts";

/** How batches travel: a fixed way, or whichever is cheaper. */
export type DaMode = "auto" | "blobs" | "calldata";

/** Longest payload that fits a transaction as calldata, bytes (pools take 128 KiB a transaction). */
export const maxCalldataPayload = 120_000;
const blobGas = 131_072n;
/** EIP-7623: floor price of calldata, gas a byte; compressed data has next to no zeros. */
const calldataGasPerByte = 40n;
/** Log data and its hash, gas a byte. */
const logGasPerByte = 9n;
/** What one blob adds in execution: versioned hash in the log and the header check. */
const perBlobGas = 1_500n;
const usablePerBlob = 126_976;

/** Blobs that a payload needs. */
export const blobCount = (payloadSize: number): number => Math.max(1, Math.ceil(payloadSize / usablePerBlob));

/** Which mode a payload of `size` bytes takes at these prices. What does not fit calldata takes blobs in any mode. */
export function chooseMode(mode: DaMode, size: number, prices: L1Prices): DataForm["mode"] {
  if (size > maxCalldataPayload || mode === "blobs") return DataMode.blobs;
  if (mode === "calldata") return DataMode.calldata;
  const gasPrice = prices.baseFee + prices.priorityFee;
  const calldata = BigInt(size) * (calldataGasPerByte + logGasPerByte) * gasPrice;
  const blobs = BigInt(blobCount(size)) * (blobGas * prices.blobBaseFee + perBlobGas * gasPrice);
  return blobs < calldata ? DataMode.blobs : DataMode.calldata;
}
