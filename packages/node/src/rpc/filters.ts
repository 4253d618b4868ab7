import type { Hash } from "@metis/protocol";
import { RpcError, rpcCodes, type Clock, type Rng } from "@metis/runtime";
import type { Mempool } from "../mempool/api.ts";
import type { EthOptions } from "./context.ts";
import type { ChainChange, ChainFeed } from "./feed.ts";
import type { Json, JsonObject } from "./format.ts";
import { logsOf, mayMatch, type LogQuery, type LogSearch } from "./logs.ts";

interface Filter {
  readonly query: LogQuery | undefined;
  /** What came since the last question. */
  changes: Json[];
  readonly stop: () => void;
  askedAt: number;
}

/** What one filter keeps for a client that does not come; older entries are dropped. */
const maxKept = 10_000;

/** Filters of `eth_newFilter` and its like: a queue for each, until nobody asks for it any more. */
export class Filters {
  readonly #filters = new Map<Hash, Filter>();
  readonly #feed: ChainFeed;
  readonly #mempool: Mempool | undefined;
  readonly #search: LogSearch;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #options: EthOptions;

  constructor(given: {
    feed: ChainFeed;
    mempool: Mempool | undefined;
    search: LogSearch;
    clock: Clock;
    rng: Rng;
    options: EthOptions;
  }) {
    this.#feed = given.feed;
    this.#mempool = given.mempool;
    this.#search = given.search;
    this.#clock = given.clock;
    this.#rng = given.rng;
    this.#options = given.options;
  }

  /** Filters installed. */
  get size(): number {
    return this.#filters.size;
  }

  newLogs(query: LogQuery): Hash {
    if (query.blockHash !== undefined)
      throw new RpcError(
        rpcCodes.invalidParams,
        "invalid argument 0: a filter follows the chain and takes no blockHash",
      );
    return this.#install(query, (push) => this.#feed.subscribe((change) => push(matchingLogs(change, query))));
  }

  newBlocks(): Hash {
    return this.#install(undefined, (push) =>
      this.#feed.subscribe(({ added }) => push(added.map(({ block }) => block.hash))),
    );
  }

  newPending(): Hash {
    return this.#install(undefined, (push) => {
      const stop = this.#mempool?.subscribe((event) => {
        if (event.kind === "pending") push([event.transaction.hash]);
      });
      return stop ?? (() => undefined);
    });
  }

  /** What came since the last call. */
  changes(id: Hash): readonly Json[] {
    const filter = this.#get(id);
    const { changes } = filter;
    filter.changes = [];
    return changes;
  }

  /** All logs that a log filter means. */
  async logs(id: Hash): Promise<readonly Json[]> {
    const { query } = this.#get(id);
    if (!query) throw notFound();
    return this.#search.search(query);
  }

  uninstall(id: Hash): boolean {
    const filter = this.#filters.get(id);
    filter?.stop();
    return this.#filters.delete(id);
  }

  /** Forgets all. */
  clear(): void {
    for (const { stop } of this.#filters.values()) stop();
    this.#filters.clear();
  }

  #get(id: Hash): Filter {
    this.#expire();
    const filter = this.#filters.get(id);
    if (!filter) throw notFound();
    filter.askedAt = this.#clock.monotonic();
    return filter;
  }

  #install(query: LogQuery | undefined, start: (push: (items: readonly Json[]) => void) => () => void): Hash {
    this.#expire();
    const max = this.#options["eth.maxFilters"];
    if (this.#filters.size >= max)
      throw new RpcError(
        rpcCodes.limitExceeded,
        `too many filters: at most ${max}; uninstall some or subscribe instead`,
      );
    const id: Hash = `0x${Buffer.from(this.#rng.bytes(16)).toString("hex")}`;
    const stop = start((items) => {
      const filter = this.#filters.get(id);
      if (!filter) return;
      for (const item of items) filter.changes.push(item);
      // Cut rarely, so that a filter that nobody asks costs little.
      if (filter.changes.length > 2 * maxKept) filter.changes = filter.changes.slice(-maxKept);
    });
    this.#filters.set(id, { query, changes: [], stop, askedAt: this.#clock.monotonic() });
    return id;
  }

  #expire(): void {
    const oldest = this.#clock.monotonic() - this.#options["eth.filterMinutes"] * 60_000;
    for (const [id, { askedAt }] of this.#filters) if (askedAt < oldest) this.uninstall(id);
  }
}

/** Logs of a change that `query` means: removed ones first, then new ones. Blocks outside its range do not count. */
export function matchingLogs({ removed, added }: ChainChange, { match, from, to }: LogQuery): JsonObject[] {
  const inRange = (number: bigint): boolean =>
    !(from && "number" in from && number < from.number) && !(to && "number" in to && number > to.number);
  return [
    ...removed.map((entry) => ({ ...entry, gone: true })),
    ...added.map((entry) => ({ ...entry, gone: false })),
  ].flatMap(({ block, receipts, gone }) =>
    inRange(block.number) && mayMatch(block, match) ? logsOf(block, receipts(), match, gone) : [],
  );
}

const notFound = (): RpcError => new RpcError(rpcCodes.serverError, "filter not found");
