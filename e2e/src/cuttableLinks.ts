// Wires between seats that a test can cut: what is sent over a cut wire waits, as packets that nothing answers do.
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

interface Wire {
  readonly ends: readonly [number, number];
  readonly server: Server;
  readonly sockets: Set<Socket>;
  isCut: boolean;
}

/** One wire for each ordered pair of seats: the port that `from` dials in order to reach `to`. */
export class CuttableLinks {
  readonly #wires: Wire[] = [];

  /** Lays wires between seats that listen on `ports`. */
  static async between(ports: readonly number[]): Promise<CuttableLinks> {
    const links = new CuttableLinks();
    for (const from of ports.keys())
      for (const [to, port] of ports.entries()) if (from !== to) await links.#lay(from, to, port);
    return links;
  }

  /** Port at which `from` reaches `to`. */
  port(from: number, to: number): number {
    const wire = this.#wires.find(({ ends }) => ends[0] === from && ends[1] === to)!;
    return (wire.server.address() as AddressInfo).port;
  }

  /** Seats hear those of their own group alone. Without groups all hear all. */
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
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
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
