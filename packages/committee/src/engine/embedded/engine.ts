import type { Health } from "@metis/runtime";
import type { Address } from "viem";
import type { BftCore } from "../../bft/core.ts";
import type { BftEvent, BftInput, QuorumForm, TimeoutKind } from "../../bft/forms.ts";
import { CommitteeError } from "../../errors.ts";
import { emptyProposal } from "../port.ts";
import type { ConsensusEngine } from "../port.ts";
import { CatchUp } from "./catchUp.ts";
import { decodeEnvelope, encodeEnvelope, envelopeId } from "./envelope.ts";
import { judged } from "./failures.ts";
import { decodeMeshMessage, encodeMeshMessage, heightOf } from "./mesh.ts";
import { openCore, stateAt, syncedValue } from "./leap.ts";
import type { Decided, MeshMessage, PayloadMessage, ValueId } from "./mesh.ts";
import { Payloads } from "./payloads.ts";
import { notYetDone } from "./replay.ts";
import { EngineStore, firstState, nextState, passedBy, viewOf } from "./state.ts";
import type { EngineState } from "./state.ts";
import { Tasks } from "./tasks.ts";
import { RoundTimers, defaultTimeouts } from "./timers.ts";
import type { EmbeddedTimeouts } from "./timers.ts";
import type { EmbeddedOptions, EngineView } from "./types.ts";

/** Messages for the next heights that are kept until their turn; more are dropped, the sender repeats them. */
const maxWaiting = 256;

/**
 * Tendermint in this process: Malachite's core between a mesh, a store and the application. Inputs are taken one at a time; what
 * the core logs is on disk before anything it sends leaves. A height begins when a block is due here or a member speaks of it.
 */
export class EmbeddedEngine implements ConsensusEngine {
  readonly name = "consensus";
  readonly #options: EmbeddedOptions;
  readonly #timeouts: EmbeddedTimeouts;
  readonly #store: EngineStore;
  readonly #catchUp: CatchUp;
  readonly #timers: RoundTimers;
  #state: EngineState;
  #payloads: Payloads;
  #core: BftCore | undefined;
  #logged = 0;
  /** Heard since this member last spoke: on disk before it speaks again. */
  #heard: BftInput[] = [];
  #order: readonly number[] = [];
  #round = 0;
  /** A round of this height failed although its proposer was there. */
  #wasLate = false;
  #decision: QuorumForm | undefined;
  #wantedRound: number | undefined;
  #waiting: { readonly from: Address; readonly message: MeshMessage }[] = [];
  readonly #tasks = new Tasks((error) => this.#failed(error));
  #health: Health = { status: "idle" };
  #woken = false;
  #leave: (() => void) | undefined;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    this.#timeouts = options.timeouts ?? defaultTimeouts;
    this.#timers = new RoundTimers(options.clock, this.#timeouts);
    this.#store = new EngineStore(options.store, options.keptHeights ?? 1000n);
    this.#state = this.#store.state() ?? firstState(options.genesis, options.rules);
    this.#payloads = new Payloads(this.#store, options.application, options.logger);
    this.#catchUp = new CatchUp({
      clock: options.clock,
      statusMs: this.#timeouts.status,
      height: () => this.#state.height,
      mayLeap: options.application.membersOf !== undefined,
      decided: (wanted) => this.#store.decided(wanted),
      broadcast: (message) => this.#broadcast(message),
      send: (to, message) => options.mesh.send(to, encodeMeshMessage(message)),
    });
  }

  get height(): bigint {
    return this.#state.height;
  }

  /** Who proposes in the first round of the height that is next. */
  get leader(): Address {
    return this.#state.members[this.#state.rotation.leader]!.signer;
  }

  /** Where the engine stands. */
  get view(): EngineView {
    return viewOf(this.#state, this.#options.rules, this.#round);
  }

  async start(): Promise<void> {
    if (this.#store.state() === undefined) await this.#store.begin(this.#state);
    this.#health = { status: "ok" };
    const { mesh } = this.#options;
    this.#leave = mesh.receive((from, bytes) => void this.#tasks.offer(bytes.length, () => this.#receive(from, bytes)));
    this.#tasks.add(() => this.#reopen());
    this.#catchUp.start();
    this.wake();
  }

  async stop(): Promise<void> {
    this.#end();
    await this.#tasks.settled;
    if (this.#health.status !== "failed") this.#health = { status: "stopped" };
  }

  #end(): void {
    this.#tasks.end();
    this.#leave?.();
    this.#catchUp.stop();
    this.#timers.cancelAll();
  }

  health(): Health {
    return this.#health;
  }

  wake(): void {
    if (this.#health.status === "idle" || this.#woken) return;
    this.#woken = true;
    this.#tasks.add(() => {
      this.#woken = false;
      return this.#maybeBegin();
    });
  }

  pause(): Promise<void> {
    return this.#tasks.pause();
  }

  resume(): void {
    this.#tasks.resume();
  }

  /** Goes on where a crash interrupted a height with votes in the log. */
  async #reopen(): Promise<void> {
    const { height } = this.#state;
    if (this.#core !== undefined) return;
    const log = this.#store.log(height);
    if (log.length === 0) return;
    for (const [value, envelope] of this.#store.payloads(height)) this.#payloads.trust(value, envelope);
    const events = [...this.#newCore(true), ...this.#core!.replay(log)];
    this.#logged = log.length;
    await this.#act(notYetDone(events, log, this.#options.address));
  }

  /** Begins the height when a block is due here, or answers the core that waits for a proposal. */
  async #maybeBegin(): Promise<void> {
    if (this.#wantedRound !== undefined) return this.#answer(this.#wantedRound);
    if (this.#core !== undefined) return;
    const { application, address } = this.#options;
    const { height, blockless } = this.#state;
    const leads = this.leader === address;
    const due = blockless || (await (application.isDue?.({ height, leads }) ?? leads));
    if (due) await this.#begin();
  }

  /** What is in the log of this height was said: a core that knew nothing of it would contradict it. */
  async #begin(): Promise<void> {
    if (this.#store.log(this.#state.height).length > 0) return this.#reopen();
    await this.#act(this.#newCore(false));
  }

  #newCore(restart: boolean): readonly BftEvent[] {
    const { core, set } = openCore(this.#options, this.#state);
    this.#core = core;
    this.#order = set.order;
    this.#logged = 0;
    this.#heard = [];
    return core.step({ input: "start", height: Number(this.#state.height), set, restart });
  }

  async #step(input: BftInput): Promise<void> {
    if (this.#core !== undefined) await this.#act(this.#core.step(input));
  }

  async #act(events: readonly BftEvent[]): Promise<void> {
    this.#heard.push(...events.flatMap((event) => (event.event === "log" ? [event.entry] : [])));
    if (events.some(({ event }) => event === "send")) await this.#log();
    for (const event of events) await this.#actOn(event);
  }

  /** Without its log a core must not speak: it is dropped, and the height is taken up again from what is on disk. */
  async #log(): Promise<void> {
    const entries = this.#heard;
    this.#heard = [];
    try {
      if (entries.length > 0) await this.#store.appendLog(this.#state.height, this.#logged, entries);
      this.#logged += entries.length;
    } catch (error) {
      this.#takeUpAgain();
      throw error;
    }
  }

  #takeUpAgain(): void {
    this.#core?.close();
    this.#core = undefined;
    this.#timers.cancelAll();
    this.#options.keys.forget?.();
    this.#options.clock.after(this.#timeouts.retry, () => this.#tasks.add(() => this.#reopen()));
  }

  async #actOn(event: BftEvent): Promise<void> {
    const { logger } = this.#options;
    switch (event.event) {
      case "cancelTimeouts":
        return this.#timers.cancelAll();
      case "cancelTimeout":
        return this.#timers.cancel(event.kind, event.round);
      case "scheduleTimeout":
        return this.#setTimer(event.kind, event.round);
      case "send":
        return this.#broadcast({ kind: "bft", message: event.message });
      case "getValue":
        return this.#answer(event.round).catch((error: unknown) => this.#failed(error));
      case "restream":
        return this.#restream(event.value, event.round, event.validRound);
      case "syncAccepted":
        return this.#step({ ...syncedValue(event.certificate), proposer: event.proposer });
      case "decide":
        this.#decision = event.certificate;
        return;
      case "finalize":
        if (event.misbehaviour) logger.warn("a member signed two votes for one round", { height: this.height });
        return this.#finalize();
      case "startRound":
        return this.#startRound(event.round, event.proposer);
      case "syncRejected":
      case "failed":
        logger.warn("the consensus core refused", { ...event });
        return;
      case "log":
    }
  }

  #proposerOf(round: number): Address {
    return this.#state.members[this.#order[round % this.#order.length]!]!.signer;
  }

  #isThere(member: Address): boolean {
    return member === this.#options.address || (this.#options.isReachable?.(member) ?? true);
  }

  #startRound(round: number, proposer: Address): void {
    const { height } = this.#state;
    this.#round = round;
    if (round === 0) return;
    this.#wasLate ||= this.#isThere(this.#proposerOf(round - 1));
    this.#options.watch?.round(height, round);
    this.#options.logger.info("a round passed without a decision", { height, round, proposer });
  }

  #broadcast(message: MeshMessage): void {
    this.#options.mesh.broadcast(encodeMeshMessage(message));
  }

  #setTimer(kind: TimeoutKind, round: number): void {
    const core = this.#core;
    this.#timers.set(kind, round, this.#isThere(this.#proposerOf(round)), () =>
      this.#tasks.add(async () => {
        if (core === this.#core && this.#timers.take(kind, round)) await this.#step({ input: "timeout", kind, round });
      }),
    );
  }

  /** Gives the core a proposal for `round`; when none is due yet, the next wake or the round's end settles it. */
  async #answer(round: number): Promise<void> {
    const { height, blockless, rotation } = this.#state;
    const { address: proposer, application } = this.#options;
    this.#wantedRound = round;
    const proposal = blockless ? emptyProposal : await application.prepareProposal({ height });
    if (proposal === undefined) return;
    const envelope = encodeEnvelope({ height, proposer, rotation, proposal });
    const value = envelopeId(envelope);
    if (!(await this.#payloads.check(value, envelope, this.#state))) {
      const message = `own proposal for height ${height} was refused`;
      throw new CommitteeError("proposal-rejected", "retry", message, { height });
    }
    this.#wantedRound = undefined;
    this.#broadcast({ kind: "payload", height, round, validRound: -1, envelope });
    await this.#step({ input: "propose", height: Number(height), round, value });
  }

  #restream(value: ValueId, round: number, validRound: number): void {
    const envelope = this.#payloads.get(value);
    if (envelope) this.#broadcast({ kind: "payload", height: this.#state.height, round, validRound, envelope });
  }

  async #receive(from: Address, bytes: Uint8Array): Promise<void> {
    try {
      await this.#deliver(from, decodeMeshMessage(bytes));
    } catch (error) {
      if (!(error instanceof CommitteeError) || error.remedy !== "reject") throw error;
      this.#options.logger.warn("dropped a member's message", { from, error });
    }
  }

  async #deliver(from: Address, message: MeshMessage): Promise<void> {
    if (message.kind === "status" || message.kind === "want") return this.#catchUp.take(from, message);
    const height = heightOf(message);
    if (message.kind === "decided" && this.#catchUp.isLeap(height)) return this.#leap(message);
    if (height < this.#state.height || height > this.#state.height + 2n) return;
    if (height > this.#state.height) {
      if (this.#waiting.length < maxWaiting) this.#waiting.push({ from, message });
      return;
    }
    if (this.#core === undefined) await this.#begin();
    if (message.kind === "payload") await this.#takePayload(message);
    else if (message.kind === "bft") await this.#step({ input: "message", message: message.message });
    else await this.#takeDecided(message.certificate, message.envelope);
  }

  /** Checks a payload and tells the core that it is here. In its first round it must come from that round's proposer. */
  async #takePayload({ round, validRound, envelope }: PayloadMessage): Promise<void> {
    if (round < 0) return;
    const { height } = this.#state;
    const proposer = this.#proposerOf(round);
    const decoded = decodeEnvelope(envelope);
    if (decoded.height !== height || (validRound < 0 && decoded.proposer !== proposer)) return;
    const value = envelopeId(envelope);
    const valid = await this.#payloads.check(value, envelope, this.#state);
    const place = { height: Number(height), round, validRound, proposer };
    await this.#step({ input: "value", ...place, value, valid, synced: false });
  }

  /** Goes on from a decided height whose block this node has already. */
  async #leap(decided: Decided): Promise<void> {
    const state = await stateAt(this.#options, decided);
    this.#catchUp.leapt(state !== undefined);
    if (state === undefined || state.height <= this.#state.height) return;
    this.#options.logger.info("heights are left out: their blocks are here", {
      from: this.#state.height,
      to: state.height,
    });
    await this.#store.begin(state);
    this.#timers.cancelAll();
    this.#enter(state);
    await this.#begin();
    await this.#takeDecided(decided.certificate, decided.envelope);
  }

  /** A height that others decided: the core checks the certificate before the payload counts. */
  async #takeDecided(certificate: QuorumForm, envelope: Uint8Array): Promise<void> {
    if (envelopeId(envelope) !== certificate.value || decodeEnvelope(envelope).height !== this.#state.height) return;
    this.#payloads.trust(certificate.value, envelope);
    if (this.#decision?.value === certificate.value) return this.#finalize();
    await this.#step({ input: "sync", certificate });
  }

  /** A decided block has no way back: when the application or the disk fails, it is tried again later. */
  async #finalize(): Promise<void> {
    const { height } = this.#state;
    try {
      await this.#handOver(height);
    } catch (error) {
      this.#report(error);
      const again = async (): Promise<void> => (this.#state.height === height ? this.#finalize() : undefined);
      this.#options.clock.after(this.#timeouts.retry, () => this.#tasks.add(again));
    }
  }

  async #handOver(height: bigint): Promise<void> {
    const certificate = this.#decision;
    const envelope = certificate && this.#payloads.get(certificate.value);
    // A payload that this member did not find good is not on disk: after a crash it comes from who decided it, too.
    if (certificate === undefined || envelope === undefined) return;
    this.#timers.cancelAll();
    const { proposer, proposal } = decodeEnvelope(envelope);
    const { validatorUpdates } = await this.#options.application.finalizeBlock({ height, proposer, proposal });
    this.#health = { status: "ok" };
    const next = nextState(this.#state, this.#options.rules, proposer, validatorUpdates);
    await this.#store.advance(next, { certificate, envelope });
    this.#options.watch?.decided(height, proposer, passedBy(this.#state, proposer));
    this.#enter(next);
  }

  #enter(next: EngineState): void {
    this.#state = next;
    this.#core?.close();
    this.#core = undefined;
    this.#timers.adapt(this.#wasLate);
    this.#wasLate = false;
    this.#round = 0;
    this.#decision = undefined;
    this.#wantedRound = undefined;
    this.#payloads = new Payloads(this.#store, this.#options.application, this.#options.logger);
    for (const { from, message } of this.#waiting.splice(0)) this.#tasks.add(() => this.#deliver(from, message));
    this.#catchUp.entered();
    this.wake();
  }

  #failed(error: unknown): void {
    if (this.#core?.isBroken) this.#takeUpAgain();
    this.#report(error);
    if (!this.#tasks.ended) this.#options.clock.after(this.#timeouts.retry, () => this.wake());
  }

  #report(error: unknown): void {
    const { health, mustEnd } = judged(error, this.#state.height, this.#options.logger);
    if (mustEnd) this.#end();
    this.#health = health;
  }
}
