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
  /** Whether even newer anchors are usable, so that another block is due at once. */
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

/** Keeps the usable L1 blocks after the chain's anchor at hand, with their deposits. */
export class AnchorSource {
  readonly #l1: L1Client;
  readonly #deposits: DepositReader;
  readonly #watcher: AnchorLimit;
  readonly #config: AnchorConfig;
  /** Consecutive headers, the parent's anchor first. */
  #headers: L1Header[] = [];
  #queued: QueuedDeposit[] = [];

  constructor(l1: L1Client, deposits: DepositReader, watcher: AnchorLimit, config: AnchorConfig) {
    this.#l1 = l1;
    this.#deposits = deposits;
    this.#watcher = watcher;
    this.#config = config;
    watcher.subscribe((event) => this.#onL1(event));
  }

  /**
   * The anchor for a block whose parent stands on `parent`. Throws `l1-block-unknown` (reset) when L1 no longer has the
   * parent's anchor.
   */
  async choose(parent: { readonly number: L1BlockNumber; readonly hash: string }): Promise<AnchorChoice> {
    await this.#load(parent);
    const [current, ...usable] = this.#headers;
    const position = furthestAnchor(this.#config, usable, this.#queued);
    if (position < 0) return { header: current!, deposits: [], behind: false };
    const header = usable[position]!;
    return {
      header,
      deposits: this.#queued.filter(({ l1BlockNumber }) => l1BlockNumber <= header.number),
      behind: position < usable.length - 1,
    };
  }

  /** The anchor `number` for a block on `parent`; nothing when one block may not move that far or it is not deep enough. */
  async at(
    parent: { readonly number: L1BlockNumber; readonly hash: string },
    number: L1BlockNumber,
  ): Promise<AnchorChoice | undefined> {
    await this.#load(parent);
    const [current, ...usable] = this.#headers;
    if (number === parent.number) return { header: current!, deposits: [], behind: false };
    const position = usable.findIndex((header) => header.number === number);
    if (position < 0 || position > furthestAnchor(this.#config, usable, this.#queued)) return undefined;
    const deposits = this.#queued.filter(({ l1BlockNumber }) => l1BlockNumber <= number);
    return { header: usable[position]!, deposits, behind: position < usable.length - 1 };
  }

  async #load(parent: { readonly number: L1BlockNumber; readonly hash: string }): Promise<void> {
    const start = this.#headers.findIndex(({ hash }) => hash === parent.hash);
    if (start > 0) this.#headers = this.#headers.slice(start);
    if (start < 0) {
      const header = await this.#l1.header(parent.number);
      if (header?.hash !== parent.hash)
        throw new L1Error(
          "l1-block-unknown",
          "reset",
          `L1 no longer has the anchor ${parent.number} (${parent.hash})`,
          {
            ...parent,
          },
        );
      this.#headers = [header];
      this.#queued = [];
    }
    this.#queued = this.#queued.filter(({ l1BlockNumber }) => l1BlockNumber > parent.number);
    await this.#extend();
  }

  /** Reads up to two steps ahead: enough to know whether the chain is behind. */
  async #extend(): Promise<void> {
    const last = this.#headers.at(-1)!;
    const limit = this.#headers[0]!.number + 2n * BigInt(this.#config.maxAnchorStep);
    const usable = this.#watcher.usableAnchor();
    const to = usable < limit ? usable : limit;
    if (to <= last.number) return;
    const from = last.number + 1n;
    const [headers, queued] = await Promise.all([this.#l1.headers(from, to), this.#deposits.range(from, to)]);
    const known = new Set(headers.map(({ hash }) => hash));
    const linked = headers[0]?.parentHash === last.hash && queued.every(({ l1BlockHash }) => known.has(l1BlockHash));
    if (!linked) {
      this.#headers = [];
      throw new L1Error("l1-block-unknown", "retry", "L1 changed while the next anchor was read", { from, to });
    }
    this.#headers.push(...headers);
    this.#queued.push(...queued);
  }

  #onL1(event: L1Event): void {
    if (event.kind !== "reorged") return;
    const keep = event.ancestor?.number ?? -1n;
    this.#headers = this.#headers.filter(({ number }) => number <= keep);
    this.#queued = this.#queued.filter(({ l1BlockNumber }) => l1BlockNumber <= keep);
  }
}
