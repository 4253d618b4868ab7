import type { Mesh } from "@metis/committee";
import { DecodeError } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { BaseService, Spaced, steadyTime } from "@metis/runtime";
import type { Clock, CounterMetric, Logger, Metrics } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { Mempool, PooledTransaction } from "./api.ts";
import { MempoolError } from "./errors.ts";
import { decodeLot, encodeLot, lotsOf, upTo } from "./lots.ts";

/** Milliseconds between two lots. */
const lotMs = 2;
/** Milliseconds between two looks for what waits although it was told. */
const reminderMs = 5_000;
/** What waits for so long is told again by the member that took it, and after twice as long by everybody. */
const overdueMs = 5_000;
const maxReminderBytes = 128 * 1024;
/** Bytes of one member's messages that wait to be looked at; more are dropped, its reminders bring them again. */
const maxWaitingBytes = 4 * 1024 * 1024;

export interface GossipOptions {
  /** Channel 4. */
  readonly mesh: Mesh;
  /** Calls back whenever a link to a member comes up. Returns what ends it. */
  readonly onLink: (listener: (member: Address) => void) => () => void;
  readonly mempool: Pick<Mempool, "add" | "content" | "subscribe">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Inbox {
  readonly lots: Uint8Array[];
  bytes: number;
  working: boolean;
}

/**
 * Every member has the transactions that any of them took (docs/spec/pool.md, "Transactions"), so that whoever leads has them, and
 * none is lost with the seat that took it. What came from a member is checked like any other and, unless it waits for long, not passed on.
 */
export class TransactionGossip extends BaseService {
  readonly #options: GossipOptions;
  readonly #now: () => number;
  readonly #received: CounterMetric;
  /** Transactions that users gave to this seat, while they are in the pool. */
  readonly #own = new Set<Hash>();
  readonly #inboxes = new Map<Address, Inbox>();
  #lot: Hex[] = [];
  readonly #lots: Spaced;
  #sent: PromiseWithResolvers<void> | undefined;
  #release: (() => void)[] = [];
  #cancelReminder: () => void = () => undefined;

  constructor(options: GossipOptions) {
    super("gossip");
    this.#options = options;
    this.#now = steadyTime(options.clock);
    this.#lots = new Spaced(options.clock, lotMs, () => this.#flush());
    this.#received = options.metrics.counter(
      "gossip_transactions",
      "Transactions from members by what became of them",
      ["outcome"],
    );
  }

  protected async onStart(): Promise<void> {
    const { mesh, mempool, onLink } = this.#options;
    // What the journal kept may have been taken moments before the end: nobody else need have it.
    for (const { hash } of all(mempool)) this.#own.add(hash);
    this.#release = [
      mesh.receive((from, message) => this.#receive(from, message)),
      mempool.subscribe((event) => {
        if (event.kind === "dropped") this.#own.delete(event.transaction.hash);
      }),
      onLink((member) => this.#greet(member)),
    ];
    this.#remindLater();
  }

  protected async onStop(): Promise<void> {
    for (const release of this.#release) release();
    this.#cancelReminder();
    this.#lots.cancel();
    this.#flush();
  }

  /**
   * Takes a user's transaction, as the pool does, and tells the members. Resolves when it is on its way to those that are linked:
   * from then on this seat may die without it. Throws `MempoolError`.
   */
  async submit(raw: Hex): Promise<Hash> {
    const hash = await this.#options.mempool.add(raw);
    this.#own.add(hash);
    this.#lot.push(raw);
    await this.#lotSent();
    return hash;
  }

  #lotSent(): Promise<void> {
    this.#sent ??= Promise.withResolvers<void>();
    this.#lots.ask();
    return this.#sent.promise;
  }

  #flush(): void {
    const { mesh } = this.#options;
    const raws = this.#lot;
    this.#lot = [];
    for (const lot of lotsOf(raws)) mesh.broadcast(encodeLot(lot));
    this.#sent?.resolve();
    this.#sent = undefined;
  }

  /** A member that was away gets what users gave to this seat meanwhile. */
  #greet(member: Address): void {
    const { mesh, mempool } = this.#options;
    const own = all(mempool).filter(({ hash }) => this.#own.has(hash));
    for (const lot of lotsOf(own.map(({ raw }) => raw))) mesh.send(member, encodeLot(lot));
  }

  #remindLater(): void {
    this.#cancelReminder = this.#options.clock.after(reminderMs, () => {
      this.#remind();
      this.#remindLater();
    });
  }

  /** A message can be lost, and a member that was behind has refused what it would take now. */
  #remind(): void {
    const { mesh, mempool } = this.#options;
    const now = this.#now();
    const isOverdue = ({ hash, addedAt }: PooledTransaction): boolean =>
      now - addedAt > (this.#own.has(hash) ? overdueMs : 2 * overdueMs);
    const overdue = all(mempool).filter(isOverdue);
    for (const lot of lotsOf(
      upTo(
        maxReminderBytes,
        overdue.map(({ raw }) => raw),
      ),
    ))
      mesh.broadcast(encodeLot(lot));
  }

  #receive(from: Address, message: Uint8Array): void {
    const inbox = this.#inboxes.get(from) ?? { lots: [], bytes: 0, working: false };
    this.#inboxes.set(from, inbox);
    if (inbox.bytes + message.length > maxWaitingBytes) return this.#received.inc(1, { outcome: "dropped" });
    inbox.lots.push(message);
    inbox.bytes += message.length;
    if (!inbox.working) void this.#work(from, inbox);
  }

  /** One lot after the other, so that one member's transactions keep their order. */
  async #work(from: Address, inbox: Inbox): Promise<void> {
    inbox.working = true;
    for (let lot = inbox.lots.shift(); lot && !this.signal.aborted; lot = inbox.lots.shift()) {
      inbox.bytes -= lot.length;
      await this.#take(from, lot);
    }
    inbox.working = false;
  }

  async #take(from: Address, lot: Uint8Array): Promise<void> {
    const { mempool, logger } = this.#options;
    try {
      for (const raw of decodeLot(lot)) this.#received.inc(1, { outcome: await outcomeOf(mempool.add(raw)) });
    } catch (error) {
      const words = "a member's transactions cannot be read";
      if (error instanceof DecodeError) logger.debug(words, { from, error });
      else logger.warn(words, { from, error });
    }
  }
}

/** Throws what is no refusal. */
async function outcomeOf(added: Promise<Hash>): Promise<string> {
  try {
    await added;
    return "accepted";
  } catch (error) {
    if (error instanceof MempoolError) return error.code;
    throw error;
  }
}

/** Everything in the pool by arrival. */
function all(mempool: Pick<Mempool, "content">): readonly PooledTransaction[] {
  const { pending, queued } = mempool.content();
  return [...pending, ...queued].toSorted((a, b) => a.arrival - b.arrival);
}
