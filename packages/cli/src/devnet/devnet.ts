import { createWriteStream } from "node:fs";
import type { L1Deployment } from "@metis/node";
import { devnetChainIds } from "@metis/protocol";
import { ChildError } from "@metis/runtime";
import type { Anvil, Clock } from "@metis/runtime";
import type { Io } from "../io.ts";
import { toJson } from "../io.ts";
import { devAccounts } from "./accounts.ts";
import { ensureDeployment, mineEvery, startL1 } from "./chain.ts";
import { serveControl } from "./control.ts";
import { DevnetError, DevnetFiles } from "./files.ts";
import type { DevnetOptions } from "./options.ts";
import { endOrphans } from "./orphans.ts";
import { startSeat } from "./seat.ts";
import type { Seat } from "./seat.ts";

/** What `devnet.json` holds (stable; see docs/operating/devnet.md). */
export interface DevnetSummary {
  readonly ready: boolean;
  readonly l1: { readonly rpc: string; readonly chainId: number };
  readonly l2: { readonly chainId: number; readonly rpc: readonly string[] };
  readonly accounts: readonly { readonly address: string; readonly privateKey: string }[];
  readonly contracts: Readonly<Record<string, string>>;
  readonly processes: readonly { readonly role: string; readonly pid: number }[];
}

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
    const { profile, reset, seats } = this.#options;
    this.#files.requireFree();
    const orphans = await endOrphans(this.#files, this.#clock);
    if (orphans.length > 0) this.#progress(`the last devnet was killed; ended what it left: ${orphans.join(", ")}`);
    this.#files.prepare(reset);
    this.#closers.push(this.#files.lock());
    this.#progress("L1: starting anvil with Osaka's rules");
    await this.#startL1();
    this.#progress("contracts: deploying, or checking those of the last run");
    this.#deployment = await ensureDeployment(this.#options, this.#files, this.#l1!, (step) => this.#detail(step));
    await mineEvery(this.#l1!.url, profile.l1BlockTime);
    for (let index = 0; index < seats; index++) {
      this.#progress(`seat-${index}: starting`);
      await this.#startSeat(index);
    }
    this.#closers.push(await serveControl(this.#files.control, (role) => this.#revive(role)));
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
    for (const seat of [...this.#seats.values()].toReversed()) await seat.process.stop(20_000);
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
    this.#l1 = await startL1(this.#options, this.#files, this.#clock, {
      onExit: (reason) => this.#died("l1", reason),
      onSaveFailed: (error) => this.#io.note(`L1's chain could not be saved (it is tried again): ${String(error)}`),
    }).catch(explainPort);
  }

  async #startSeat(index: number, port?: number): Promise<void> {
    const role = `seat-${index}`;
    const log = createWriteStream(this.#files.log(role), { flags: "a" });
    const seat = await startSeat(this.#options, this.#files, index, this.#l1!.url, this.#clock, {
      log: (line) => log.write(`${line}\n`),
      onExit: (reason) => this.#died(role, reason),
      ...(port === undefined ? {} : { port }),
    }).catch(explainPort);
    this.#seats.set(role, seat);
  }

  #died(role: string, reason: string): void {
    if (this.#stopping !== undefined) return;
    // While it starts, the error that follows says what there is to say.
    if (!this.#ready) return;
    const log = role === "l1" ? "" : `; its log: ${this.#files.log(role)}`;
    this.#io.note(`${role} is down (${reason})${log}. Bring it back: metis devnet start ${role}`);
    this.#publish();
  }

  /** `metis devnet start ROLE`. */
  async #revive(role: string): Promise<string> {
    const seat = this.#seats.get(role);
    const running = role === "l1" ? this.#l1?.process : seat?.process;
    if (running === undefined) {
      const known = ["l1", ...this.#seats.keys()].join(", ");
      throw new DevnetError("unknown-role", "reject", `there is no role "${role}"; roles are ${known}`, {});
    }
    if (running.running)
      throw new DevnetError("role-running", "reject", `${role} runs already (pid ${running.pid})`, {});
    if (seat !== undefined) await this.#startSeat(Number(role.slice("seat-".length)), Number(new URL(seat.rpc).port));
    else {
      await this.#startL1();
      // What anvil had not saved when it died may be the contracts themselves.
      await ensureDeployment(this.#options, this.#files, this.#l1!, (step) => this.#detail(step));
      await mineEvery(this.#l1!.url, this.#options.profile.l1BlockTime);
    }
    this.#publish();
    return `${role} is up again`;
  }

  #publish(): DevnetSummary {
    const processes = [{ role: "l1", process: this.#l1!.process }, ...this.#seats.values()];
    const summary: DevnetSummary = {
      ready: this.#ready,
      l1: { rpc: this.#l1!.url, chainId: Number(devnetChainIds.l1) },
      l2: { chainId: Number(devnetChainIds.l2), rpc: [...this.#seats.values()].map(({ rpc }) => rpc) },
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

/** A program that ended because its port is taken: says what to do about it. Throws anything else on. */
function explainPort(error: unknown): never {
  if (!(error instanceof ChildError)) throw error;
  const said = error.payload.lastLines
    .split("\n")
    .find((line) => /address already in use|is taken by another/i.test(line));
  if (said === undefined) throw error;
  const advice = "Stop what uses it (another devnet?), or choose other ports: --port-base 0 takes free ones.";
  throw new DevnetError("port-taken", "reject", `a port of the devnet is taken. ${advice}`, {}, { cause: error });
}
