import type { Clock } from "../clock.ts";
import { askAnvil } from "./anvilCall.ts";
import type { Child } from "./child.ts";

/**
 * Mines a block of the anvil at `url` every `intervalMs`, whatever has come in by then, until the returned function is called or
 * anvil has gone: another one may come up at its place, with a miner of its own.
 * Anvil could do that itself, but then it keeps 1,500 copies of the state whenever blocks are two seconds or less apart
 * (`--prune-history` is forgotten), which is more than a gigabyte after some hours.
 */
export async function mineEvery(
  { url, process }: { readonly url: string; readonly process: Pick<Child, "running"> },
  intervalMs: number,
  clock: Clock,
): Promise<() => void> {
  await askAnvil(url, "evm_setAutomine", [false]);
  let cancel: () => void = () => undefined;
  let stopped = false;
  let due = clock.monotonic();
  const later = (): void => {
    due = Math.max(due + intervalMs, clock.monotonic());
    if (!stopped) cancel = clock.after(due - clock.monotonic(), mine);
  };
  // An anvil that is busy with being saved misses a block.
  const mine = (): void => {
    if (process.running) void askAnvil(url, "evm_mine").then(later, later);
  };
  later();
  return () => {
    stopped = true;
    cancel();
  };
}
