import { DecodeError, decodeTransaction, feeCap, type Hash, type SignedTransaction } from "@metis/protocol";
import type { MvmReader } from "@metis/mvm";
import { BaseService, steadyTime, type Clock, type Logger, type Metrics, type Store } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { HeadView } from "../rpc/heads.ts";
import type { DropReason, Mempool, MempoolEvent, PooledTransaction } from "./api.ts";
import { AccountReader } from "./accounts.ts";
import { blobCost, checkBlobs, receive, type BlobProver } from "./blobs.ts";
import { mempoolOptions, type MempoolOptions } from "./config.ts";
import { MempoolError } from "./errors.ts";
import { HeadFollower } from "./follower.ts";
import { Journal } from "./journal.ts";
import { byArrival } from "./order.ts";
import { TransactionPool, type AccountState, type Dropped } from "./pool.ts";
import { recoverSender, type KeyListener } from "../signatures.ts";
import { checkTransaction, type PoolRules } from "./validate.ts";

export interface MempoolServiceOptions {
  readonly reader: MvmReader;
  readonly heads: HeadView;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly chainId: bigint;
  readonly blockGasLimit: bigint;
  /** Milliseconds that a transaction may be in memory alone before it is on disk; 0 unless others have it, too. */
  readonly journalLagMs?: () => number;
  /** Told of every sender's key: who executes the transaction need not recover it again. */
  readonly onKey?: KeyListener;
  /** Checks blobs; without it blob transactions are refused, as on an L2. */
  readonly blobs?: BlobProver;
  readonly options?: Partial<MempoolOptions>;
}

const expiryCheckMs = 60_000;

/** The mempool as a service: senders, balances, the journal and the head around `TransactionPool`. */
export class MempoolService extends BaseService implements Mempool {
  readonly #pool: TransactionPool;
  readonly #options: MempoolOptions;
  readonly #rules: PoolRules;
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #logger: Logger;
  readonly #journal: Journal;
  readonly #accounts: AccountReader;
  readonly #follower: HeadFollower;
  readonly #listeners = new Set<(event: MempoolEvent) => void>();
  readonly #announced = new Set<Hash>();
  readonly #onKey: KeyListener | undefined;
  readonly #blobs: BlobProver | undefined;
  readonly #count: (outcome: string) => void;
  #arrivals = 0;
  #cancelExpiry: () => void = () => undefined;

  constructor(given: MempoolServiceOptions) {
    super("mempool");
    const options = mempoolOptions(given.options);
    this.#options = options;
    this.#rules = {
      chainId: given.chainId,
      blockGasLimit: given.blockGasLimit,
      minTip: options["mempool.minTip"],
      allowUnprotected: options["mempool.allowUnprotected"],
    };
    this.#onKey = given.onKey;
    this.#blobs = given.blobs;
    this.#clock = given.clock;
    this.#now = steadyTime(given.clock);
    this.#logger = given.logger;
    this.#pool = new TransactionPool(options);
    this.#accounts = new AccountReader(given.reader);
    this.#journal = new Journal({
      store: given.store,
      clock: given.clock,
      lagMs: given.journalLagMs ?? (() => 0),
      onError: (error) => given.logger.warn("the journal cannot be written", { error }),
    });
    this.#follower = new HeadFollower(given.reader, given.heads, {
      refresh: (senders) => this.#refresh(senders),
      included: (hashes) => this.#included(hashes),
      logger: given.logger,
    });
    this.#count = this.#instrument(given.metrics);
  }

  protected async onStart(): Promise<void> {
    const kept = this.#journal.entries();
    this.#arrivals = (kept.at(-1)?.arrival ?? -1) + 1;
    for (const { raw, addedAt, arrival } of kept) {
      try {
        await this.#admit(raw, { addedAt, arrival });
      } catch {
        this.#journal.delete(arrival);
      }
    }
    if (kept.length > 0)
      this.#logger.info("took transactions back from the journal", { ...this.counts(), kept: kept.length });
    this.#follower.start();
    this.#scheduleExpiry();
  }

  protected async onStop(): Promise<void> {
    this.#cancelExpiry();
    await this.#follower.stop();
    await this.#journal.flush();
  }

  async add(raw: Hex): Promise<Hash> {
    try {
      const hash = await this.#admit(raw);
      this.#count("accepted");
      return hash;
    } catch (error) {
      this.#count(error instanceof MempoolError ? error.code : "failed");
      throw error;
    }
  }

  pending(baseFee = 0n): Iterable<PooledTransaction> {
    const runs: PooledTransaction[][] = [];
    for (const sender of this.#pool.senders()) {
      const run = this.#pool.executable(sender);
      const end = run.findIndex(({ transaction }) => feeCap(transaction) < baseFee);
      runs.push(end < 0 ? run : run.slice(0, end));
    }
    return byArrival(runs);
  }

  get(hash: Hash): PooledTransaction | undefined {
    return this.#pool.get(hash);
  }

  pendingNonce(sender: Address): bigint | undefined {
    return this.#pool.nextNonce(sender);
  }

  drop(hash: Hash, reason: DropReason): void {
    const transaction = this.#pool.remove(hash);
    if (transaction) this.#forget([{ transaction, reason }]);
  }

  async reinsert(raws: readonly Hex[]): Promise<void> {
    // Until then the pool holds its accounts' nonces after the blocks that are gone.
    await this.#follower.settled();
    for (const raw of raws) {
      try {
        await this.#admit(raw);
        this.#count("reinserted");
      } catch (error) {
        this.#logger.debug("a transaction of a removed block does not fit any more", { error });
      }
    }
  }

  counts(): { readonly pending: number; readonly queued: number } {
    return { pending: this.#pool.pendingCount, queued: this.#pool.queuedCount };
  }

  content(): { readonly pending: readonly PooledTransaction[]; readonly queued: readonly PooledTransaction[] } {
    const all = [...this.#pool.all()];
    return {
      pending: all.filter((entry) => this.#pool.isExecutable(entry)),
      queued: all.filter((entry) => !this.#pool.isExecutable(entry)),
    };
  }

  subscribe(listener: (event: MempoolEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the pool has caught up with the head. */
  settled(): Promise<void> {
    return this.#follower.settled();
  }

  /** Checks what needs no state, reads the sender's account, and puts the transaction in. */
  async #admit(given: Hex, kept?: { readonly addedAt: number; readonly arrival: number }): Promise<Hash> {
    const { raw, sidecars } = receive(given, this.#blobs !== undefined);
    const size = (raw.length - 2) / 2;
    const limit = this.#options["mempool.maxTransactionBytes"];
    if (size > limit) throw new MempoolError("oversized", `oversized data: transaction size ${size}, limit ${limit}`);
    const transaction = decode(raw);
    if (this.#pool.get(transaction.hash)) throw new MempoolError("already-known", "already known");
    checkTransaction(transaction, this.#rules);
    const sender = recoverSender(transaction, this.#onKey);
    if (!sender) throw new MempoolError("bad-signature", "invalid sender: invalid transaction v, r, s values");
    if (sidecars && this.#blobs) await checkBlobs(transaction, sidecars, this.#blobs);
    const { state, feeBound } = await this.#readAccount(sender, raw, transaction);
    const old = this.#pool.at(sender, transaction.nonce);
    const entry: PooledTransaction = {
      hash: transaction.hash,
      raw,
      sender,
      transaction,
      size,
      arrival: kept?.arrival ?? old?.arrival ?? this.#arrivals,
      // The journal may be of a time when the clock was ahead.
      addedAt: Math.min(kept?.addedAt ?? Infinity, this.#now()),
      cost: transaction.gasLimit * feeCap(transaction) + transaction.value + feeBound + blobCost(transaction),
    };
    const dropped = this.#pool.insert(entry, this.#pool.state(sender) ?? state);
    if (!kept && !old) this.#arrivals++;
    this.#forget(dropped);
    if (!kept) this.#journal.put(entry.arrival, { addedAt: entry.addedAt, raw });
    this.#announce(sender, transaction.nonce);
    return entry.hash;
  }

  /**
   * What the pool knows of the sender's account, or else the head. What it knew when it was asked is worth nothing once the sender's
   * last transaction has left it: nobody brings that up to date.
   */
  async #readAccount(sender: Address, raw: Hex, transaction: SignedTransaction): ReturnType<AccountReader["read"]> {
    for (;;) {
      const known = this.#pool.state(sender);
      const read = await this.#accounts.read(sender, raw, transaction, known);
      if (known === undefined || this.#pool.state(sender) !== undefined) return read;
    }
  }

  async #refresh(senders: Iterable<Address> | "all"): Promise<void> {
    this.#accounts.newHead();
    const changed = senders === "all" ? [...this.#pool.senders()] : new Set([...senders, ...this.#accounts.delegated]);
    for (const sender of changed) {
      if (!this.#pool.state(sender)) continue;
      const state: AccountState = await this.#accounts.state(sender);
      this.#forget(this.#pool.update(sender, state));
      this.#announce(sender);
    }
  }

  #included(hashes: Iterable<Hash>): void {
    for (const hash of hashes) this.drop(hash, "included");
  }

  /** Tells of each executable transaction of `sender` once, those below `from` known to be told. */
  #announce(sender: Address, from = 0n): void {
    if (this.#listeners.size === 0) return;
    for (const transaction of this.#pool.executable(sender, from)) {
      if (this.#announced.has(transaction.hash)) continue;
      this.#announced.add(transaction.hash);
      this.#emit({ kind: "pending", transaction });
    }
  }

  #forget(dropped: readonly Dropped[]): void {
    for (const { transaction, reason } of dropped) {
      this.#announced.delete(transaction.hash);
      if (!this.#pool.state(transaction.sender)) this.#accounts.forget(transaction.sender);
      // A replacement takes over the arrival number and with it the journal's entry.
      if (reason !== "replaced") this.#journal.delete(transaction.arrival);
      this.#count(reason);
      this.#emit({ kind: "dropped", transaction, reason });
    }
  }

  #emit(event: MempoolEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #scheduleExpiry(): void {
    this.#cancelExpiry = this.#clock.after(expiryCheckMs, () => {
      const oldest = this.#now() - this.#options["mempool.lifetimeMinutes"] * 60_000;
      const expired = [...this.#pool.all()].filter(({ addedAt }) => addedAt < oldest);
      for (const { hash } of expired) this.drop(hash, "expired");
      this.#scheduleExpiry();
    });
  }

  #instrument(metrics: Metrics): (outcome: string) => void {
    const outcomes = metrics.counter("mempool_transactions_total", "Transactions by what became of them", ["outcome"]);
    metrics.observed("mempool_pending", "Executable transactions", () => this.#pool.pendingCount);
    metrics.observed("mempool_queued", "Transactions that wait for a nonce or funds", () => this.#pool.queuedCount);
    metrics.observed("mempool_bytes", "Bytes of all transactions", () => this.#pool.bytes);
    return (outcome) => outcomes.inc(1, { outcome });
  }
}

function decode(raw: Hex): SignedTransaction {
  try {
    const transaction = decodeTransaction(Buffer.from(raw.slice(2), "hex"));
    if (transaction.type === 0x7e) throw new MempoolError("type-unsupported", "transaction type not supported");
    return transaction;
  } catch (error) {
    if (error instanceof DecodeError)
      throw new MempoolError("malformed", `malformed transaction: ${error.payload.why}`);
    throw error;
  }
}
