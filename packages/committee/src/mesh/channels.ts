import type { Logger } from "@metis/runtime";
import type { Address } from "viem";
import type { Mesh } from "../engine/embedded/mesh.ts";

/** What members talk about over one mesh; the first byte of every message (docs/spec/pool.md, "Mesh"). */
export const MeshChannel = { consensus: 1, attestations: 2, batches: 3, transactions: 4, receipts: 5 } as const;
export type MeshChannel = (typeof MeshChannel)[keyof typeof MeshChannel];

/** Splits one mesh into channels, each with a receiver of its own. What names no channel, or one nobody listens to, is dropped. */
export class MeshChannels {
  readonly #mesh: Mesh;
  readonly #receivers = new Map<number, (from: Address, message: Uint8Array) => void>();

  constructor(mesh: Mesh, logger: Logger) {
    this.#mesh = mesh;
    mesh.receive((from, message) => {
      const receiver = this.#receivers.get(message[0] ?? 0);
      if (receiver) receiver(from, message.subarray(1));
      else logger.debug("a message for no channel", { from, channel: message[0] });
    });
  }

  /** The mesh as one channel sees it: one receiver at a time. */
  channel(channel: MeshChannel): Mesh {
    const framed = (message: Uint8Array): Uint8Array => {
      const bytes = new Uint8Array(message.length + 1);
      bytes[0] = channel;
      bytes.set(message, 1);
      return bytes;
    };
    return {
      broadcast: (message) => this.#mesh.broadcast(framed(message)),
      send: (to, message) => this.#mesh.send(to, framed(message)),
      receive: (receiver) => {
        this.#receivers.set(channel, receiver);
        return () => {
          if (this.#receivers.get(channel) === receiver) this.#receivers.delete(channel);
        };
      },
    };
  }
}
