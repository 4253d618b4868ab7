import { feeCap, tipCap, type Hash } from "@metis/protocol";
import type { Address } from "viem";
import type { DropReason, PooledTransaction } from "./api.ts";
import type { MempoolOptions } from "./config.ts";
import { MempoolError } from "./errors.ts";

/** What the pool knows of an account at the head. */
export interface AccountState {
  readonly nonce: bigint;
  readonly balance: bigint;
}

export interface Dropped {
  readonly transaction: PooledTransaction;
  readonly reason: DropReason;
}

/** A sender's transactions. The first `executable` nonces from `state.nonce` on are there and paid for. */
interface Account {
  state: AccountState;
  readonly byNonce: Map<bigint, PooledTransaction>;
  executable: number;
  /** What the executable ones cost together. */
  spent: bigint;
}

/**
 * The rules of the pool over accounts that it is told about: no I/O, no time. Invariants, after each call:
 * counts and bytes are those of the transactions held and within the limits; a sender's executable transactions have
 * consecutive nonces from the account's, and together cost at most its balance.
 */
export class TransactionPool {
  readonly #options: MempoolOptions;
  readonly #byHash = new Map<Hash, PooledTransaction>();
  readonly #accounts = new Map<Address, Account>();
  #bytes = 0;
  #pending = 0;

  constructor(options: MempoolOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get pendingCount(): number {
    return this.#pending;
  }

  get queuedCount(): number {
    return this.#byHash.size - this.#pending;
  }

  get(hash: Hash): PooledTransaction | undefined {
    return this.#byHash.get(hash);
  }

  all(): Iterable<PooledTransaction> {
    return this.#byHash.values();
  }

  senders(): Iterable<Address> {
    return this.#accounts.keys();
  }

  /** The account as last told, while the pool holds transactions of it. */
  state(sender: Address): AccountState | undefined {
    return this.#accounts.get(sender)?.state;
  }

  /** The sender's executable transactions by rising nonce, those below `from` left out. */
  executable(sender: Address, from = 0n): PooledTransaction[] {
    const account = this.#accounts.get(sender);
    if (!account) return [];
    const result: PooledTransaction[] = [];
    const end = nextNonce(account);
    for (let nonce = from > account.state.nonce ? from : account.state.nonce; nonce < end; nonce++) {
      const transaction = account.byNonce.get(nonce);
      if (transaction) result.push(transaction);
    }
    return result;
  }

  /** Nonce after the sender's executable transactions; `undefined` when it has none. */
  nextNonce(sender: Address): bigint | undefined {
    const account = this.#accounts.get(sender);
    return account && account.executable > 0 ? nextNonce(account) : undefined;
  }

  isExecutable({ sender, transaction: { nonce } }: PooledTransaction): boolean {
    const account = this.#accounts.get(sender);
    return account !== undefined && nonce >= account.state.nonce && nonce < nextNonce(account);
  }

  /** The transaction that `sender` and `nonce` name. */
  at(sender: Address, nonce: bigint): PooledTransaction | undefined {
    return this.#accounts.get(sender)?.byNonce.get(nonce);
  }

  /**
   * Takes `entry`, whose sender's account is `state`. Returns what had to go for it.
   * Throws `MempoolError` and changes nothing when it does not fit.
   */
  insert(entry: PooledTransaction, state: AccountState): readonly Dropped[] {
    if (this.#byHash.has(entry.hash)) throw new MempoolError("already-known", "already known");
    const { nonce } = entry.transaction;
    const account = this.#accounts.get(entry.sender);
    const old = account?.byNonce.get(nonce);
    this.#checkNonce(nonce, state);
    this.#checkFunds(entry, state, account, old);
    if (old) this.#checkReplacement(entry, old);
    const leaving = old ?? this.#checkSender(entry, state, account);
    const dropped = this.#makeRoom(entry, leaving, account?.state ?? state, account);
    if (leaving) {
      this.#take(leaving);
      dropped.push({ transaction: leaving, reason: old ? "replaced" : "evicted" });
    }
    this.#put(entry, state);
    return dropped;
  }

  /** Removes a transaction; the sender's later nonces wait from then on. */
  remove(hash: Hash): PooledTransaction | undefined {
    const entry = this.#byHash.get(hash);
    if (entry) this.#take(entry);
    return entry;
  }

  /** Learns an account's state at a new head; returns what can no longer be included. */
  update(sender: Address, state: AccountState): readonly Dropped[] {
    const account = this.#accounts.get(sender);
    if (!account) return [];
    const dropped: Dropped[] = [];
    for (const transaction of account.byNonce.values()) {
      if (transaction.transaction.nonce < state.nonce) dropped.push({ transaction, reason: "nonce-too-low" });
      else if (transaction.cost > state.balance) dropped.push({ transaction, reason: "insufficient-funds" });
    }
    for (const { transaction } of dropped) this.#take(transaction);
    const still = this.#accounts.get(sender);
    if (still) {
      still.state = state;
      this.#classify(still);
    }
    return dropped;
  }

  #checkNonce(nonce: bigint, state: AccountState): void {
    if (nonce < state.nonce)
      throw new MempoolError("nonce-too-low", `nonce too low: next nonce ${state.nonce}, tx nonce ${nonce}`);
    const gap = BigInt(this.#options["mempool.maxNonceGap"]);
    if (nonce > state.nonce + gap)
      throw new MempoolError(
        "nonce-too-high",
        `nonce too high: next nonce ${state.nonce}, tx nonce ${nonce}, at most ${gap} ahead`,
      );
  }

  /** The transaction by itself, and together with the executable ones before and after it. */
  #checkFunds(
    entry: PooledTransaction,
    state: AccountState,
    account: Account | undefined,
    old: PooledTransaction | undefined,
  ): void {
    const { balance } = state;
    if (entry.cost > balance)
      throw new MempoolError(
        "insufficient-funds",
        `insufficient funds for gas * price + value: balance ${balance}, tx cost ${entry.cost}, overshot ${entry.cost - balance}`,
      );
    if (!account) return;
    const queued = costBefore(account, entry.transaction.nonce);
    const total = queued + entry.cost;
    if (!old && total > balance)
      throw new MempoolError(
        "insufficient-funds",
        `insufficient funds for gas * price + value: balance ${balance}, queued cost ${queued}, tx cost ${entry.cost}, overshot ${total - balance}`,
      );
  }

  #checkReplacement(entry: PooledTransaction, old: PooledTransaction): void {
    const bump = 100n + BigInt(this.#options["mempool.priceBump"]);
    const enough = (next: bigint, before: bigint): boolean => next * 100n >= before * bump && next > before;
    const dearer = enough(feeCap(entry.transaction), feeCap(old.transaction));
    const tipped = enough(tipCap(entry.transaction), tipCap(old.transaction)) || tipCap(old.transaction) === 0n;
    if (!dearer || !tipped) throw new MempoolError("replacement-underpriced", "replacement transaction underpriced");
  }

  /** What must go for it of the sender's own: the nonce that all others wait for displaces the last of them. */
  #checkSender(
    entry: PooledTransaction,
    state: AccountState,
    account: Account | undefined,
  ): PooledTransaction | undefined {
    const limit = this.#options["mempool.maxPerSender"];
    const next = account ? nextNonce(account) : state.nonce;
    if (account && account.byNonce.size >= limit) {
      const last = entry.transaction.nonce === next ? lastWaiting(account) : undefined;
      if (last) return last;
      throw new MempoolError(
        "sender-limit",
        `account limit exceeded: ${limit} transactions of ${entry.sender} wait already`,
      );
    }
    if (entry.transaction.nonce > next && this.queuedCount >= this.#options["mempool.maxQueued"])
      throw new MempoolError("pool-full", "txpool is full: no room for transactions that wait for an earlier nonce");
    return undefined;
  }

  /** Drops waiting transactions of others, the youngest first, until `entry` fits. Executable ones are never dropped for room. */
  #makeRoom(
    entry: PooledTransaction,
    leaving: PooledTransaction | undefined,
    state: AccountState,
    account: Account | undefined,
  ): Dropped[] {
    const { "mempool.maxTransactions": maxCount, "mempool.maxBytes": maxBytes } = this.#options;
    let count = this.#byHash.size + 1 - (leaving ? 1 : 0);
    let bytes = this.#bytes + entry.size - (leaving?.size ?? 0);
    if (count <= maxCount && bytes <= maxBytes) return [];
    if (this.queuedCount === 0) throw new MempoolError("pool-full", "txpool is full");
    const waits = !leaving && entry.transaction.nonce > (account ? nextNonce(account) : state.nonce);
    const victims: PooledTransaction[] = [];
    const candidates = waits ? [] : this.#waiting().toReversed();
    for (const candidate of candidates) {
      if (count <= maxCount && bytes <= maxBytes) break;
      if (candidate.sender === entry.sender) continue;
      victims.push(candidate);
      count--;
      bytes -= candidate.size;
    }
    if (count > maxCount || bytes > maxBytes) throw new MempoolError("pool-full", "txpool is full");
    for (const victim of victims) this.#take(victim);
    return victims.map((transaction) => ({ transaction, reason: "evicted" }));
  }

  #waiting(): PooledTransaction[] {
    return [...this.#byHash.values()]
      .filter((entry) => !this.isExecutable(entry))
      .toSorted((a, b) => a.arrival - b.arrival);
  }

  #put(entry: PooledTransaction, state: AccountState): void {
    let account = this.#accounts.get(entry.sender);
    if (!account) {
      account = { state, byNonce: new Map(), executable: 0, spent: 0n };
      this.#accounts.set(entry.sender, account);
    }
    // The usual case, the next nonce in turn, extends the run; anything else counts it anew.
    const extend = account.state === state && entry.transaction.nonce >= nextNonce(account);
    account.state = state;
    account.byNonce.set(entry.transaction.nonce, entry);
    this.#byHash.set(entry.hash, entry);
    this.#bytes += entry.size;
    this.#classify(account, extend);
  }

  #take(entry: PooledTransaction): void {
    const account = this.#accounts.get(entry.sender);
    if (!account || !this.#byHash.delete(entry.hash)) return;
    account.byNonce.delete(entry.transaction.nonce);
    this.#bytes -= entry.size;
    this.#classify(account);
    if (account.byNonce.size === 0) this.#accounts.delete(entry.sender);
  }

  /** Counts the executable run, from its end when it can only have grown. At most `maxPerSender` steps. */
  #classify(account: Account, extend = false): void {
    let run = extend ? account.executable : 0;
    let spent = extend ? account.spent : 0n;
    for (;;) {
      const next = account.byNonce.get(account.state.nonce + BigInt(run));
      if (!next || spent + next.cost > account.state.balance) break;
      spent += next.cost;
      run++;
    }
    this.#pending += run - account.executable;
    account.executable = run;
    account.spent = spent;
  }
}

const nextNonce = ({ state, executable }: Account): bigint => state.nonce + BigInt(executable);

/** The one of the highest nonce, if it waits. */
function lastWaiting({ state, executable, byNonce }: Account): PooledTransaction | undefined {
  if (byNonce.size <= executable) return undefined;
  let last = state.nonce;
  for (const nonce of byNonce.keys()) if (nonce > last) last = nonce;
  return byNonce.get(last);
}

/** What the sender's transactions below `nonce` cost together. */
function costBefore(account: Account, nonce: bigint): bigint {
  if (nonce === nextNonce(account)) return account.spent;
  let sum = 0n;
  for (const { cost, transaction } of account.byNonce.values()) if (transaction.nonce < nonce) sum += cost;
  return sum;
}
