import type { Server } from "node:net";
import { MetisError } from "@metis/protocol";

/** A server's port is taken: choose another one, and start again. */
export class ListenError extends MetisError<"port-taken", Endpoint> {
  override readonly name = "ListenError";
}

interface Endpoint {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Resolves once `server` listens. Throws `port-taken`, and what else the system refuses it for. */
export async function listen(server: Server, { host, port }: Endpoint): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const message = `port ${port} of ${host} is taken by another program: choose another`;
      reject(cause.code === "EADDRINUSE" ? new ListenError("port-taken", "halt", message, { host, port }) : cause);
    });
    server.listen(port, host, resolve);
  });
}
