import { existsSync } from "node:fs";
import { join } from "node:path";
import { openMvm, type Mvm } from "@metis/mvm";
import { createMetrics, JsonRpcServer, MemoryStore, MethodRegistry, systemClock, systemRng } from "@metis/runtime";
import type { NodeConfig } from "../config.ts";
import { NodeError } from "../errors.ts";
import { Kzg } from "../l1/blobs/kzg.ts";
import { MempoolService } from "../mempool/mempool.ts";
import { clientVersion, type NodeParts } from "../node.ts";
import { EthApi } from "../rpc/ethApi.ts";
import { decodeHeader } from "../rpc/header.ts";
import type { HeadView } from "../rpc/heads.ts";
import { testingMethods } from "../rpc/testingMethods.ts";
import { ServedNode } from "../servedNode.ts";

/** What a node in pure mode takes of its surroundings. */
export type PureNodeParts = Omit<NodeParts, "deployment">;

/**
 * Serves an imported Ethereum chain: its head counts as safe and final, and nothing is added to it. The mempool begins empty and lives
 * in memory: its transactions are seen, and built into blocks that nobody keeps (`testing_buildBlockV1`).
 */
export class PureNode extends ServedNode {
  readonly #options: NodeConfig;
  readonly #parts: PureNodeParts;
  readonly #kzg = new Kzg();
  #mvm: Mvm | undefined;

  constructor(options: NodeConfig, parts: PureNodeParts) {
    super();
    this.#options = options;
    this.#parts = parts;
  }

  protected async onStart(): Promise<void> {
    const { "mvm.readers": readers, dataDir } = this.#options;
    const { logger, clock = systemClock() } = this.#parts;
    requireImport(dataDir);
    this.#mvm = await openMvm({ dataDir, readers, clock, logger: logger.child({ service: "mvm" }) });
    try {
      await this.#wire(this.#mvm);
      await this.group.start();
    } catch (error) {
      await this.#mvm.close();
      throw error;
    }
  }

  protected async onStop(): Promise<void> {
    await this.group.stop();
    await this.#kzg.close();
    await this.#mvm?.close();
  }

  async #wire(mvm: Mvm): Promise<void> {
    const {
      logger,
      clock = systemClock(),
      rng = systemRng(),
      metrics = createMetrics({ process: true }),
    } = this.#parts;
    const options = this.#options;
    const { reader, schedule } = mvm;
    if (schedule === undefined)
      throw new NodeError(
        "wrong-chain",
        "reject",
        `the chain in ${options.dataDir} is a rollup's: run it without --pure`,
        {},
      );
    const { l2ChainId: chainId } = mvm.config;
    const heads = headsAt(mvm);
    const head = decodeHeader((await reader.block("latest"))!.headerRlp);
    const mempool = new MempoolService({
      reader,
      heads,
      store: new MemoryStore(),
      clock,
      logger: logger.child({ service: "mempool" }),
      metrics,
      chainId,
      blockGasLimit: head.gasLimit,
      blobs: this.#kzg,
      options,
    });
    const rpcLogger = logger.child({ service: "rpc" });
    const tools = { clock, rng, options, logger: rpcLogger };
    const api = new EthApi({ ...tools, reader, heads, chainId, clientVersion, pure: true, mempool, schedule });
    const registry = new MethodRegistry().addAll(api.methods).addAll(testingMethods({ reader, mempool }));
    this.server = new JsonRpcServer({ ...tools, registry, metrics, health: () => this.health() });
    this.group.add(mempool);
    this.group.add(api, ["mempool"]);
    this.group.add(this.server, ["eth-api"]);
  }
}

function requireImport(dataDir: string): void {
  if (existsSync(join(dataDir, "chain"))) return;
  throw new NodeError("wrong-chain", "reject", `there is no chain in ${dataDir}: metis node import puts one there`, {});
}

/** All heads are the chain's: nobody takes a block of it back, and nobody adds one. */
function headsAt(mvm: Mvm): HeadView {
  const head = mvm.head();
  const heads = { unsafe: head, signed: head, safe: head, finalized: head };
  return { heads: () => heads, subscribe: () => () => undefined };
}

/** A node over the chain that `metis node import` left in `options.dataDir`; nothing is opened before `start`. */
export const createPureNode = (options: NodeConfig, parts: PureNodeParts): PureNode => new PureNode(options, parts);
