// Wires between seats that a test can cut: what is sent over a cut wire waits, as packets that nothing answers do.
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { freePorts, listen } from "@metis/runtime";
import type { MakeNetwork, SeatNetwork } from "./seatNetwork.ts";

interface Wire {
  readonly ends: readonly [number, number];
  readonly server: Server;
  readonly sockets: Set<Socket>;
  isCut: boolean;
}

/** One wire for each ordered pair of seats: the port that `from` dials in order to reach `to`. */
export class CuttableLinks implements SeatNetwork {
  readonly #wires: Wire[] = [];
  readonly #ports: readonly number[];

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  static readonly open: MakeNetwork = async (_world, size) => {
    const ports = await freePorts(size);
    const links = new CuttableLinks(ports);
    for (const from of ports.keys())
      for (const [to, port] of ports.entries()) if (from !== to) await links.#lay(from, to, port);
    return links;
  };

  get size(): number {
    return this.#ports.length;
  }

  listen(seat: number): string {
    return `127.0.0.1:${this.#ports[seat]}`;
  }

  place(from: number, to: number): string {
    const wire = this.#wires.find(({ ends }) => ends[0] === from && ends[1] === to)!;
    return `127.0.0.1:${(wire.server.address() as AddressInfo).port}`;
  }

  under(): readonly string[] {
    return [];
  }

  options(): object {
    return {};
  }

  partition(...groups: readonly (readonly number[])[]): void {
    for (const wire of this.#wires) {
      const [from, to] = wire.ends;
      wire.isCut = groups.length > 0 && !groups.some((group) => group.includes(from) && group.includes(to));
      for (const socket of wire.sockets) if (wire.isCut) socket.pause();
      for (const socket of wire.sockets) if (!wire.isCut) socket.resume();
    }
  }

  close(): void {
    for (const { server, sockets } of this.#wires) {
      server.close();
      for (const socket of sockets) socket.destroy();
    }
  }

  async #lay(from: number, to: number, port: number): Promise<void> {
    const server = createServer((near) => join(wire, near, connect(port, "127.0.0.1")));
    const wire: Wire = { ends: [from, to], server, sockets: new Set(), isCut: false };
    this.#wires.push(wire);
    await listen(server, { host: "127.0.0.1", port: 0 });
  }
}

function join(wire: Wire, near: Socket, far: Socket): void {
  for (const [socket, other] of [
    [near, far],
    [far, near],
  ] as const) {
    wire.sockets.add(socket);
    socket.on("data", (chunk: Buffer) => other.write(chunk));
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      wire.sockets.delete(socket);
      other.destroy();
    });
    if (wire.isCut) socket.pause();
  }
}
