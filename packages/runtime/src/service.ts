import { MetisError } from "@metis/protocol";

export interface Health {
  readonly status: "idle" | "starting" | "ok" | "degraded" | "failed" | "stopped";
  /** One sentence for the operator when the status is not `ok`. */
  readonly detail?: string;
}

/** A long-running part. `start` resolves when it works; `stop` is idempotent and awaits the pass in flight. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  health(): Health;
}

/** Services that cannot be started in any order, or one that is started twice. */
export class ServiceError extends MetisError<"already-started" | "unknown-dependency" | "dependency-cycle"> {
  override readonly name = "ServiceError";
}

/**
 * Keeps the state of a service: derive and fill in `onStart` and `onStop`.
 * `signal` aborts as soon as stop is asked for, so that waits inside end early.
 */
export abstract class BaseService implements Service {
  readonly name: string;
  #health: Health = { status: "idle" };
  #controller = new AbortController();
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  protected abstract onStart(signal: AbortSignal): Promise<void>;
  protected abstract onStop(): Promise<void>;

  /** Aborts when the service stops. */
  protected get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Says how the running service fares; ignored unless it runs. */
  protected report(health: { readonly status: "ok" | "degraded" | "failed"; readonly detail?: string }): void {
    if (!this.#controller.signal.aborted) this.#health = health;
  }

  start(): Promise<void> {
    if (this.#health.status !== "idle")
      throw new ServiceError("already-started", "halt", `${this.name} was started before`, { service: this.name });
    this.#health = { status: "starting" };
    this.#starting = this.#start();
    return this.#starting;
  }
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  health(): Health {
    return this.#health;
  }

  async #start(): Promise<void> {
    try {
      await this.onStart(this.#controller.signal);
      if (this.#health.status === "starting") this.#health = { status: "ok" };
    } catch (error) {
      this.#health = { status: "failed", detail: error instanceof Error ? error.message : String(error) };
      throw error;
    }
  }

  async #stop(): Promise<void> {
    const wasIdle = this.#health.status === "idle";
    this.#controller.abort();
    // A start under way sees the signal; what it threw was told to its caller.
    await this.#starting?.catch(() => undefined);
    if (!wasIdle) await this.onStop();
    this.#health = { status: "stopped" };
  }
}

interface Entry {
  readonly service: Service;
  readonly after: readonly string[];
}

/** Starts services so that each comes after what it needs, stops them the other way round. Itself a service. */
export class ServiceGroup extends BaseService {
  readonly #entries = new Map<string, Entry>();
  #started: Service[] = [];

  /** Adds `service`, to be started once the services named in `after` run. Returns it. */
  add<T extends Service>(service: T, after: readonly string[] = []): T {
    if (this.#entries.has(service.name))
      throw new ServiceError("already-started", "halt", `two services are named ${service.name}`, { service });
    this.#entries.set(service.name, { service, after });
    return service;
  }

  /** The services with their health, in the order in which they were added. */
  members(): readonly { readonly name: string; readonly health: Health }[] {
    return [...this.#entries.values()].map(({ service }) => ({ name: service.name, health: service.health() }));
  }

  override health(): Health {
    const own = super.health();
    if (own.status !== "ok") return own;
    const members = this.members();
    const worst =
      members.find(({ health }) => health.status === "failed") ?? members.find(({ health }) => health.status !== "ok");
    if (!worst) return own;
    const status = worst.health.status === "failed" ? "failed" : "degraded";
    return { status, detail: `${worst.name}: ${worst.health.detail ?? worst.health.status}` };
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    try {
      for (const service of this.#order()) {
        if (signal.aborted) return;
        this.#started.push(service);
        await service.start();
      }
    } catch (error) {
      await this.#stopStarted();
      throw error;
    }
  }

  protected async onStop(): Promise<void> {
    await this.#stopStarted();
  }

  async #stopStarted(): Promise<void> {
    const failures: unknown[] = [];
    for (const service of this.#started.toReversed()) {
      try {
        await service.stop();
      } catch (error) {
        failures.push(error);
      }
    }
    this.#started = [];
    if (failures.length > 0)
      throw new AggregateError(failures, `${this.name}: ${failures.length} services did not stop cleanly`);
  }

  #order(): Service[] {
    const order: Service[] = [];
    const state = new Map<string, "open" | "done">();
    const visit = (name: string, wantedBy: string): void => {
      const entry = this.#entries.get(name);
      const payload = { service: name, wantedBy };
      if (!entry)
        throw new ServiceError("unknown-dependency", "halt", `${wantedBy} needs ${name}, which is not there`, payload);
      if (state.get(name) === "done") return;
      if (state.get(name) === "open")
        throw new ServiceError("dependency-cycle", "halt", `${name} and ${wantedBy} need each other`, payload);
      state.set(name, "open");
      for (const dependency of entry.after) visit(dependency, name);
      state.set(name, "done");
      order.push(entry.service);
    };
    for (const name of this.#entries.keys()) visit(name, this.name);
    return order;
  }
}
