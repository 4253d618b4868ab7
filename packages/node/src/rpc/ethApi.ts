import { BaseService, executing, type RpcMethod } from "@metis/runtime";
import { Blocks } from "./blocks.ts";
import { chainMethods } from "./chainMethods.ts";
import type { EthContext } from "./context.ts";
import { ChainFeed } from "./feed.ts";
import { filterMethods } from "./filterMethods.ts";
import { Filters } from "./filters.ts";
import { LogSearch } from "./logs.ts";
import { nodeMethods } from "./nodeMethods.ts";
import { stateMethods } from "./stateMethods.ts";
import { simulationMethods } from "./simulation.ts";
import { traceMethods } from "./traceMethods.ts";
import { transactionMethods } from "./transactionMethods.ts";

/** Ethereum's JSON-RPC methods over one chain; a service, because subscriptions follow the head. */
export class EthApi extends BaseService {
  /** By name, for `MethodRegistry.addAll`. */
  readonly methods: Readonly<Record<string, RpcMethod>>;
  readonly feed: ChainFeed;
  readonly #filters: Filters;

  constructor(context: EthContext) {
    super("eth-api");
    const { reader, heads, mempool, clock, rng, options, logger } = context;
    const blocks = new Blocks(context);
    const search = new LogSearch(reader, blocks, options);
    this.feed = new ChainFeed({ reader, heads, blocks, logger });
    this.#filters = new Filters({ feed: this.feed, mempool, search, clock, rng, options });
    this.methods = {
      ...chainMethods(context, blocks),
      ...stateMethods(context, blocks),
      ...executing({ ...simulationMethods(context, blocks), ...traceMethods(context, blocks) }),
      ...transactionMethods(context, blocks),
      ...filterMethods({ search, filters: this.#filters, feed: this.feed, mempool }),
      ...nodeMethods(context, blocks),
    };
  }

  protected async onStart(): Promise<void> {
    await this.feed.start();
  }

  protected async onStop(): Promise<void> {
    this.#filters.clear();
    await this.feed.stop();
  }
}
