// How the processes of a pool reach each other, and L1.
import type { NodeConfig } from "@metis/node";
import { freePorts } from "@metis/runtime";
import type { World } from "./world.ts";

/** A network for the seats of one world; seats are named by index. */
export interface SeatNetwork {
  /** Seats it was made for. */
  readonly size: number;
  /** `host:port` on which a seat listens for the others. */
  listen(seat: number): string;
  /** `host:port` at which seat `from` reaches seat `to`. */
  place(from: number, to: number): string;
  /** Command that runs a process where the seat lives, such as `ip netns exec NAME`. */
  under(seat: number): readonly string[];
  /** What a node that lives there must be told beside. */
  options(seat: number): Partial<NodeConfig>;
  /** Seats hear those of their own group alone. Without groups all hear all. */
  partition(...groups: readonly (readonly number[])[]): void;
  close(): void;
}

export type MakeNetwork = (world: World, size: number) => Promise<SeatNetwork>;

/** This machine's own network, which nobody can cut. */
export const openLoopback: MakeNetwork = async (_world, size) => {
  const ports = await freePorts(size);
  const listen = (seat: number): string => `127.0.0.1:${ports[seat]}`;
  return {
    size,
    listen,
    place: (_from, to) => listen(to),
    under: () => [],
    options: () => ({}),
    partition: () => {
      throw new Error("loopback cannot be cut");
    },
    close: () => undefined,
  };
};
