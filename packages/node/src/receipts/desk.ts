import type { Mesh } from "@metis/committee";
import { DecodeError, MetisError } from "@metis/protocol";
import type { Generation, Hash, SigningDomain } from "@metis/protocol";
import { BaseService, durationBuckets } from "@metis/runtime";
import type { Clock, CounterMetric, HistogramMetric, Logger, Metrics } from "@metis/runtime";
import { keccak256 } from "viem";
import type { Address, Hex } from "viem";
import { MempoolError } from "../mempool/errors.ts";
import { isReceiptErrorCode, ReceiptError } from "./errors.ts";
import type { ReceiptIssuer } from "./issuer.ts";
import { decodeReceiptMessage, encodeReceiptMessage } from "./messages.ts";
import type { ReceiptMessage, UncheckedReceipt } from "./messages.ts";
import { recoverReceipt } from "./signed.ts";
import type { SignedReceipt } from "./signed.ts";

/** Longest wait for the leader's answer, milliseconds. */
const answerMs = 1_000;
/** Milliseconds in which receipts gather before the members are told of them. */
const tellMs = 20;
/** Requests of one member that are worked on at a time; more are refused. */
const maxAsked = 256;
/** Receipts in one message. */
const maxTold = 512;

export interface ReceiptDeskOptions {
  readonly self: Address;
  readonly domain: SigningDomain;
  readonly issuer: Pick<ReceiptIssuer, "give">;
  /** Takes a user's transaction into the pool and tells the members; `add` takes one of a member. Both throw `MempoolError`. */
  readonly submit: (raw: Hex) => Promise<Hash>;
  readonly add: (raw: Hex) => Promise<Hash>;
  /** Channel 5; absent in a pool of one. */
  readonly mesh: Mesh | undefined;
  /** Whose turn it is; nothing while nobody can tell. */
  readonly leader: () => Address | undefined;
  readonly isConnected: (member: Address) => boolean;
  readonly isMember: (address: Address) => boolean;
  readonly generation: () => Generation;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Question {
  readonly leader: Address;
  readonly hash: Hash;
  readonly answer: PromiseWithResolvers<SignedReceipt>;
}

/** Where users get receipts: from this seat while it leads, else from the leader through it. Shows receipts to whoever wants them. */
export class ReceiptDesk extends BaseService {
  readonly #options: ReceiptDeskOptions;
  readonly #questions = new Map<bigint, Question>();
  /** Requests of a member: how many are worked on, and when the last one is in the pool. */
  readonly #asked = new Map<Address, { readonly busy: number; readonly turn: Promise<unknown> }>();
  readonly #listeners = new Set<(receipt: SignedReceipt) => void>();
  readonly #given: CounterMetric;
  readonly #refused: CounterMetric;
  readonly #seconds: HistogramMetric;
  #lastId = 0n;
  #untold: SignedReceipt[] = [];
  #cancelTelling: (() => void) | undefined;
  #leave: () => void = () => undefined;

  constructor(options: ReceiptDeskOptions) {
    super("receipts");
    const { metrics } = options;
    this.#options = options;
    this.#given = metrics.counter("receipts_given_total", "Receipts that this seat gave");
    this.#refused = metrics.counter("receipts_refused_total", "Users that got no receipt, by reason", ["reason"]);
    this.#seconds = metrics.histogram(
      "receipt_seconds",
      "Time from a user's transaction to its receipt",
      durationBuckets,
    );
  }

  protected async onStart(): Promise<void> {
    this.#leave = this.#options.mesh?.receive((from, message) => this.#receive(from, message)) ?? this.#leave;
  }

  protected async onStop(): Promise<void> {
    this.#leave();
    this.#tell();
    for (const { hash, answer } of this.#questions.values()) answer.reject(new ReceiptError("receipt-timeout", hash));
    this.#questions.clear();
  }

  /** Calls back for each receipt that this seat gives, or hears of. Returns what ends it. */
  subscribe(listener: (receipt: SignedReceipt) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes a user's transaction and resolves to the leader's receipt for it. Throws `MempoolError` when the pool does not take it,
   * `ReceiptError` when it did and there is no receipt; the transaction is in the pool then.
   */
  async submit(raw: Hex): Promise<SignedReceipt> {
    const { clock, leader, self, issuer, submit } = this.#options;
    const began = clock.monotonic();
    const hash = keccak256(raw);
    try {
      await unlessKnown(submit(raw));
      const asked = leader();
      const receipt = asked === self ? await issuer.give(hash) : await this.#ask(asked, raw, hash);
      if (asked === self) this.#gave(receipt);
      this.#seconds.observe((clock.monotonic() - began) / 1000);
      return receipt;
    } catch (error) {
      this.#refused.inc(1, { reason: codeOf(error) ?? "failed" });
      throw error;
    }
  }

  async #ask(leader: Address | undefined, raw: Hex, hash: Hash): Promise<SignedReceipt> {
    const { mesh, isConnected, clock } = this.#options;
    if (!mesh || leader === undefined || !isConnected(leader)) throw new ReceiptError("leader-unreachable", hash);
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<SignedReceipt>();
    this.#questions.set(id, { leader, hash, answer });
    const cancel = clock.after(answerMs, () => answer.reject(new ReceiptError("receipt-timeout", hash)));
    mesh.send(leader, encodeReceiptMessage({ kind: "ask", id, raw }));
    return answer.promise.finally(() => {
      cancel();
      this.#questions.delete(id);
    });
  }

  #receive(from: Address, bytes: Uint8Array): void {
    const { logger } = this.#options;
    try {
      this.#hear(from, decodeReceiptMessage(bytes));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      logger.debug("a member's message about receipts cannot be read", { from, error });
    }
  }

  #hear(from: Address, message: ReceiptMessage): void {
    switch (message.kind) {
      case "ask":
        void this.#answer(from, message.id, message.raw);
        return;
      case "receipt":
      case "refusal":
        return this.#answered(from, message);
      case "given":
        for (const unchecked of message.receipts) this.#heard(unchecked);
    }
  }

  /** Requests of one member are taken into the pool one after the other, so that a sender's nonces come in their order. */
  async #answer(from: Address, id: bigint, raw: Hex): Promise<void> {
    const { mesh, issuer, add } = this.#options;
    const say = (message: ReceiptMessage): void => mesh?.send(from, encodeReceiptMessage(message));
    const { busy, turn } = this.#asked.get(from) ?? { busy: 0, turn: Promise.resolve() };
    if (busy >= maxAsked) return say({ kind: "refusal", id, code: "receipt-timeout" });
    const taken = turn.then(() => unlessKnown(add(raw)));
    this.#asked.set(from, { busy: busy + 1, turn: taken.catch(() => undefined) });
    try {
      await taken;
      const given = await issuer.give(keccak256(raw));
      say({ kind: "receipt", id, receipt: given.receipt, signature: given.signature });
      this.#gave(given);
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) this.#options.logger.warn("a receipt could not be given", { from, error });
      say({ kind: "refusal", id, code: code ?? "receipt-timeout" });
    } finally {
      const now = this.#asked.get(from);
      if (now) this.#asked.set(from, { ...now, busy: now.busy - 1 });
    }
  }

  #answered(from: Address, message: Extract<ReceiptMessage, { kind: "receipt" | "refusal" }>): void {
    const question = this.#questions.get(message.id);
    if (question?.leader !== from) return;
    const { hash, answer } = question;
    if (message.kind === "refusal")
      return answer.reject(new ReceiptError(isReceiptErrorCode(message.code) ? message.code : "has-to-wait", hash));
    const given = this.#checked(message);
    if (given?.signer !== from || given.receipt.transactionHash !== hash) return;
    answer.resolve(given);
    this.#show(given);
  }

  /** What the leader tells of what it gave to others. */
  #heard(unchecked: UncheckedReceipt): void {
    const given = this.#checked(unchecked);
    if (given && this.#options.isMember(given.signer)) this.#show(given);
  }

  #checked({ receipt, signature }: UncheckedReceipt): SignedReceipt | undefined {
    const { domain, generation } = this.#options;
    return receipt.generation === generation() ? recoverReceipt(domain, receipt, signature) : undefined;
  }

  #gave(receipt: SignedReceipt): void {
    const { mesh, clock } = this.#options;
    this.#given.inc(1);
    this.#show(receipt);
    if (!mesh) return;
    this.#untold.push(receipt);
    this.#cancelTelling ??= clock.after(tellMs, () => this.#tell());
  }

  #tell(): void {
    this.#cancelTelling?.();
    this.#cancelTelling = undefined;
    const receipts = this.#untold;
    this.#untold = [];
    for (let at = 0; at < receipts.length; at += maxTold)
      this.#options.mesh?.broadcast(
        encodeReceiptMessage({ kind: "given", receipts: receipts.slice(at, at + maxTold) }),
      );
  }

  #show(receipt: SignedReceipt): void {
    for (const listener of this.#listeners) listener(receipt);
  }
}

/** What is in the pool already is as good as taken. */
async function unlessKnown(taking: Promise<Hash>): Promise<void> {
  try {
    await taking;
  } catch (error) {
    if (!(error instanceof MempoolError) || error.code !== "already-known") throw error;
  }
}

const codeOf = (error: unknown): string | undefined => (error instanceof MetisError ? error.code : undefined);
