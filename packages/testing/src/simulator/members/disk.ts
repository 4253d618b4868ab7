import { MemoryStore } from "@metis/runtime";
import type { Clock, Store, StoreOp } from "@metis/runtime";

export interface DiskFaults {
  /** Longest time that a write takes, milliseconds. */
  readonly slowness: number;
  /** Probability that a write fails and leaves nothing. */
  readonly failure: number;
  /** Probability that the machine dies at a write: before it is on disk, or after, with nobody told. */
  readonly death: number;
}

export const soundDisk: DiskFaults = { slowness: 0, failure: 0, death: 0 };

/** The process that uses a disk at present. */
export interface DiskUser {
  readonly isAlive: () => boolean;
  readonly die: () => void;
}

/** A disk that outlives the processes on it. Writes take time; one that was not done when its process died never happened. */
export class Disk {
  readonly #kept = new MemoryStore();
  readonly #clock: Clock;
  readonly #random: () => number;
  #free = 0;
  faults: DiskFaults = soundDisk;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** What lies on the disk, for whoever looks at it from outside. */
  get content(): Store {
    return this.#kept;
  }

  /** The disk as `user` sees it. What it writes shows once it is durable. */
  mount(user: DiskUser): Store {
    return {
      get: (key) => this.#kept.get(key),
      entries: (range) => this.#kept.entries(range),
      write: (ops) => this.#write(user, ops),
      close: async () => undefined,
    };
  }

  #write(user: DiskUser, ops: readonly StoreOp[]): Promise<void> {
    const { failure, death, slowness } = this.faults;
    const fate = this.#random();
    const now = this.#clock.monotonic();
    this.#free = Math.max(this.#free, now) + slowness * this.#random() ** 4;
    return new Promise((resolve, reject) => {
      this.#clock.after(this.#free - now, () => {
        if (!user.isAlive()) return;
        if (fate < failure) return reject(new Error("the disk is full"));
        if (fate < failure + death / 2) return user.die();
        this.#kept.write(ops).then(() => (fate < failure + death ? user.die() : resolve()), reject);
      });
    });
  }
}
