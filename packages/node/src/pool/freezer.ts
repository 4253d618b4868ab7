import { epochOf } from "@metis/protocol";
import type { ChainConfig, Epoch } from "@metis/protocol";
import { lockingPoolAbi } from "@metis/protocol/contracts";
import type { Clock, Logger } from "@metis/runtime";
import { encodeFunctionData } from "viem";
import type { Address } from "viem";
import type { L1Client } from "../l1/client.ts";
import { refusalOf } from "../l1/errors.ts";
import { L1Service } from "../l1/service.ts";
import type { TransactionManager } from "../l1/transactions/manager.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { EpochSets } from "./epochSets.ts";

export interface EpochFreezerOptions {
  readonly config: Pick<ChainConfig, "genesisAnchorNumber" | "epochLength">;
  readonly lockingPool: Address;
  readonly self: Address;
  readonly sets: Pick<EpochSets, "of">;
  readonly l1: L1Client;
  readonly watcher: L1Watcher;
  readonly manager: Pick<TransactionManager, "send">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** L1 blocks in which an epoch may be frozen, both included. */
interface FreezeWindow {
  readonly epoch: Epoch;
  readonly firstBlock: bigint;
  readonly lastBlock: bigint;
}

/**
 * First L1 block at which member `position` of `members` freezes `window`'s epoch: they come one after the other in the first half of
 * the window, another one first in each epoch, so that nobody pays twice and nobody is needed.
 */
export function freezeTurn(window: FreezeWindow, position: number, members: number): bigint {
  const place = (BigInt(position) + window.epoch) % BigInt(members);
  return window.firstBlock + (place * (window.lastBlock - window.firstBlock)) / BigInt(2 * members);
}

/**
 * Has L1 fix the set of the coming epoch while it may: the chain's members change in no other way. Nothing is sent when the set
 * stays as it is and no exit waits for it.
 */
export class EpochFreezer extends L1Service {
  readonly #options: EpochFreezerOptions;
  /** Highest epoch that needs nothing any more. */
  #done: Epoch = 0n;
  /** First L1 block at which there may be something to do. */
  #next = 0n;

  constructor(options: EpochFreezerOptions) {
    super("freezer", 60_000, options);
    this.#options = options;
  }

  protected override listen() {
    return [this.#options.watcher.subscribe(() => this.wake())];
  }

  protected async pass(signal: AbortSignal): Promise<void> {
    const { config, watcher, self, sets } = this.#options;
    const head = watcher.view.head.number;
    if (head < config.genesisAnchorNumber || head < this.#next) return;
    const current = epochOf(config, head);
    if (this.#done > current) return;
    const { members } = await sets.of(current);
    const position = members.findIndex(({ signer }) => signer === self);
    if (position < 0) return;
    const window = await this.#window();
    this.#next = freezeTurn(window, position, members.length);
    if (window.epoch <= this.#done || head < this.#next) return;
    if (head > window.lastBlock || !(await this.#changes(window.epoch))) this.#done = window.epoch;
    else await this.#freeze(window.epoch, signal);
  }

  async #window(): Promise<FreezeWindow> {
    const { l1, lockingPool } = this.#options;
    const [epoch, firstBlock, lastBlock] = await l1.read(lockingPoolAbi, lockingPool, "freezeWindow", []);
    return { epoch, firstBlock, lastBlock };
  }

  /** Whether the set frozen now would be another one, or an exit waits for a set that does not count it. */
  async #changes(epoch: Epoch): Promise<boolean> {
    const { l1, lockingPool } = this.#options;
    const [[hash], [next], exits] = await Promise.all([
      l1.read(lockingPoolAbi, lockingPool, "setOf", [epoch]),
      l1.read(lockingPoolAbi, lockingPool, "nextSet", []),
      l1.read(lockingPoolAbi, lockingPool, "totalExits", []),
    ]);
    if (hash !== next) return true;
    return exits > 0n && (await l1.read(lockingPoolAbi, lockingPool, "exitOf", [exits])).startedAt === 0n;
  }

  async #freeze(epoch: Epoch, signal: AbortSignal): Promise<void> {
    const { manager, lockingPool, logger } = this.#options;
    const data = encodeFunctionData({ abi: lockingPoolAbi, functionName: "freeze", args: [epoch] });
    const request = { id: `freeze/${epoch}`, to: lockingPool, data, abi: lockingPoolAbi };
    const reason = await refusalOf(manager.send(request, signal));
    if (reason === undefined) logger.info("froze the set of an epoch", { epoch });
    else logger.debug("the set needs no freezing", { epoch, reason });
    this.#done = epoch;
  }
}
