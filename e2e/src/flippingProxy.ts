// A proxy that changes what it passes on: one hex digit in every long run of them, so that everything else stays well formed.
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { listen } from "@metis/runtime";

export interface FlippingProxy {
  readonly url: string;
  /** Whether it flips; passes everything on unchanged otherwise. */
  flips: boolean;
  close(): void;
}

/** Runs of hex digits that are longer than a hash or an address: encoded blocks. */
const longHex = /[0-9a-f]{400,}/g;

const flipped = (chunk: Buffer): Buffer =>
  Buffer.from(
    chunk.toString("latin1").replaceAll(longHex, (run) => {
      const at = run.length >> 1;
      const digit = (Number.parseInt(run[at]!, 16) ^ 1).toString(16);
      return run.slice(0, at) + digit + run.slice(at + 1);
    }),
    "latin1",
  );

/** Listens on a free port and passes on to `target` (`http://host:port`), HTTP and WebSocket alike. */
export async function startFlippingProxy(target: string): Promise<FlippingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    socket.pipe(upstream);
    upstream.on("data", (chunk: Buffer) => socket.write(proxy.flips ? flipped(chunk) : chunk));
  });
  await listen(server, { host: "127.0.0.1", port: 0 });
  const proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    flips: true,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return proxy;
}
