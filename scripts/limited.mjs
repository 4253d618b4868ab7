// Runs a command that may take so long and no longer: node scripts/limited.mjs SECONDS COMMAND [ARGUMENT...]
// Ends with the command's own code, or with 124 when its time was up. Nothing that it started stays, in whichever process group:
// what is left is named and ended. Elsewhere than on Linux only the command's own group is.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** As of timeout(1). */
export const timeUp = 124;
/** Milliseconds that processes have for ending themselves, and for telling what they were at. */
const graceMs = 10_000;
/** Between two looks at what runs. One whose parents all ended since the last look, and that has a session of its own, is missed. */
const lookMs = 500;

/** The processes of this machine by number. */
function processes() {
  const found = new Map();
  if (process.platform !== "linux") return found;
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) && read(`/proc/${name}/stat`);
    if (!stat) continue;
    // proc_pid_stat(5): the command's name, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, parent, , session] = fields;
    const pid = Number(name);
    found.set(pid, { pid, parent: Number(parent), session: Number(session), gone: state === "Z", start: fields[19] });
  }
  return found;
}

/** Text of a file of /proc; empty when its process has ended. */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Whether a process runs; one that has ended and that nobody asked about yet does not. */
export const isRunning = (pid) => processes().get(pid)?.gone === false;

/** All that one process started, and they in turn, as far as it was seen. */
class Family {
  #root;
  /** When each member started: numbers of processes are used again. */
  #members = new Map();
  #sessions = new Set();

  constructor(root) {
    this.#root = root;
    this.#sessions.add(root);
  }

  /** The members that run. */
  look() {
    const all = processes();
    for (const [pid, start] of this.#members) if (all.get(pid)?.start !== start) this.#members.delete(pid);
    const sessions = new Set([...all.values()].map(({ session }) => session));
    for (const session of this.#sessions) if (!sessions.has(session)) this.#sessions.delete(session);
    for (let known = -1; known < this.#members.size;) {
      known = this.#members.size;
      for (const one of all.values()) if (this.#belongs(one)) this.#add(one);
    }
    return [...this.#members.keys()].filter((pid) => !all.get(pid).gone);
  }

  #belongs({ pid, parent, session }) {
    return pid === this.#root || this.#members.has(parent) || this.#sessions.has(session);
  }

  #add({ pid, session, start }) {
    this.#members.set(pid, start);
    if (session === pid) this.#sessions.add(session);
  }

  send(signal) {
    for (const pid of this.look()) kill(pid, signal);
    // Where processes cannot be listed.
    if (process.platform !== "linux") kill(process.platform === "win32" ? this.#root : -this.#root, signal);
  }
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** What the process was started as, in a line. */
const commandOf = (pid) => {
  const words = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  return words.length > 160 ? `${words.slice(0, 60)} ... ${words.slice(-100)}` : words;
};

const name = (pids) => pids.map((pid) => `  ${pid} ${commandOf(pid)}\n`).join("");

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks what runs of `family` to end, and ends it when it does not. */
async function end(family, grace) {
  family.send("SIGTERM");
  for (const until = performance.now() + grace; performance.now() < until && family.look().length > 0;) await pause(50);
  // One that waits for a disk that does not answer outlives even this.
  for (let tries = 0; tries < 100 && family.look().length > 0; tries++) {
    family.send("SIGKILL");
    await pause(20);
  }
}

/**
 * Runs `command` until it ends or `limit` is aborted; resolves to its exit code, or to `timeUp`. `stdio` is that of spawn, `say`
 * takes what there is to say of processes that had to be ended.
 */
export async function runLimited(command, args, { limit, stdio = "inherit", grace = graceMs, say, onSpawn }) {
  // A session of its own.
  const child = spawn(command, args, { stdio, detached: process.platform !== "win32" });
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
  const family = new Family(child.pid);
  const looking = setInterval(() => family.look(), lookMs);
  const up = new Promise((resolve) => limit.addEventListener("abort", () => resolve(timeUp), { once: true }));
  try {
    onSpawn?.(child);
    const code = await Promise.race([ended, up]);
    const left = family.look();
    if (left.length > 0) say(`${code === timeUp ? "was running" : "it left behind"}:\n${name(left)}`);
    await end(family, code === timeUp ? grace : 0);
    return code;
  } finally {
    clearInterval(looking);
  }
}

/** `runLimited` for a terminal: `seconds`, or until this process is asked to end. */
export async function runFor(seconds, command, args) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(`more than ${seconds} s`), seconds * 1000);
  const asked = (signal) => stop.abort(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, asked);
  try {
    const say = (what) => process.stdout.write(`${stop.signal.aborted ? `${stop.signal.reason}; ` : ""}${what}`);
    const code = await runLimited(command, args, { limit: stop.signal, say });
    const { reason } = stop.signal;
    return { code, interrupted: signals.includes(reason) ? reason : undefined };
  } finally {
    clearTimeout(timer);
    for (const signal of signals) process.off(signal, asked);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [seconds, command, ...args] = process.argv.slice(2);
  const { code, interrupted } = await runFor(Number(seconds), command, args);
  process.exit(interrupted === undefined ? code : 128 + constants.signals[interrupted]);
}
