import { MetisError } from "@metis/protocol";
import type { ChainConfig, L1BlockNumber } from "@metis/protocol";
import type { L1Client } from "../l1/client.ts";
import type { DepositReader, QueuedDeposit } from "../l1/deposits.ts";
import { L1Error } from "../l1/errors.ts";
import type { L1Header } from "../l1/header.ts";
import type { L1Event, L1Watcher } from "../l1/watcher.ts";

type AnchorConfig = Pick<ChainConfig, "maxAnchorStep" | "depositGasLimit">;
/** How far anchors may go, and when L1 changed. */
type AnchorLimit = Pick<L1Watcher, "usableAnchor" | "subscribe">;

/** What the next block builds on. */
export interface AnchorChoice {
  readonly header: L1Header;
  /** Deposits of the L1 blocks passed, in order; empty when the anchor stays. */
  readonly deposits: readonly QueuedDeposit[];
  /** Whether even newer anchors are usable, so that after a move another block is due at once. */
  readonly behind: boolean;
}

/**
 * Furthest of `headers` (the L1 blocks after the parent's anchor, in order) that one block may move to: at most maxAnchorStep
 * blocks, and no further than their deposits' gas fits depositGasLimit (the first block always fits). -1 when there is none.
 */
export function furthestAnchor(
  config: AnchorConfig,
  headers: readonly { readonly number: L1BlockNumber }[],
  deposits: readonly { readonly l1BlockNumber: L1BlockNumber; readonly gasLimit: bigint }[],
): number {
  let gas = 0n;
  let next = 0;
  const steps = Math.min(headers.length, config.maxAnchorStep);
  for (let position = 0; position < steps; position++) {
    const { number } = headers[position]!;
    for (; next < deposits.length && deposits[next]!.l1BlockNumber <= number; next++) gas += deposits[next]!.gasLimit;
    if (gas > config.depositGasLimit && position > 0) return position - 1;
  }
  return steps - 1;
}

/** The anchor of the parent of a block. */
interface ParentAnchor {
  readonly number: L1BlockNumber;
  readonly hash: string;
}

/**
 * The usable L1 blocks after the chain's anchor, with their deposits: read as soon as L1 shows them, so that a block waits for
 * nothing that is on its way. Until they are here a proposer moves no further than it can.
 */
export class AnchorSource {
  readonly #l1: L1Client;
  readonly #deposits: DepositReader;
  readonly #watcher: AnchorLimit;
  readonly #config: AnchorConfig;
  readonly #prepare: (anchor: L1BlockNumber) => Promise<unknown>;
  readonly #listeners = new Set<() => void>();
  /** Consecutive headers, the parent's anchor first. */
  #headers: readonly L1Header[] = [];
  #queued: readonly QueuedDeposit[] = [];
  #reading: Promise<void> | undefined;

  /** `prepare` reads what else members need of L1 before a block may stand on `anchor`. */
  constructor(
    l1: L1Client,
    deposits: DepositReader,
    watcher: AnchorLimit,
    config: AnchorConfig,
    prepare: (anchor: L1BlockNumber) => Promise<unknown> = async () => undefined,
  ) {
    this.#l1 = l1;
    this.#deposits = deposits;
    this.#watcher = watcher;
    this.#config = config;
    this.#prepare = prepare;
    watcher.subscribe((event) => this.#onL1(event));
  }

  /** Calls back after each change of L1, when its new blocks have been read or could not be. Returns what ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The anchor for a block whose parent stands on `parent`, out of what is here: L1 is waited for only while that anchor itself is
   * unknown. Throws `l1-block-unknown` (reset) when L1 no longer has it.
   */
  async choose(parent: ParentAnchor): Promise<AnchorChoice> {
    if (await this.#standOn(parent)) await this.#readOn().catch(unlessLater);
    else this.#readAhead();
    const isFar = this.#watcher.usableAnchor() > parent.number + BigInt(this.#config.maxAnchorStep);
    const { current, usable } = this.#window(parent);
    const position = furthestAnchor(this.#config, usable, this.#queued);
    if (position < 0) return { header: current, deposits: [], behind: isFar };
    const choice = this.#choice(usable, position);
    return { ...choice, behind: choice.behind || isFar };
  }

  /** The anchor `number` for a block on `parent`; nothing when one block may not move that far or it is not deep enough. */
  async at(parent: ParentAnchor, number: L1BlockNumber): Promise<AnchorChoice | undefined> {
    await this.#standOn(parent);
    if (number > parent.number + BigInt(this.#config.maxAnchorStep)) return undefined;
    while (this.#window(parent).last < number && number <= this.#watcher.usableAnchor()) await this.#readOn();
    const { current, usable } = this.#window(parent);
    if (number === parent.number) return { header: current, deposits: [], behind: false };
    const position = usable.findIndex((header) => header.number === number);
    if (position < 0 || position > furthestAnchor(this.#config, usable, this.#queued)) return undefined;
    return this.#choice(usable, position);
  }

  /** What is here of the blocks from `parent` on. Throws `l1-block-unknown` when L1 changed under it. */
  #window({ number, hash }: ParentAnchor) {
    const [current, ...usable] = this.#headers;
    if (current?.hash !== hash)
      throw new L1Error("l1-block-unknown", "retry", `L1 changed above block ${number} while it was read`, { number });
    return { current, usable, last: usable.at(-1)?.number ?? number };
  }

  #choice(usable: readonly L1Header[], position: number): AnchorChoice {
    const header = usable[position]!;
    const deposits = this.#queued.filter(({ l1BlockNumber }) => l1BlockNumber <= header.number);
    return { header, deposits, behind: position < usable.length - 1 };
  }

  /** Forgets what lies before `parent`. Whether its header had to be read first. */
  async #standOn(parent: ParentAnchor): Promise<boolean> {
    const isNew = !this.#headers.some(({ hash }) => hash === parent.hash);
    if (isNew) {
      const header = await this.#l1.header(parent.number);
      if (header?.hash !== parent.hash)
        throw new L1Error(
          "l1-block-unknown",
          "reset",
          `L1 block ${parent.number} is no longer ${parent.hash}, the anchor of the chain's head`,
          { ...parent },
        );
      this.#headers = [header];
      this.#queued = [];
    }
    this.#headers = this.#headers.slice(this.#headers.findIndex(({ hash }) => hash === parent.hash));
    this.#queued = this.#queued.filter(({ l1BlockNumber }) => l1BlockNumber > parent.number);
    return isNew;
  }

  /** Reads what is usable and not here yet; who comes while that happens waits for the same answers. */
  #readOn(): Promise<void> {
    this.#reading ??= this.#extend().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Reads on where that may give something, and tells of it. */
  #readAhead(): void {
    if (this.#missing() === undefined) return;
    this.#readOn().then(
      () => this.#tell(),
      () => undefined,
    );
  }

  /** What is usable and not here: up to two steps ahead, enough to know whether the chain is behind. */
  #missing(): { readonly last: L1Header; readonly from: L1BlockNumber; readonly to: L1BlockNumber } | undefined {
    const [first, last] = [this.#headers.at(0), this.#headers.at(-1)];
    if (!first || !last) return undefined;
    const limit = first.number + 2n * BigInt(this.#config.maxAnchorStep);
    const usable = this.#watcher.usableAnchor();
    const to = usable < limit ? usable : limit;
    return to > last.number ? { last, from: last.number + 1n, to } : undefined;
  }

  async #extend(): Promise<void> {
    const missing = this.#missing();
    if (!missing) return;
    const { last, from, to } = missing;
    const [headers, queued] = await Promise.all([
      this.#l1.headers(from, to),
      this.#deposits.range(from, to),
      this.#prepare(to),
    ]);
    const known = new Set(headers.map(({ hash }) => hash));
    const isLinked = headers[0]?.parentHash === last.hash && queued.every(({ l1BlockHash }) => known.has(l1BlockHash));
    const stillLast = this.#headers.at(-1)?.hash === last.hash;
    if (isLinked && stillLast) {
      this.#headers = [...this.#headers, ...headers];
      this.#queued = [...this.#queued, ...queued];
      return;
    }
    if (stillLast) this.#headers = [];
    throw new L1Error("l1-block-unknown", "retry", "L1 changed while the next anchor was read", { from, to });
  }

  #onL1(event: L1Event): void {
    if (event.kind === "reorged") {
      const keep = event.ancestor?.number ?? -1n;
      this.#headers = this.#headers.filter(({ number }) => number <= keep);
      this.#queued = this.#queued.filter(({ l1BlockNumber }) => l1BlockNumber <= keep);
    }
    // A failure is no news here: whoever needs an anchor reads on, and hears of it.
    const tell = (): void => this.#tell();
    this.#readOn().then(tell, tell);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** What comes later by itself keeps nobody from building on the anchor that is here. */
const unlessLater = (error: unknown): void => {
  if (!(error instanceof MetisError) || error.remedy !== "retry") throw error;
};
