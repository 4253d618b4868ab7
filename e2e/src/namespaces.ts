// A network namespace for each seat, with a wire to a switch that joins the seats, and one to the test, which has L1 and asks.
import { spawnSync } from "node:child_process";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { NodeConfig } from "@metis/node";
import { listen } from "@metis/runtime";
import type { MakeNetwork, SeatNetwork } from "./seatNetwork.ts";

const meshPort = 9645;
/** Names and addresses of this process's networks, so that two test runs do not meet. */
const mark = process.pid % 250;
const name = (what: string): string => `mt${process.pid}${what}`;
const switchName = name("sw");
const seatName = (seat: number): string => name(`s${seat}`);
/** Address of a seat on the switch, and the two ends of its wire to the test. */
const meshAddress = (seat: number): string => `10.${mark}.255.${seat + 1}`;
const testAddress = (seat: number): string => `10.${mark}.${seat}.1`;
const seatAddress = (seat: number): string => `10.${mark}.${seat}.2`;

/** Seats in namespaces; partitions are wires that hang on different bridges: packets between them are lost, as on a real network. */
export class Namespaces implements SeatNetwork {
  readonly size: number;
  readonly #doors: readonly L1Door[];

  private constructor(size: number, doors: readonly L1Door[]) {
    this.size = size;
    this.#doors = doors;
  }

  /** Why this machine has none, in one line; nothing when it has. */
  static refusal(): string | undefined {
    try {
      ip("netns", "add", switchName);
      lay(0);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      clear(1);
    }
  }

  static readonly open: MakeNetwork = async (world, size) => {
    ip("netns", "add", switchName);
    const { port } = new URL(world.anvil.url);
    const doors: L1Door[] = [];
    for (let seat = 0; seat < size; seat++) {
      lay(seat);
      doors.push(await L1Door.open(testAddress(seat), Number(port)));
    }
    const network = new Namespaces(size, doors);
    network.partition();
    return network;
  };

  listen(seat: number): string {
    return `${meshAddress(seat)}:${meshPort}`;
  }

  place(_from: number, to: number): string {
    return this.listen(to);
  }

  under(seat: number): readonly string[] {
    return ["ip", "netns", "exec", seatName(seat)];
  }

  options(seat: number): Partial<NodeConfig> {
    return { "l1.rpc": this.#doors[seat]!.url, "rpc.host": seatAddress(seat) };
  }

  partition(...groups: readonly (readonly number[])[]): void {
    const all = [...Array(this.size).keys()];
    for (const [position, group] of (groups.length === 0 ? [all] : groups).entries()) {
      const bridge = `br${position}`;
      const known = run("ip", "-n", switchName, "link", "show", bridge) === undefined;
      if (!known) ip("-n", switchName, "link", "add", bridge, "type", "bridge");
      ip("-n", switchName, "link", "set", bridge, "up");
      for (const seat of group) ip("-n", switchName, "link", "set", `p${seat}`, "master", bridge);
    }
  }

  close(): void {
    for (const door of this.#doors) door.close();
    clear(this.size);
  }
}

/** Makes the namespace of a seat, its wire to the switch and its wire to the test. */
function lay(seat: number): void {
  const [home, near] = [seatName(seat), name(`t${seat}`)];
  ip("netns", "add", home);
  ip("-n", home, "link", "set", "lo", "up");
  ip("link", "add", near, "type", "veth", "peer", "name", "test", "netns", home);
  ip("addr", "add", `${testAddress(seat)}/30`, "dev", near);
  ip("link", "set", near, "up");
  ip("-n", home, "addr", "add", `${seatAddress(seat)}/30`, "dev", "test");
  ip("-n", home, "link", "set", "test", "up");
  ip("-n", home, "link", "add", "mesh", "type", "veth", "peer", "name", `p${seat}`, "netns", switchName);
  ip("-n", home, "addr", "add", `${meshAddress(seat)}/24`, "dev", "mesh");
  ip("-n", home, "link", "set", "mesh", "up");
  ip("-n", switchName, "link", "set", `p${seat}`, "up");
}

/** A namespace takes its wires along. */
function clear(seats: number): void {
  for (let seat = 0; seat < seats; seat++) run("ip", "netns", "del", seatName(seat));
  run("ip", "netns", "del", switchName);
}

function ip(...args: readonly string[]): void {
  const why = run("ip", ...args);
  if (why !== undefined) throw new Error(why);
}

/** Nothing when the command went well, else what it said. */
function run(command: string, ...args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? undefined : `${command} ${args.join(" ")}: ${(error?.message ?? stderr).trim()}`;
}

/** L1 listens on this machine's loopback: here a seat finds it. */
class L1Door {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #host: string;

  private constructor(host: string, l1Port: number) {
    this.#host = host;
    this.#server = createServer((socket) => {
      const upstream = connect(l1Port, "127.0.0.1");
      socket.pipe(upstream).pipe(socket);
      for (const [one, other] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
    });
  }

  static async open(host: string, l1Port: number): Promise<L1Door> {
    const door = new L1Door(host, l1Port);
    await listen(door.#server, { host, port: 0 });
    return door;
  }

  get url(): string {
    return `http://${this.#host}:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
