// How long a user waits for the leader's promise of a place in its order.
import { RpcClientError, systemClock } from "@metis/runtime";
import { signTransfer } from "../poolProcesses.ts";
import type { ProcessPool } from "../poolProcesses.ts";

const clock = systemClock();

export interface ReceiptDelays {
  /** Milliseconds from asking any seat to the receipt, of those that got one at the first try. */
  readonly delays: readonly number[];
  /** Transactions that went on without one: the lead changed under them. */
  readonly without: number;
  /** Nonce of the next transaction. */
  readonly nonce: number;
}

/** Sends transactions from `firstNonce` on for so many seconds, one every `everyMs`, and asks each seat in turn for a receipt. */
export async function receiptDelays(
  pool: ProcessPool,
  firstNonce: number,
  seconds: number,
  everyMs: number,
): Promise<ReceiptDelays> {
  const account = pool.world.anvil.account(5);
  const seats = pool.running.map((index) => pool.at(index));
  const delays: number[] = [];
  const end = clock.monotonic() + 1000 * seconds;
  let nonce = firstNonce;
  let without = 0;
  for (; clock.monotonic() < end; nonce++) {
    const raw = await signTransfer(account, nonce);
    const asked = clock.monotonic();
    try {
      await seats[nonce % seats.length]!.rpc.request("rollup_sendRawTransactionWithReceipt", [raw]);
      delays.push(clock.monotonic() - asked);
    } catch (error) {
      if (!(error instanceof RpcClientError) || error.code !== "rpc-error") throw error;
      without += 1;
    }
    await clock.sleep(Math.max(0, everyMs - (clock.monotonic() - asked)));
  }
  return { delays, without, nonce };
}
