import { DataMode } from "@metis/protocol";
import { cheaperMode, maxCalldataPayload } from "@metis/rollup";
import type { BatchShape, L1Prices } from "@metis/rollup";
import type { DataForm } from "./cut.ts";

/** How batches travel: a fixed way, or whichever is cheaper. */
export type DaMode = "auto" | "blobs" | "calldata";

/** The mode a batch takes at these prices. What does not fit calldata takes blobs in any mode. */
export function chooseMode(mode: DaMode, shape: BatchShape, prices: L1Prices): DataForm["mode"] {
  if (shape.payloadSize > maxCalldataPayload || mode === "blobs") return DataMode.blobs;
  return mode === "calldata" ? DataMode.calldata : cheaperMode(shape, prices);
}
