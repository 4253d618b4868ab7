import { CommitteeError } from "@metis/committee";
import type { Signer, Statement } from "@metis/committee";
import type { Generation, SigningDomain } from "@metis/protocol";
import { durationBuckets, RunningLoop } from "@metis/runtime";
import type { Clock, CounterMetric, HistogramMetric, Logger, Metrics, Service } from "@metis/runtime";
import { bytesToHex, isHex, keccak256 } from "viem";
import type { Address, Hex } from "viem";
import { recoverDigestSigner } from "../signatures.ts";
import { SignerError } from "./errors.ts";
import { SignerExchange } from "./exchange.ts";
import type { Answer, SignerEndpoint } from "./exchange.ts";
import { requestOf, voteRequest } from "./requests.ts";
import type { SigningRequest } from "./requests.ts";
import { VoteLine } from "./voteLine.ts";

/** Milliseconds between looks at whether the signer is there, also while it is not. */
const lookMs = 1_000;

export interface RemoteSignerOptions {
  readonly endpoint: SignerEndpoint;
  readonly domain: SigningDomain;
  /** Whose key is wanted; needed when the signer holds several. */
  readonly address: Address | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A seat's key in another process (docs/decisions/remote-signer.md). Every signature that comes back is checked. */
export class RemoteSigner implements Signer {
  readonly address: Address;
  /** Watches that the signer is there; its health is the seat's. */
  readonly watch: Service;
  readonly #options: RemoteSignerOptions;
  readonly #exchange: SignerExchange;
  readonly #line: VoteLine;
  readonly #path: string;
  readonly #requests: CounterMetric;
  readonly #seconds: HistogramMetric;
  #isUp = true;

  private constructor(options: RemoteSignerOptions, exchange: SignerExchange, address: Address, publicKey: Hex) {
    const { clock, metrics, endpoint } = options;
    const logger = options.logger.child({ service: "signer" });
    this.#options = options;
    this.#exchange = exchange;
    this.address = address;
    this.#path = `/api/v1/eth1/sign/${publicKey}`;
    this.#line = new VoteLine(endpoint);
    this.#requests = metrics.counter("remote_signer_requests", "Signatures asked for", ["type", "outcome"]);
    this.#seconds = metrics.histogram("remote_signer_seconds", "Time to a signature", durationBuckets, ["type"]);
    metrics.observed("remote_signer_up", "1 while the remote signer answers", () => (this.#isUp ? 1 : 0));
    const pass = (): Promise<void> => this.#look();
    this.watch = new RunningLoop({ name: "signer", clock, logger, intervalMs: lookMs, maxBackoffMs: lookMs, pass });
  }

  /** Finds the key at the signer. Throws `SignerError` "signer-unreachable", "signer-refused" or "signer-lacks-key". */
  static async open(options: RemoteSignerOptions): Promise<RemoteSigner> {
    const exchange = new SignerExchange(options.endpoint);
    try {
      const { address, publicKey } = await findKey(exchange, options);
      const signer = new RemoteSigner(options, exchange, address, publicKey);
      await signer.#line.open();
      return signer;
    } catch (error) {
      exchange.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#exchange.close();
    await this.#line.close();
  }

  /** Throws `SignerError` (retry), or `CommitteeError` "double-sign" or "not-monotone" when the signer's protection refuses. */
  async sign(digest: Hex, statement: Statement): Promise<Hex> {
    const { domain } = this.#options;
    const request = requestOf(domain, statement);
    const started = this.#options.clock.monotonic();
    const answer = await this.#exchange.ask(this.#path, JSON.stringify(request)).catch(unanswered);
    return this.#judge(request, digest, answer, started);
  }

  /** A vote of the engine, at once. Throws `SignerError` (retry), also when the signer refuses a second vote. */
  signVote(digest: Hex, message: Uint8Array, generation: Generation): Hex {
    // While it is known to be down, nobody stands still for it.
    if (!this.#isUp) throw unreachable(this.#options.endpoint.url, "it did not answer before");
    const request = voteRequest(bytesToHex(message), generation);
    const started = this.#options.clock.monotonic();
    try {
      return this.#judge(request, digest, this.#line.ask(this.#path, JSON.stringify(request)), started);
    } catch (error) {
      if (error instanceof SignerError) throw error;
      throw new SignerError("signer-refused", "retry", `the remote signer refused a vote: ${String(error)}`, {});
    }
  }

  #judge({ type, data }: SigningRequest, digest: Hex, answer: Answer, started: number): Hex {
    this.#seconds.observe((this.#options.clock.monotonic() - started) / 1000, { type });
    this.#requests.inc(1, { type, outcome: `${answer.status}` });
    this.#isUp = answer.status !== 0;
    const signature = this.#signature(answer);
    if (keccak256(data) === digest && recoverDigestSigner(digest, signature) === this.address) return signature;
    throw new SignerError(
      "signer-refused",
      "retry",
      "the remote signer signed something else, or with another key",
      {},
    );
  }

  #signature({ status, text }: Answer): Hex {
    const { url } = this.#options.endpoint;
    if (status === 200 && isHex(text) && text.length === 132) return text.toLowerCase() as Hex;
    if (status === 0) throw unreachable(url, text);
    const { code, message } = refusalIn(text);
    if (status === 412 && (code === "double-sign" || code === "not-monotone"))
      throw new CommitteeError(code, "halt", `the remote signer: ${message}`, { url });
    throw new SignerError("signer-refused", "retry", `${url} refused to sign (${status}): ${message}`, {
      status,
      code,
    });
  }

  async #look(): Promise<void> {
    const { url } = this.#options.endpoint;
    const { status, text } = await this.#exchange.ask("/upcheck").catch(unanswered);
    this.#isUp = status !== 0;
    if (status === 0) throw unreachable(url, text);
    if (status !== 200) throw new SignerError("signer-refused", "retry", `${url} is not well (${status})`, { status });
  }
}

const unanswered = (error: unknown): Answer => ({
  status: 0,
  text: error instanceof Error ? error.message : String(error),
});

const unreachable = (url: string, why: string): SignerError =>
  new SignerError("signer-unreachable", "retry", `the remote signer at ${url} does not answer: ${why}`, { url });

/** What our own signer says of a refusal; of another one, its text. */
function refusalIn(text: string): { readonly code: string; readonly message: string } {
  try {
    const { code, message } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof code === "string" && typeof message === "string") return { code, message };
  } catch {
    // No JSON: the text itself is the message.
  }
  return { code: "", message: text.slice(0, 200) };
}

async function findKey(
  exchange: SignerExchange,
  { endpoint: { url }, address: wanted }: RemoteSignerOptions,
): Promise<{ readonly address: Address; readonly publicKey: Hex }> {
  const { status, text } = await exchange.ask("/api/v1/eth1/publicKeys").catch(unanswered);
  if (status === 0) throw unreachable(url, text);
  if (status !== 200)
    throw new SignerError("signer-refused", "reject", `${url} does not show its keys (${status})`, { status });
  const keys = keysIn(text);
  const matching = keys.filter(({ address }) => wanted === undefined || address === wanted);
  if (matching.length === 1) return matching[0]!;
  const held = keys.map(({ address }) => address).join(", ") || "none";
  const message =
    wanted === undefined
      ? `${url} holds several keys, or none: say which by signer.address (${held})`
      : `${url} does not hold the key of ${wanted} (${held})`;
  throw new SignerError("signer-lacks-key", "reject", message, { url });
}

function keysIn(text: string): { readonly address: Address; readonly publicKey: Hex }[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = [];
  }
  return (Array.isArray(list) ? list : []).flatMap((publicKey: unknown) =>
    isHex(publicKey) && publicKey.length === 130
      ? [{ publicKey, address: `0x${keccak256(publicKey).slice(26)}` as const }]
      : [],
  );
}
