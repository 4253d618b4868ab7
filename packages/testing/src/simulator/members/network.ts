import type { Mesh } from "@metis/committee";
import type { BlockAttestation } from "@metis/protocol";
import type { Clock } from "@metis/runtime";
import type { Address, Hex } from "viem";

export interface NetworkFaults {
  /** Probability that a message is lost. */
  readonly drop: number;
  /** Probability that it comes twice. */
  readonly duplicate: number;
  /** Longest time under way, milliseconds. */
  readonly maxDelay: number;
  /** A channel of the mesh that nothing comes through on. */
  readonly lostChannel?: number;
}

export const soundNetwork: NetworkFaults = { drop: 0, duplicate: 0, maxDelay: 10 };

type Receiver = (from: Address, message: Uint8Array) => void;

/** A process on the network. */
export interface Station {
  readonly address: Address;
  /** The side of a partition that its machine is on. */
  readonly side: () => number;
  readonly isAlive: () => boolean;
  /** Whether its disk holds the protection record of this attestation's digest. */
  readonly hasRecord: (attestation: BlockAttestation, digest: Hex) => boolean;
  /** The generation that its process is in. */
  readonly generation: () => number;
}

/** Told of every message of `from` before the network has its way with it, and of every message that `to` takes. */
export interface Wiretap {
  sent(from: Station, message: Uint8Array): void;
  delivered(to: Station, from: Address, message: Uint8Array): void;
}

/** An authenticated network without order, certainty or manners. Two processes under one address both get what is for it. */
export class SimulatedNetwork {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #tap: Wiretap;
  readonly #receivers = new Map<Station, Receiver>();
  faults: NetworkFaults = soundNetwork;
  /** Whether machines on different sides hear each other. */
  isPartitioned = false;

  constructor(clock: Clock, random: () => number, tap: Wiretap) {
    this.#clock = clock;
    this.#random = random;
    this.#tap = tap;
  }

  /** The network as `station` sees it. */
  join(station: Station): Mesh {
    return {
      broadcast: (message) => {
        for (const to of this.#receivers.keys()) if (to.address !== station.address) this.#carry(station, to, message);
        this.#tap.sent(station, message);
      },
      send: (address, message) => {
        for (const to of this.#receivers.keys()) if (to.address === address) this.#carry(station, to, message);
        this.#tap.sent(station, message);
      },
      receive: (receiver) => {
        this.#receivers.set(station, receiver);
        return () => this.#receivers.delete(station);
      },
    };
  }

  leave(station: Station): void {
    this.#receivers.delete(station);
  }

  /** Whether some process of `address` could be heard by `station` now. */
  reaches(station: Station, address: Address): boolean {
    for (const other of this.#receivers.keys())
      if (other.address === address && other.isAlive() && this.#linked(station, other)) return true;
    return false;
  }

  #linked(a: Station, b: Station): boolean {
    return !this.isPartitioned || a.side() === b.side();
  }

  #carry(from: Station, to: Station, message: Uint8Array): void {
    const { drop, duplicate, maxDelay, lostChannel } = this.faults;
    if (!from.isAlive() || message[0] === lostChannel || this.#random() < drop) return;
    const copies = this.#random() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++)
      this.#clock.after(1 + this.#random() ** 2 * maxDelay, () => {
        const receiver = this.#receivers.get(to);
        if (receiver === undefined || !to.isAlive() || !this.#linked(from, to)) return;
        this.#tap.delivered(to, from.address, message);
        receiver(from.address, message);
      });
  }
}
