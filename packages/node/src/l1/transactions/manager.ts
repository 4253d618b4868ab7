import type { Hash } from "@metis/protocol";
import type { Clock, CounterMetric, Logger, Metrics, Secret, Store } from "@metis/runtime";
import { keccak256 } from "viem";
import type { Abi, Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { PrivateKeyAccount } from "viem/accounts";
import type { L1Client, L1Receipt } from "../client.ts";
import { L1Error } from "../errors.ts";
import { bumpedOffer, firstOffer, readPrices } from "./fees.ts";
import type { FeeOffer } from "./fees.ts";
import { TransactionJournal } from "./journal.ts";
import { NonceWatch } from "./nonceWatch.ts";
import type { Attempt, Intent } from "./journal.ts";
import { wrapBlobTransaction } from "./sidecar.ts";
import type { BlobSidecar } from "./sidecar.ts";

/** A transaction to get onto L1. */
export interface TransactionRequest {
  /** Names the purpose; asking again with the same id continues what a run before a restart began. */
  readonly id: string;
  readonly to: Address;
  readonly data: Hex;
  /** Decodes refusals. */
  readonly abi: Abi;
  /** In the order of the transaction's versioned hashes; the sidecars must be in `sidecarOf`. */
  readonly versionedHashes?: readonly Hash[];
  /** Gas that an estimate, made at a price of zero, does not see. */
  readonly unseenGas?: bigint;
}

export interface TransactionManagerOptions {
  readonly l1: L1Client;
  readonly chainId: bigint;
  readonly privateKey: Secret;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How often the receipt is asked for. */
  readonly pollMs: number;
  /** Unmined for so long, an attempt is replaced by a dearer one. */
  readonly resubmitMs: number;
  /** Offers above this many wei per gas (or blob gas) wait instead. */
  readonly maxFeePerGas: bigint;
  readonly sidecarOf: (versionedHash: Hash) => Promise<BlobSidecar>;
}

/** A transaction that pools may have lost, as in a reorg, is sent again after so long. */
const rebroadcastMs = 4_000;
/** Margin on estimated gas: the state may change before the transaction is mined. */
const gasMarginPercent = 130n;

/**
 * Gets transactions of one key mined, one at a time: simulates, signs, writes down, sends, replaces with higher fees, and picks
 * up after a restart where it was. Resolves with the receipt once mined; a reorg after that is the caller's to notice.
 */
export class TransactionManager {
  readonly #options: TransactionManagerOptions;
  readonly #account: PrivateKeyAccount;
  readonly #journal: TransactionJournal;
  readonly #sent: CounterMetric;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: TransactionManagerOptions) {
    this.#options = options;
    this.#account = privateKeyToAccount(options.privateKey.reveal() as Hex);
    this.#journal = new TransactionJournal(options.store, this.#account.address);
    this.#sent = options.metrics.counter("l1_transactions", "Transactions sent to L1, replacements included");
  }

  get address(): Address {
    return this.#account.address;
  }

  /**
   * Throws `call-reverted` when the simulation is refused and `transaction-reverted` when the mined transaction was, both with
   * the custom error's name in `payload.reason`; then nothing is pending. Other errors have remedy `retry`.
   */
  send(request: TransactionRequest, signal: AbortSignal): Promise<L1Receipt> {
    const result = this.#queue.then(() => this.#send(request, signal));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #send(request: TransactionRequest, signal: AbortSignal): Promise<L1Receipt> {
    for (const intent of this.#journal.open()) {
      const receipt = await this.#finish(intent, request.abi, signal).catch((error: unknown) => {
        if (intent.id === request.id || !isOver(error)) throw error;
        return undefined;
      });
      if (intent.id === request.id && receipt) return receipt;
    }
    return this.#finish(await this.#begin(request), request.abi, signal);
  }

  /** Simulates and writes the first attempt down. */
  async #begin(request: TransactionRequest): Promise<Intent> {
    const { l1 } = this.#options;
    const { to, data, abi, id, versionedHashes = [], unseenGas = 0n } = request;
    const blobs = versionedHashes.length > 0 ? { blobVersionedHashes: versionedHashes } : {};
    const gas = await l1.estimateGas({ from: this.address, to, data, ...blobs }, abi);
    const prices = await readPrices(l1);
    const intent: Intent = {
      id,
      to,
      data,
      gasLimit: (gas * gasMarginPercent) / 100n + unseenGas,
      versionedHashes,
      nonce: await this.#nextNonce(),
      attempts: [],
    };
    return this.#attempt(intent, this.#affordable(firstOffer(prices, versionedHashes.length > 0)));
  }

  async #nextNonce(): Promise<number> {
    return Number(BigInt(await this.#options.l1.request<Hex>("eth_getTransactionCount", [this.address, "latest"])));
  }

  #affordable(offer: FeeOffer): FeeOffer {
    const limit = this.#options.maxFeePerGas;
    if (offer.maxFeePerGas > limit || offer.maxFeePerBlobGas > limit)
      throw new L1Error("fee-limit", "retry", `L1 asks for more than the limit of ${limit} wei per gas`, { ...offer });
    return offer;
  }

  /** Signs `intent` under `offer`, writes it down, then sends it. */
  async #attempt(intent: Intent, offer: FeeOffer): Promise<Intent> {
    const raw = await this.#sign(intent, offer);
    const attempt: Attempt = { hash: keccak256(raw), raw, offer };
    const next = { ...intent, attempts: [...intent.attempts, attempt] };
    await this.#journal.save(next);
    await this.#broadcast(next);
    return next;
  }

  #sign({ to, data, gasLimit, nonce, versionedHashes }: Intent, offer: FeeOffer): Promise<Hex> {
    const { maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas } = offer;
    const common = {
      chainId: Number(this.#options.chainId),
      to,
      data,
      gas: gasLimit,
      nonce,
      maxFeePerGas,
      maxPriorityFeePerGas,
    };
    if (versionedHashes.length === 0) return this.#account.signTransaction({ ...common, type: "eip1559" });
    return this.#account.signTransaction({
      ...common,
      type: "eip4844",
      maxFeePerBlobGas,
      blobVersionedHashes: versionedHashes,
    });
  }

  /** Sends the last attempt. What the endpoint already knows or has mined is no failure. */
  async #broadcast(intent: Intent): Promise<void> {
    const attempt = intent.attempts.at(-1);
    if (!attempt) return;
    const { l1, logger, sidecarOf } = this.#options;
    const sidecars = await Promise.all(intent.versionedHashes.map(sidecarOf));
    const raw = sidecars.length > 0 ? wrapBlobTransaction(attempt.raw, sidecars) : attempt.raw;
    try {
      await l1.request("eth_sendRawTransaction", [raw]);
      this.#sent.inc();
      logger.debug("sent", { id: intent.id, hash: attempt.hash, nonce: intent.nonce });
    } catch (error) {
      if (!(error instanceof L1Error) || error.code !== "l1-refused") throw error;
      if (/already (known|imported)|nonce too low|underpriced/i.test(error.message)) return;
      throw new L1Error("l1-refused", "retry", error.message, error.payload, { cause: error });
    }
  }

  /** Watches `intent` until one of its attempts is mined, resending and replacing as needed. */
  async #finish(started: Intent, abi: Abi, signal: AbortSignal): Promise<L1Receipt> {
    const { clock, pollMs, resubmitMs } = this.#options;
    const watch = new NonceWatch();
    let intent = started;
    let offered = clock.monotonic();
    // What a run before a restart left behind is sent again at once.
    let sent = -Infinity;
    while (!signal.aborted) {
      const receipt = await this.#minedReceipt(intent);
      if (receipt) return this.#conclude(intent, receipt, abi);
      await this.#requireNonce(intent, watch.look(intent.nonce, await this.#nextNonce()));
      const now = clock.monotonic();
      if (now - offered >= resubmitMs) {
        intent = await this.#replace(intent);
        offered = now;
        sent = now;
      } else if (now - sent >= rebroadcastMs) {
        await this.#broadcast(intent);
        sent = now;
      }
      await clock.sleep(pollMs, signal);
    }
    throw new L1Error("l1-unavailable", "retry", `${intent.id} was left in flight: stopping`, { id: intent.id });
  }

  /** Gives an intent up whose nonce can no longer be its own: the caller looks at L1 again and asks anew. */
  async #requireNonce(intent: Intent, state: "open" | "taken" | "gap"): Promise<void> {
    if (state === "open") return;
    await this.#journal.close(intent.id);
    const why = state === "taken" ? "was used by another transaction" : "lies above the next one: L1 took blocks back";
    throw new L1Error("nonce-taken", "retry", `nonce ${intent.nonce} ${why}`, { id: intent.id, nonce: intent.nonce });
  }

  async #replace(intent: Intent): Promise<Intent> {
    const { l1, logger } = this.#options;
    const prices = await readPrices(l1);
    const before = intent.attempts.at(-1)?.offer ?? firstOffer(prices, intent.versionedHashes.length > 0);
    const offer = bumpedOffer(before, prices);
    logger.info("replacing an unmined transaction with higher fees", { id: intent.id, nonce: intent.nonce, ...offer });
    try {
      return await this.#attempt(intent, this.#affordable(offer));
    } catch (error) {
      if (!(error instanceof L1Error) || error.code !== "fee-limit") throw error;
      logger.warn("fees are above the limit, waiting", { id: intent.id, ...offer });
      await this.#broadcast(intent);
      return intent;
    }
  }

  async #minedReceipt(intent: Intent): Promise<L1Receipt | undefined> {
    const receipts = await Promise.all(intent.attempts.map(({ hash }) => this.#options.l1.receipt(hash)));
    return receipts.find((receipt) => receipt !== undefined);
  }

  async #conclude(intent: Intent, receipt: L1Receipt, abi: Abi): Promise<L1Receipt> {
    await this.#journal.close(intent.id);
    if (receipt.success) return receipt;
    const { to, data } = intent;
    const reason = await this.#options.l1.call({ from: this.address, to, data }, abi).then(
      () => "reverted when it was mined, not any more",
      (error: unknown) => (error instanceof L1Error ? (error.payload.reason ?? error.message) : String(error)),
    );
    throw new L1Error("transaction-reverted", "reject", `${intent.id} was mined and refused: ${reason}`, {
      reason,
      hash: receipt.transactionHash,
    });
  }
}

/** Whether an error ends an intent, so that the next one may go. */
const isOver = (error: unknown): boolean =>
  error instanceof L1Error && (error.code === "transaction-reverted" || error.code === "nonce-taken");
