import { createServer } from "node:net";

/** A TCP port of this machine's loopback that nobody listens on at present. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (typeof bound !== "object" || bound === null) throw new Error("the system gave no port");
  return bound.port;
}
