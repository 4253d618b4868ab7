import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { MetisError } from "@metis/protocol";

/** Every port that this process may hand out was handed out, or is taken. */
export class PortsError extends MetisError<"no-free-port", PortSpan> {
  override readonly name = "PortsError";
}

/** Ports from `first` to `last`, both included. */
export interface PortSpan {
  readonly first: number;
  readonly last: number;
}

/** Above the fixed ports of a devnet (8545, 9545 and 10545 on). */
const lowest = 11_000;
const highest = 65_535;
/** Where outgoing connections take their ports on a Linux that nobody configured; elsewhere they take higher ones. */
const usual: PortSpan = { first: 32_768, last: 60_999 };
/** Fewer would be used up by a run of the tests. */
const fewest = 2_000;
/** How far apart processes with neighbouring numbers begin. */
const stride = 61;

/**
 * Ports that no outgoing connection takes, given those that they take: `ip_local_port_range` of Linux, empty where the system has
 * no such file. Where hardly any are left, those that Linux usually leaves.
 */
export function portsToGive(localRange: string): PortSpan {
  const [first = usual.first, last = usual.last] = localRange.match(/\d+/g)?.map(Number) ?? [];
  const spans = [
    { first: lowest, last: first - 1 },
    { first: Math.max(lowest, last + 1), last: highest },
  ];
  return spans.find((span) => span.last - span.first >= fewest) ?? { first: lowest, last: usual.first - 1 };
}

/** Whether nobody listens on `port` of this machine's loopback. */
export const isFreePort = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

const rangeFile = "/proc/sys/net/ipv4/ip_local_port_range";
let given = 0;

/**
 * Ports of the loopback for processes that must know each other's before any of them listens, or that come back where they were.
 * Nobody listens there, no outgoing connection takes one meanwhile, none is given twice, and processes beside each other begin
 * at different places. A process that can listen on port 0 and say where it is needs none of this. Throws `no-free-port`.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const span = portsToGive(existsSync(rangeFile) ? readFileSync(rangeFile, "utf8") : "");
  const size = span.last - span.first + 1;
  const found: number[] = [];
  while (found.length < count) {
    if (given === size) throw new PortsError("no-free-port", "halt", "this process has given all ports away", span);
    const port = span.first + ((process.pid * stride + given++) % size);
    if (await isFreePort(port)) found.push(port);
  }
  return found;
}
