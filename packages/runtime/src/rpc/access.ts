import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { RpcOptions } from "./limits.ts";

/** Host of a Host header, without port and brackets, in lower case. */
function hostOf(header: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(header);
  return (bracketed?.[1] ?? header.replace(/:\d+$/, "")).toLowerCase();
}

/**
 * Whether the Host header names this server. A page that rebinds its own name to our address still sends its own name,
 * so names must be listed; addresses cannot be rebound.
 */
export function hostAllowed(request: IncomingMessage, options: RpcOptions): boolean {
  const header = request.headers.host;
  if (header === undefined) return false;
  const host = hostOf(header);
  const allowed = options["rpc.hosts"];
  return isIP(host) !== 0 || allowed.includes("*") || allowed.some((name) => name.toLowerCase() === host);
}

/** The origin to allow in the answer, `null` when the request comes from a page that may not call, `undefined` when from no page. */
export function allowedOrigin(request: IncomingMessage, options: RpcOptions): string | null | undefined {
  const { origin } = request.headers;
  if (origin === undefined) return undefined;
  const allowed = options["rpc.corsOrigins"];
  return allowed.includes("*") || allowed.includes(origin) ? origin : null;
}
