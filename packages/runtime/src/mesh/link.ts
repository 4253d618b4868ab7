import type { TLSSocket } from "node:tls";
import { keccak256, concatHex, stringToHex, bytesToHex } from "viem";
import type { Address, Hex } from "viem";
import type { Clock } from "../clock.ts";

/** Who this end is, and how it knows the other: 65-byte signatures over digests. */
export interface MeshIdentity {
  readonly address: Address;
  /** `digest` is keccak256 of `message`: a tag, the domain, the channel's secret, the side. */
  sign(digest: Hex, message: Hex): Promise<Hex>;
  /** The signer, or nothing for a signature that is none. */
  recover(digest: Hex, signature: Hex): Address | undefined;
}

export interface MeshLimits {
  /** Largest message, bytes. */
  readonly maxMessageBytes: number;
  /** Bytes waiting for one slow member; what comes on top is dropped. */
  readonly maxQueuedBytes: number;
  /** Milliseconds for TLS and the exchange of signatures. */
  readonly handshakeMs: number;
  /** Milliseconds between signs of life; three without any end a link. */
  readonly heartbeatMs: number;
  /** Sockets that have not said who they are. */
  readonly maxStrangers: number;
}

/** Limits of a pool's links (docs/limits.md, "Pool"). */
export const defaultMeshLimits: MeshLimits = {
  maxMessageBytes: 1024 * 1024,
  maxQueuedBytes: 8 * 1024 * 1024,
  handshakeMs: 5000,
  heartbeatMs: 2000,
  maxStrangers: 64,
};

type Side = "dialled" | "answered";

const headBytes = 4;
const helloBytes = 20 + 65;
const exporterLabel = "EXPORTER-metis-mesh-1";

/** What one end signs: the domain, the channel's own secret (RFC 8446, 7.5) and its side. Worthless on any other channel. */
const helloMessage = (domain: Hex, channel: Hex, side: Side): Hex =>
  concatHex([stringToHex("metis-mesh-1"), domain, channel, side === "dialled" ? "0x01" : "0x02"]);

export interface LinkOptions {
  readonly socket: TLSSocket;
  readonly side: Side;
  readonly domain: Hex;
  readonly identity: MeshIdentity;
  readonly limits: MeshLimits;
  readonly clock: Clock;
  readonly isMember: (address: Address) => boolean;
  readonly onMessage: (from: Address, message: Uint8Array) => void;
  readonly onClose: (reason: string) => void;
}

/** One authenticated channel to one member: length-prefixed messages; an empty one is a sign of life. */
export class Link {
  readonly peer: Address;
  readonly #options: LinkOptions;
  #received: Buffer;
  #lastSeen: number;
  #closed = false;
  #cancelBeat: (() => void) | undefined;

  private constructor(options: LinkOptions, peer: Address, rest: Buffer) {
    this.peer = peer;
    this.#options = options;
    this.#received = rest;
    this.#lastSeen = options.clock.monotonic();
    const { socket } = options;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("close", () => this.close("the other end is gone"));
    socket.on("error", (error) => this.close(error.message));
    this.#beat();
    this.#take(Buffer.alloc(0));
  }

  /**
   * Exchanges signatures on a fresh TLS channel; who dialled speaks first, and a stranger gets no answer. Rejects for anybody who
   * is not a member, for silence and for nonsense.
   */
  static async open(options: LinkOptions): Promise<Link> {
    const { socket, side } = options;
    const channel = bytesToHex(socket.exportKeyingMaterial(32, exporterLabel, Buffer.alloc(0)));
    if (side === "dialled") await sayHello(options, channel);
    const { claimed, rest } = await hearHello(options, channel);
    if (side === "answered") await sayHello(options, channel);
    if (socket.destroyed) throw new Error(`${claimed} hung up`);
    return new Link(options, claimed, rest);
  }

  /** False when the member is too slow and the message was dropped. */
  send(message: Uint8Array): boolean {
    const { socket, limits } = this.#options;
    if (this.#closed || message.length > limits.maxMessageBytes) return false;
    if (socket.writableLength + message.length > limits.maxQueuedBytes) return false;
    const head = Buffer.alloc(headBytes);
    head.writeUInt32BE(message.length);
    socket.cork();
    socket.write(head);
    socket.write(message);
    socket.uncork();
    return true;
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelBeat?.();
    this.#options.socket.destroy();
    this.#options.onClose(reason);
  }

  #beat(): void {
    const { clock, limits, isMember } = this.#options;
    if (clock.monotonic() - this.#lastSeen > 3 * limits.heartbeatMs) return this.close("no sign of life");
    if (!isMember(this.peer)) return this.close("it is no member any more");
    this.send(new Uint8Array());
    this.#cancelBeat = clock.after(limits.heartbeatMs, () => this.#beat());
  }

  #take(chunk: Buffer): void {
    const { limits, clock, onMessage } = this.#options;
    this.#lastSeen = clock.monotonic();
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (!this.#closed && this.#received.length >= headBytes) {
      const length = this.#received.readUInt32BE();
      if (length > limits.maxMessageBytes) return this.close(`a message of ${length} bytes is over the limit`);
      if (this.#received.length < headBytes + length) return;
      const message = Uint8Array.from(this.#received.subarray(headBytes, headBytes + length));
      this.#received = this.#received.subarray(headBytes + length);
      if (length > 0) onMessage(this.peer, message);
    }
  }
}

async function sayHello({ socket, side, domain, identity }: LinkOptions, channel: Hex): Promise<void> {
  const message = helloMessage(domain, channel, side);
  const signature = await identity.sign(keccak256(message), message);
  socket.write(Buffer.from(`${identity.address.slice(2)}${signature.slice(2)}`, "hex"));
}

/** Who the other end has proved to be, and what it said behind its hello. */
async function hearHello(options: LinkOptions, channel: Hex): Promise<{ claimed: Address; rest: Buffer }> {
  const { socket, side, domain, identity, limits, clock, isMember } = options;
  const { hello, rest } = await readHello(socket, clock, limits.handshakeMs);
  const claimed = bytesToHex(hello.subarray(0, 20));
  const other = side === "dialled" ? "answered" : "dialled";
  const signer = identity.recover(keccak256(helloMessage(domain, channel, other)), bytesToHex(hello.subarray(20)));
  if (signer?.toLowerCase() !== claimed) throw new Error(`${claimed} did not prove that it holds its key`);
  if (!isMember(claimed)) throw new Error(`${claimed} is not a member`);
  return { claimed, rest };
}

/** The other end's first bytes, and what came behind them. */
function readHello(socket: TLSSocket, clock: Clock, timeoutMs: number): Promise<{ hello: Buffer; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (): void => {
      cancel();
      socket.off("data", take);
      socket.off("close", gone);
      socket.off("error", gone);
    };
    const gone = (): void => (settle(), reject(new Error("the other end hung up before it said who it is")));
    const cancel = clock.after(timeoutMs, () => (settle(), reject(new Error("the other end did not say who it is"))));
    const take = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (received.length < helloBytes) return;
      settle();
      socket.pause();
      resolve({ hello: received.subarray(0, helloBytes), rest: received.subarray(helloBytes) });
    };
    socket.on("data", take);
    socket.once("close", gone);
    socket.once("error", gone);
  });
}
