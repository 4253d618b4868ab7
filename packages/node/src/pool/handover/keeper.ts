import type { Signer } from "@metis/committee";
import { epochOf, heartbeatDigest } from "@metis/protocol";
import type { ChainConfig, L1BlockNumber, SetMember, SigningDomain, Timestamp } from "@metis/protocol";
import { emergencyHandoverAbi } from "@metis/protocol/contracts";
import type { Clock, Logger } from "@metis/runtime";
import { encodeFunctionData } from "viem";
import type { Address, ContractFunctionArgs, ContractFunctionName, Hex } from "viem";
import type { ChainHeads } from "../../heads/heads.ts";
import type { SignedBlock } from "../../heads/records.ts";
import type { ChainStore } from "../../heads/store.ts";
import type { L1Client } from "../../l1/client.ts";
import { refusalOf } from "../../l1/errors.ts";
import { L1Service } from "../../l1/service.ts";
import type { TransactionManager } from "../../l1/transactions/manager.ts";
import type { L1Watcher } from "../../l1/watcher.ts";
import type { EpochSets } from "../epochSets.ts";
import { heartbeatEvery, nextStep, phaseOf } from "./phase.ts";
import type { HandoverPhase, HandoverStep, SilenceView } from "./phase.ts";
import type { Handover } from "./records.ts";

export interface HandoverKeeperOptions {
  readonly config: Pick<ChainConfig, "genesisAnchorNumber" | "epochLength" | "heartbeat" | "maxBatchAge">;
  readonly contract: Address;
  readonly domain: SigningDomain;
  readonly signer: Signer;
  readonly sets: Pick<EpochSets, "of"> & { handovers(): Promise<readonly Handover[]> };
  /** Members that this seat is linked with. */
  readonly connected: () => readonly Address[];
  readonly l1: Pick<L1Client, "read">;
  readonly watcher: Pick<L1Watcher, "view" | "subscribe">;
  readonly chain: Pick<ChainStore, "lastDerived" | "certificate">;
  readonly heads: Pick<ChainHeads, "heads">;
  readonly generation: () => number;
  readonly manager: Pick<TransactionManager, "send">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the pool's silence looks like on L1, for whoever watches. */
export interface SilenceStatus extends SilenceView {
  readonly phase: HandoverPhase;
}

type Writes = ContractFunctionName<typeof emergencyHandoverAbi, "nonpayable">;
type Reads = ContractFunctionName<typeof emergencyHandoverAbi, "view" | "pure">;

/**
 * A seat's part in bringing back a pool that has lost a third of its weight (docs/spec/below-two-thirds.md): signs of life while no batch
 * comes, and the calls that anyone may make, in turns, so that nobody is needed and few pay in vain.
 */
export class HandoverKeeper extends L1Service {
  readonly #options: HandoverKeeperOptions;
  #status: SilenceStatus | undefined;
  /** L1 time before which nothing can be due. */
  #quietUntil: Timestamp = 0n;
  /** L1 time at which silent members are looked at again. */
  #nextLook: Timestamp = 0n;
  /** Steps that are due, with L1's head when this node first saw that. */
  readonly #due = new Map<string, L1BlockNumber>();

  constructor(options: HandoverKeeperOptions) {
    super("handover-keeper", 60_000, options);
    this.#options = options;
  }

  protected override listen() {
    return [this.#options.watcher.subscribe(() => this.wake())];
  }

  /** The pool's silence as last seen; nothing while batches come. */
  get status(): SilenceStatus | undefined {
    return this.#status;
  }

  protected async pass(signal: AbortSignal): Promise<void> {
    const { watcher, config } = this.#options;
    const now = watcher.view.head.timestamp;
    if (now < this.#quietUntil) return;
    const [since, limits] = await Promise.all([this.#read("silentSince", []), this.#read("parameters", [])]);
    await this.#ejectSilent(now, limits.silenceLimit, signal);
    const beatEvery = heartbeatEvery(limits.leakStart, config);
    this.#quietUntil = since + beatEvery;
    if (now < this.#quietUntil) {
      this.#status = undefined;
      this.#due.clear();
      return;
    }
    const members = await this.#members();
    await this.#beat(now, since, beatEvery, members, signal);
    const view = await this.#view(now, since, limits, members);
    this.#tell(view);
    const certified = this.#certified();
    const step = nextStep(view, certified?.attestation.number);
    for (const other of ["announce", "pin", "handover"]) if (other !== step) this.#due.delete(other);
    if (step && this.#isTurn(step, members)) await this.#take(step, members, certified, signal);
  }

  /** The set that L1 judges by: that of the next batch. */
  async #members(): Promise<readonly SetMember[]> {
    const { sets, chain, config, generation } = this.#options;
    const anchor = chain.lastDerived()?.header.anchorNumber ?? config.genesisAnchorNumber;
    return (await sets.of(epochOf(config, anchor), generation())).members;
  }

  async #view(
    now: Timestamp,
    since: Timestamp,
    limits: SilenceView["limits"],
    members: readonly SetMember[],
  ): Promise<SilenceView> {
    const [presence, [announcement, pinned]] = await Promise.all([
      this.#read("presenceOf", [members]),
      this.#read("announced", []),
    ]);
    const announced =
      announcement.readyAt === 0n ? undefined : { readyAt: announcement.readyAt, pinned: pinned.number };
    return { now, since, limits, ...presence, announced };
  }

  #tell(view: SilenceView): void {
    const { logger } = this.#options;
    const phase = phaseOf(view);
    const { presentWeight, countedWeight, totalWeight, announced } = view;
    if (phase !== this.#status?.phase && phase !== "live")
      logger.warn("no batch comes: L1 counts who is there", {
        phase,
        silentFor: view.now - view.since,
        presentWeight,
        countedWeight,
        totalWeight,
        readyAt: announced?.readyAt,
        pinned: announced?.pinned,
      });
    this.#status = { ...view, phase };
  }

  /** A sign of life, while no batch is one. */
  async #beat(
    now: Timestamp,
    since: Timestamp,
    every: bigint,
    members: readonly SetMember[],
    signal: AbortSignal,
  ): Promise<void> {
    const { signer, generation, domain, config, chain, watcher, logger } = this.#options;
    const [seen, leftOut] = await Promise.all([
      this.#read("lastSeen", [signer.address]),
      this.#read("leftOutSince", [signer.address]),
    ]);
    const lastSign = seen > since ? seen : since;
    const isMember = members.some(({ signer: member }) => member === signer.address);
    if ((!isMember && leftOut === 0n) || now - lastSign < every) return;
    const anchor = chain.lastDerived()?.header.anchorNumber ?? config.genesisAnchorNumber;
    // L1 knows the hash of a block only in the next one: the head itself may be too young for whoever simulates the call.
    const { number, parentHash } = watcher.view.head;
    const beat = {
      generation: generation(),
      epoch: epochOf(config, anchor),
      l1BlockNumber: number - 1n,
      l1BlockHash: parentHash,
    };
    const signature = await signer.sign(heartbeatDigest(domain, beat), { type: "HEARTBEAT", heartbeat: beat });
    if (await this.#send(`heartbeat/${number}`, "heartbeat", [beat, signature], signal))
      logger.info("told L1 that this seat is there", { silentFor: now - since });
  }

  /** The highest block above L1's whose certificate is here. */
  #certified(): SignedBlock | undefined {
    const { heads, chain } = this.#options;
    const { signed, safe } = heads.heads();
    return signed.number > safe.number ? chain.certificate(signed.number) : undefined;
  }

  /** Members that are there act one after the other, two L1 blocks apart: nobody pays for what another has done. */
  #isTurn(step: string, members: readonly SetMember[]): boolean {
    const { signer, connected, watcher } = this.#options;
    const head = watcher.view.head.number;
    const since = this.#due.get(step) ?? head;
    this.#due.set(step, since);
    const there = members.filter(({ signer: member }) => member === signer.address || connected().includes(member));
    const position = there.findIndex(({ signer: member }) => member === signer.address);
    return position >= 0 && head >= since + 2n * BigInt(position);
  }

  async #take(
    step: HandoverStep,
    members: readonly SetMember[],
    certified: SignedBlock | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { logger, watcher } = this.#options;
    const id = `${step}/${watcher.view.head.number}`;
    const isDone =
      step === "announce"
        ? await this.#send(id, "announceHandover", [members], signal)
        : step === "handover"
          ? await this.#send(id, "handover", [members], signal)
          : certified !== undefined &&
            (await this.#send(id, "pin", [certified.attestation, certified.certificate], signal));
    this.#due.delete(step);
    if (isDone) logger.warn(said[step], { pinned: certified?.attestation.number });
  }

  /** Reports members that the last handover left out and that stayed silent. */
  async #ejectSilent(now: Timestamp, silenceLimit: number, signal: AbortSignal): Promise<void> {
    const { sets, signer, logger } = this.#options;
    const last = (await sets.handovers()).at(-1);
    if (!last || now < this.#nextLook) return;
    this.#nextLook = now + BigInt(silenceLimit) / 8n;
    const before = (await sets.of(last.epoch, last.generation - 1)).members;
    for (const { signer: member } of before) {
      if (member === signer.address || last.members.some((kept) => kept.signer === member)) continue;
      const since = await this.#read("leftOutSince", [member]);
      if (since === 0n || now < since + BigInt(silenceLimit) || !this.#isTurn(`eject/${member}`, last.members))
        continue;
      if (await this.#send(`eject/${member}/${since}`, "ejectSilent", [member], signal))
        logger.warn("a member that stayed silent lost a hundredth of its seat", { member });
    }
  }

  #read<const F extends Reads>(name: F, args: ContractFunctionArgs<typeof emergencyHandoverAbi, "view" | "pure", F>) {
    const { l1, contract } = this.#options;
    return l1.read<typeof emergencyHandoverAbi, F>(emergencyHandoverAbi, contract, name, args);
  }

  /** False when the contract refuses: another was faster, or it is not yet time. */
  async #send<const F extends Writes>(
    id: string,
    functionName: F,
    args: ContractFunctionArgs<typeof emergencyHandoverAbi, "nonpayable", F>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { manager, contract: to, logger } = this.#options;
    const data: Hex = encodeFunctionData({ abi: emergencyHandoverAbi, functionName, args } as Parameters<
      typeof encodeFunctionData
    >[0]);
    const reason = await refusalOf(manager.send({ id: `handover/${id}`, to, data, abi: emergencyHandoverAbi }, signal));
    if (reason !== undefined) logger.debug("not now", { id, reason });
    return reason === undefined;
  }
}

const said: Readonly<Record<HandoverStep, string>> = {
  announce: "announced an emergency handover: who comes back now, or posts a batch, stops it",
  pin: "pinned the highest signed block on L1: the next generation builds on it",
  handover: "handed the pool over to those who are there",
};
