// A proxy that can keep what comes back from its target, so that whoever asks waits.
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { listen } from "@metis/runtime";

export interface StallingProxy {
  readonly url: string;
  /** Connections on which something was asked since the last `stall`. */
  readonly waiting: number;
  /** From now on nothing comes back on connections on which something with `words` in it is asked. */
  stall(words: string): void;
  /** What was kept comes back, and everything after it. */
  resume(): void;
  close(): void;
}

/** Listens on a free port and passes on to `target` (`http://host:port`). */
export async function startStallingProxy(target: string): Promise<StallingProxy> {
  const { hostname, port } = new URL(target);
  const links = new Map<Socket, Socket>();
  const asked = new Set<Socket>();
  let stalled: string | undefined;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    links.set(near, far);
    near.on("data", (chunk: Buffer) => {
      if (stalled !== undefined && chunk.includes(stalled)) {
        asked.add(near);
        far.pause();
      }
      far.write(chunk);
    });
    far.on("data", (chunk: Buffer) => near.write(chunk));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const)
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
    near.on("close", () => links.delete(near));
  });
  await listen(server, { host: "127.0.0.1", port: 0 });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get waiting() {
      return asked.size;
    },
    stall: (words) => {
      stalled = words;
      asked.clear();
    },
    resume: () => {
      stalled = undefined;
      for (const far of links.values()) far.resume();
    },
    close: () => {
      server.close();
      for (const near of links.keys()) near.destroy();
    },
  };
}
