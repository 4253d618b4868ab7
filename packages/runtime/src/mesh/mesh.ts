import { connect, createServer } from "node:tls";
import type { Server, TLSSocket } from "node:tls";
import type { Address, Hex } from "viem";
import type { Clock } from "../clock.ts";
import { listen } from "../listen.ts";
import type { Logger } from "../logger.ts";
import { BaseService } from "../service.ts";
import { ephemeralCertificate } from "./certificate.ts";
import { Link, defaultMeshLimits } from "./link.ts";
import type { LinkOptions, MeshIdentity, MeshLimits } from "./link.ts";

/** Where a member listens. */
export interface MeshPeer {
  readonly address: Address;
  readonly host: string;
  readonly port: number;
}

export interface MeshOptions {
  readonly identity: MeshIdentity;
  /** 32 bytes that tell this mesh from others: members of another chain are strangers. */
  readonly domain: Hex;
  readonly listen: { readonly host: string; readonly port: number };
  readonly peers: readonly MeshPeer[];
  /** Asked at every handshake, so that the answer may change with the epochs. */
  readonly isMember: (address: Address) => boolean;
  readonly limits?: MeshLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

const minRedialMs = 100;
const maxRedialMs = 5000;
/** What the member with the lower address is ahead of the other, so that two seldom dial at the same time. */
const headStartMs = 1000;
const tlsVersions = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" } as const;

/**
 * Messages between members over TLS 1.3, each channel signed by both ends' keys. Whoever knows where the other listens dials, the
 * lower address first. Lossy by design: a member that is away or too slow misses messages.
 */
export class Mesh extends BaseService {
  readonly #options: MeshOptions;
  readonly #limits: MeshLimits;
  readonly #certificate = ephemeralCertificate();
  readonly #links = new Map<Address, Link>();
  readonly #peers = new Map<Address, MeshPeer>();
  readonly #dialling = new Map<Address, () => void>();
  readonly #strangers = new Set<TLSSocket>();
  /** Why a member refused this one last: said once. */
  readonly #refusals = new Map<Address, string>();
  #server: Server | undefined;
  #receiver: ((from: Address, message: Uint8Array) => void) | undefined;
  readonly #onLink = new Set<(member: Address) => void>();
  #dropped = 0;

  constructor(options: MeshOptions) {
    super("mesh");
    this.#options = options;
    this.#limits = options.limits ?? defaultMeshLimits;
  }

  /** Port it listens on, once started. */
  get port(): number {
    const bound = this.#server?.address();
    return typeof bound === "object" && bound !== null ? bound.port : 0;
  }

  /** Members reachable now. */
  get connected(): readonly Address[] {
    return [...this.#links.keys()];
  }

  /** Messages not sent because a member was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  broadcast(message: Uint8Array): void {
    for (const link of this.#links.values()) if (!link.send(message)) this.#dropped += 1;
  }

  send(to: Address, message: Uint8Array): void {
    if (this.#links.get(lower(to))?.send(message) === false) this.#dropped += 1;
  }

  /** One receiver at a time; returns how to let go. */
  receive(receiver: (from: Address, message: Uint8Array) => void): () => void {
    this.#receiver = receiver;
    return () => {
      if (this.#receiver === receiver) this.#receiver = undefined;
    };
  }

  /** Calls back whenever a link to a member comes up. Returns what ends it. */
  onLink(listener: (member: Address) => void): () => void {
    this.#onLink.add(listener);
    return () => this.#onLink.delete(listener);
  }

  /** Takes a member's new place, or a new member; the old link is kept until it breaks. */
  addPeer(peer: MeshPeer): void {
    const address = lower(peer.address);
    if (address === lower(this.#options.identity.address)) return;
    this.#peers.set(address, peer);
    this.#seek(address);
  }

  protected async onStart(): Promise<void> {
    const { listen: at, peers } = this.#options;
    const server = createServer({ ...this.#certificate, ...tlsVersions, handshakeTimeout: this.#limits.handshakeMs });
    this.#server = server;
    server.on("secureConnection", (socket) => this.#answer(socket));
    server.on("tlsClientError", () => undefined);
    await listen(server, at);
    for (const peer of peers) this.addPeer(peer);
  }

  /** Dials a member whose place is known and that is not linked, until it is. */
  #seek(address: Address, pauseMs = minRedialMs): void {
    const goesFirst = BigInt(this.#options.identity.address) < BigInt(address);
    if (goesFirst) this.#dial(address, pauseMs);
    else this.#dialLater(address, headStartMs, pauseMs);
  }

  #dialLater(address: Address, ms: number, pauseMs: number): void {
    this.#dialling.get(address)?.();
    if (this.signal.aborted) return;
    this.#dialling.set(
      address,
      this.#options.clock.after(ms, () => this.#dial(address, pauseMs)),
    );
  }

  protected async onStop(): Promise<void> {
    for (const cancel of this.#dialling.values()) cancel();
    for (const socket of this.#strangers) socket.destroy();
    for (const link of this.#links.values()) link.close("stopped");
    await new Promise<void>((resolve) => this.#server?.close(() => resolve()) ?? resolve());
  }

  #answer(socket: TLSSocket): void {
    if (this.#strangers.size >= this.#limits.maxStrangers) return void socket.destroy();
    const { remoteAddress: from } = socket;
    this.#greet(socket, "answered").catch((error: unknown) => {
      this.#options.logger.debug("a stranger was turned away", { from, error });
    });
  }

  /** Once, and when that fails again after a pause; pauses double. */
  #dial(address: Address, pauseMs: number): void {
    const { logger } = this.#options;
    this.#dialling.get(address)?.();
    const peer = this.#peers.get(address);
    if (this.signal.aborted || !peer || this.#links.has(address)) return;
    const again = (): void => this.#dialLater(address, pauseMs, Math.min(2 * pauseMs, maxRedialMs));
    const meet = (answered: Address): void => this.#meet(address, answered);
    const socket = connect({
      host: peer.host,
      port: peer.port,
      ...this.#certificate,
      ...tlsVersions,
      rejectUnauthorized: false,
    });
    socket.once("error", again);
    socket.once("secureConnect", () => {
      socket.off("error", again);
      this.#greet(socket, "dialled").then(meet, (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        if (this.#refusals.get(address) !== reason)
          logger.warn("a member did not let this one in", { peer: address, reason });
        this.#refusals.set(address, reason);
        again();
      });
    });
  }

  /** A member may have changed its key and still listen where it did: it is sought there under its new address. */
  #meet(expected: Address, answered: Address): void {
    const peer = this.#peers.get(expected);
    if (answered === expected || !peer) return;
    this.#peers.delete(expected);
    this.#peers.set(answered, { ...peer, address: answered });
    this.#options.logger.info("a member answers under another address", { expected, answered });
  }

  /** Both ends prove who they are; then the link replaces an older one to the same member, whose address is returned. */
  async #greet(socket: TLSSocket, side: LinkOptions["side"]): Promise<Address> {
    const { identity, domain, clock, logger, isMember } = this.#options;
    this.#strangers.add(socket);
    socket.setNoDelay(true);
    // Whoever waits for the socket learns of its end by "close".
    socket.on("error", () => undefined);
    try {
      const link = await Link.open({
        socket,
        side,
        domain,
        identity,
        limits: this.#limits,
        clock,
        isMember,
        onMessage: (from, message) => this.#receiver?.(from, message),
        onClose: (reason) => {
          if (this.#links.get(link.peer) !== link) return;
          this.#links.delete(link.peer);
          logger.info("link to a member lost", { peer: link.peer, reason });
          this.#seek(link.peer);
        },
      });
      if (link.peer === lower(identity.address)) {
        link.close("a link to oneself");
        throw new Error(`${link.peer} is this member itself`);
      }
      // In this order: a link that is lost in its place would be sought again, and found, and replaced, for ever.
      const older = this.#links.get(link.peer);
      this.#links.set(link.peer, link);
      older?.close("replaced by a newer link");
      this.#refusals.delete(link.peer);
      socket.resume();
      logger.info("link to a member is up", { peer: link.peer });
      for (const listener of this.#onLink) listener(link.peer);
      return link.peer;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      this.#strangers.delete(socket);
    }
  }
}

const lower = (address: Address): Address => address.toLowerCase() as Address;
