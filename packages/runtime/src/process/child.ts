import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { MetisError } from "@metis/protocol";
import type { Clock } from "../clock.ts";

export type ChildErrorCode = "spawn-failed" | "exited-early" | "not-ready-in-time";

/** A program that did not come up. The payload carries its last lines. */
export class ChildError extends MetisError<ChildErrorCode, { readonly program: string; readonly lastLines: string }> {
  override readonly name = "ChildError";
}

export interface ChildOptions {
  /** What the operator calls it. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Beside PATH, HOME and what the platform needs, nothing of this process's environment is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Keys at the terminal (Ctrl-C) do not reach it: who started it ends it, at its time. Means nothing on Windows. */
  readonly ownGroup?: boolean;
  /** Every line of its standard output and error. */
  readonly onLine?: (line: string) => void;
  /** Called once, when it is gone, unless `stop` was called before. */
  readonly onExit?: (reason: string) => void;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  /** The first line, past or future, that `pattern` matches. Throws `exited-early` or `not-ready-in-time`. */
  line(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** The line by which it says that it is ready. As `line`, but nothing is left running when that fails. */
  ready(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** SIGTERM, then SIGKILL when it has not gone after `graceMs`. Idempotent. */
  stop(graceMs?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

const keptLines = 200;
const passedOn = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LANG", "NO_COLOR"];

const inherited = (): Record<string, string> =>
  Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));

/** Starts a program. Throws `spawn-failed` when the system refuses. No shell is involved. */
export async function startChild(options: ChildOptions, clock: Clock): Promise<Child> {
  const { name, file, args, env, cwd, ownGroup = false } = options;
  const child = spawn(file, args, {
    cwd,
    env: { ...inherited(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
    detached: ownGroup && process.platform !== "win32",
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) =>
      reject(
        new ChildError("spawn-failed", "halt", `${name} did not start: ${error.message}`, {
          program: file,
          lastLines: "",
        }),
      ),
    );
  });
  return new RunningChild(options, child, clock);
}

interface Waiter {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (error: Error) => void;
}

class RunningChild implements Child {
  readonly name: string;
  readonly pid: number;
  readonly #options: ChildOptions;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #gone: Promise<void>;
  #running = true;
  #stopping = false;
  /** Why it ended, once its last line is read, too. */
  #ended: string | undefined;

  constructor(options: ChildOptions, child: ChildProcess, clock: Clock) {
    this.name = options.name;
    this.pid = child.pid!;
    this.#options = options;
    this.#child = child;
    this.#clock = clock;
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on("line", (line) => this.#take(line));
    const reasonOf = (code: number | null, signal: string | null): string =>
      signal === null ? `exit code ${code}` : `signal ${signal}`;
    this.#gone = new Promise((resolve) =>
      child.once("exit", (code, signal) => {
        this.#exited(reasonOf(code, signal));
        resolve();
      }),
    );
    child.once("close", (code, signal) => {
      this.#ended = reasonOf(code, signal);
      for (const waiter of this.#waiters) waiter.reject(this.#endedEarly());
    });
  }

  get running(): boolean {
    return this.#running;
  }

  async line(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    for (const line of this.#lines) {
      const match = pattern.exec(line);
      if (match) return match;
    }
    if (this.#ended !== undefined) throw this.#endedEarly();
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () =>
        waiter.reject(this.#error("not-ready-in-time", `${this.name} was not ready after ${timeoutMs} ms`)),
      );
      const settle = (): void => {
        cancel();
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        pattern,
        resolve: (match) => (settle(), resolve(match)),
        reject: (error) => (settle(), reject(error)),
      };
      this.#waiters.add(waiter);
    });
  }

  async ready(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    try {
      return await this.line(pattern, timeoutMs);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(graceMs = 10_000): Promise<void> {
    this.#stopping = true;
    if (!this.#running) return;
    this.#child.kill("SIGTERM");
    const cancel = this.#clock.after(graceMs, () => this.#child.kill("SIGKILL"));
    await this.#gone;
    cancel();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #take(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > keptLines) this.#lines.shift();
    this.#options.onLine?.(line);
    for (const waiter of this.#waiters) {
      const match = waiter.pattern.exec(line);
      if (match) waiter.resolve(match);
    }
  }

  #exited(reason: string): void {
    this.#running = false;
    if (!this.#stopping) this.#options.onExit?.(reason);
  }

  #endedEarly(): ChildError {
    return this.#error("exited-early", `${this.name} ended before it was ready (${this.#ended})`);
  }

  #error(code: ChildErrorCode, message: string): ChildError {
    const lastLines = this.#lines.slice(-20).join("\n");
    const shown = lastLines === "" ? message : `${message}; it said:\n${lastLines}`;
    return new ChildError(code, "halt", shown, { program: this.#options.file, lastLines });
  }
}
