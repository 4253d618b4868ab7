import { MetisError } from "@metis/protocol";
import type { Health, Logger } from "@metis/runtime";

/** What a failure at `height` means for the engine's health; it must end when going on would do harm. */
export function judged(
  error: unknown,
  height: bigint,
  logger: Logger,
): { readonly health: Health; readonly mustEnd: boolean } {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof MetisError && error.remedy === "halt") {
    logger.error("stopped: going on would do harm", { height, error });
    return { health: { status: "failed", detail }, mustEnd: true };
  }
  logger.warn("height failed, trying again", { height, error });
  return { health: { status: "degraded", detail }, mustEnd: false };
}
