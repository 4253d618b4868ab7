import { createWriteStream } from "node:fs";
import type { L1Deployment } from "@metis/node";
import { devnetChainIds } from "@metis/protocol";
import { ChildError, everyOne, freePorts } from "@metis/runtime";
import type { Anvil, Clock } from "@metis/runtime";
import type { Io } from "../io.ts";
import { toJson } from "../io.ts";
import { devAccounts } from "./accounts.ts";
import { ensureDeployment, startL1 } from "./chain.ts";
import { serveControl } from "./control.ts";
import type { ControlAction } from "./control.ts";
import { DevnetError, DevnetFiles } from "./files.ts";
import { l1Port, meshPort, seatPort } from "./options.ts";
import type { DevnetOptions } from "./options.ts";
import { endOrphans } from "./orphans.ts";
import { peerOf, startSeat } from "./seat.ts";
import type { Seat, SeatPlace } from "./seat.ts";

/** What `devnet.json` holds (stable; see docs/operating/devnet.md). */
export interface DevnetSummary {
  readonly ready: boolean;
  readonly l1: { readonly rpc: string; readonly chainId: number };
  readonly l2: {
    readonly chainId: number;
    readonly rpc: readonly string[];
    /** Where the seats listen for one another, as `pool.peers` takes it; who joins needs it. */
    readonly members: readonly string[];
  };
  readonly accounts: readonly { readonly address: string; readonly privateKey: string }[];
  readonly contracts: Readonly<Record<string, string>>;
  readonly processes: readonly { readonly role: string; readonly pid: number }[];
}

/** Milliseconds that a seat has for finishing before it is killed. */
const stopLimitMs = 20_000;

/** L1, contracts and seats, each a process, supervised: what dies is reported and stays down until it is asked for again. */
export class Devnet {
  readonly #options: DevnetOptions;
  readonly #files: DevnetFiles;
  readonly #clock: Clock;
  readonly #io: Io;
  readonly #closers: (() => Promise<void> | void)[] = [];
  #l1: Anvil | undefined;
  #deployment: L1Deployment | undefined;
  #seats = new Map<string, Seat>();
  readonly #places: SeatPlace[] = [];
  readonly #halting = new Set<string>();
  #ready = false;
  #stopping: Promise<void> | undefined;

  constructor(options: DevnetOptions, clock: Clock, io: Io) {
    this.#options = options;
    this.#files = new DevnetFiles(options.dataDir);
    this.#clock = clock;
    this.#io = io;
  }

  /** Brings everything up in order. After a failure, `stop` takes down what came up. */
  async start(): Promise<DevnetSummary> {
    const { profile, reset } = this.#options;
    this.#files.requireFree();
    const orphans = await endOrphans(this.#files, this.#clock);
    if (orphans.length > 0) this.#progress(`the last devnet was killed; ended what it left: ${orphans.join(", ")}`);
    this.#files.prepare(reset);
    this.#closers.push(this.#files.lock());
    this.#progress("L1: starting anvil with Osaka's rules");
    await this.#startL1();
    this.#progress("contracts: deploying, or checking those of the last run");
    this.#deployment = await ensureDeployment(this.#options, this.#files, this.#l1!, (step) => this.#detail(step));
    await this.#l1!.mineEvery(profile.l1BlockTime);
    await this.#startSeats(this.#deployment.sequencers.length);
    this.#closers.push(await serveControl(this.#files.control, (action, role) => this.#control(action, role)));
    this.#ready = true;
    return this.#publish();
  }

  /** Seats first, so that what they know is on L1 before it saves itself. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#ready = false;
    await Promise.all([...this.#seats.values()].map((seat) => seat.process.stop(stopLimitMs)));
    await this.#l1?.stop();
    if (this.#deployment !== undefined) this.#publish();
    for (const close of this.#closers.toReversed()) await close();
  }

  #progress(what: string): void {
    this.#io.note(what);
  }

  #detail(what: string): void {
    if (this.#io.terminal) this.#io.note(`  ${what}`);
  }

  async #startL1(): Promise<void> {
    const port = this.#l1?.port ?? (await chosen(l1Port(this.#options)));
    this.#l1 = await startL1(this.#options, this.#files, this.#clock, {
      port,
      onExit: (reason) => this.#died("l1", reason),
      onSaveFailed: (error) => this.#io.note(`L1's chain could not be saved (it is tried again): ${String(error)}`),
    }).catch((error: unknown) => explainPort(error, port));
  }

  async #startSeats(count: number): Promise<void> {
    const options = this.#options;
    for (let index = 0; index < count; index++) {
      const [rpcPort, meshed] = [await chosen(seatPort(options, index)), await chosen(meshPort(options, index))];
      this.#places.push({ index, rpcPort, meshPort: meshed });
    }
    this.#progress(`seats: starting ${count}`);
    await everyOne(this.#places.map((place) => this.#startSeat(place)));
  }

  async #startSeat(place: SeatPlace): Promise<void> {
    const role = `seat-${place.index}`;
    const log = createWriteStream(this.#files.log(role), { flags: "a" });
    const shared = {
      devnet: this.#options,
      files: this.#files,
      l1Rpc: this.#l1!.url,
      clock: this.#clock,
      places: this.#places,
    };
    const seat = await startSeat(shared, place, {
      log: (line) => log.write(`${line}\n`),
      onExit: (reason) => this.#died(role, reason),
    }).catch((error: unknown) => explainPort(error, place.rpcPort));
    this.#seats.set(role, seat);
  }

  #died(role: string, reason: string): void {
    if (this.#stopping !== undefined) return;
    // While it starts, the error that follows says what there is to say.
    if (!this.#ready || this.#halting.has(role)) return;
    const log = role === "l1" ? "" : `; its log: ${this.#files.log(role)}`;
    this.#io.note(`${role} is down (${reason})${log}. Bring it back: metis devnet start ${role}`);
    this.#publish();
  }

  /** `metis devnet start ROLE` and `stop ROLE`. */
  async #control(action: ControlAction, role: string): Promise<string> {
    const running = role === "l1" ? this.#l1?.process : this.#seats.get(role)?.process;
    if (running === undefined) {
      const known = ["l1", ...this.#seats.keys()].join(", ");
      throw new DevnetError("unknown-role", "reject", `there is no role "${role}"; roles are ${known}`, {});
    }
    if (running.running === (action === "start")) {
      const state = running.running ? `runs already (pid ${running.pid})` : "does not run";
      throw new DevnetError("role-running", "reject", `${role} ${state}`, {});
    }
    await (action === "start" ? this.#revive(role) : this.#halt(role));
    this.#publish();
    return action === "start" ? `${role} is up again` : `${role} is down until it is started again`;
  }

  async #revive(role: string): Promise<void> {
    if (role !== "l1") return this.#startSeat(this.#places[Number(role.slice("seat-".length))]!);
    await this.#startL1();
    // What anvil had not saved when it died may be the contracts themselves.
    await ensureDeployment(this.#options, this.#files, this.#l1!, (step) => this.#detail(step));
    await this.#l1!.mineEvery(this.#options.profile.l1BlockTime);
  }

  /** Asked for, hence not reported as a death. */
  async #halt(role: string): Promise<void> {
    this.#halting.add(role);
    await (role === "l1" ? this.#l1!.stop() : this.#seats.get(role)!.process.stop(stopLimitMs)).finally(() =>
      this.#halting.delete(role),
    );
  }

  #publish(): DevnetSummary {
    // Seats become ready in any order; readers tell them apart by their place.
    const seats = this.#places.flatMap(({ index }) => this.#seats.get(`seat-${index}`) ?? []);
    const processes = [{ role: "l1", process: this.#l1!.process }, ...seats];
    const summary: DevnetSummary = {
      ready: this.#ready,
      l1: { rpc: this.#l1!.url, chainId: Number(devnetChainIds.l1) },
      l2: {
        chainId: Number(devnetChainIds.l2),
        rpc: seats.map(({ rpc }) => rpc),
        members: this.#places.map(peerOf),
      },
      accounts: devAccounts.users.map(({ key, account }) => ({ address: account.address, privateKey: key })),
      contracts: { ...this.#deployment!.contracts },
      processes: processes
        .filter(({ process }) => process.running)
        .map(({ role, process }) => ({ role, pid: process.pid })),
    };
    this.#files.write(this.#files.summary, toJson(summary, 2));
    return summary;
  }
}

/** What comes back on its port, or is known to others by it, cannot leave the choice to the moment when it listens. */
const chosen = async (port: number): Promise<number> => (port === 0 ? (await freePorts(1))[0]! : port);

/** What to do about a port that is taken, of a program that uses `port`. Throws anything else on. */
function explainPort(error: unknown, port: number): never {
  const said = error instanceof ChildError ? error.payload.lastLines : String(error);
  if (!/address already in use|is taken by another/i.test(said)) throw error;
  const which = /port \d+/.exec(said)?.[0] ?? `port ${port}`;
  const advice = "Stop what uses it (another devnet?), or choose other ports: --port-base 0 takes free ones.";
  throw new DevnetError("port-taken", "reject", `${which} is taken. ${advice}`, {}, { cause: error });
}
