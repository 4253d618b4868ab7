import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { createInterface } from "node:readline";
import { DevnetError } from "./files.ts";
import type { DevnetErrorCode } from "./files.ts";

/** Longest request, bytes: an action and a role's name. */
const maxRequest = 256;

/** What a running devnet can be asked to do with one of its roles. */
export const controlActions = ["start", "stop"] as const;
export type ControlAction = (typeof controlActions)[number];
export type ControlHandler = (action: ControlAction, role: string) => Promise<string>;

/** Serves one-line requests on a local socket: the line is `ACTION ROLE`, the answer `{"ok": ...}` or `{"error": ...}`. */
export async function serveControl(path: string, handle: ControlHandler): Promise<() => Promise<void>> {
  rmSync(path, { force: true });
  const server = createServer((socket) => answer(socket, handle));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return () => close(server, path);
}

function answer(socket: Socket, handle: ControlHandler): void {
  socket.setTimeout(60_000, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  createInterface({ input: socket }).once("line", (line) => {
    obey(line.slice(0, maxRequest), handle).then(
      (ok) => socket.end(`${JSON.stringify({ ok })}\n`),
      (error: unknown) => {
        const code = error instanceof DevnetError ? error.code : "seat-failed";
        socket.end(`${JSON.stringify({ code, error: error instanceof Error ? error.message : String(error) })}\n`);
      },
    );
  });
}

async function obey(line: string, handle: ControlHandler): Promise<string> {
  const [word, role = ""] = line.split(" ");
  const action = controlActions.find((known) => known === word);
  if (action === undefined) throw new Error(`a devnet can ${controlActions.join(" or ")} a role, not "${word}"`);
  return handle(action, role);
}

async function close(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (process.platform !== "win32") rmSync(path, { force: true });
}

/** Asks the devnet that serves `path` for `action` on `role`. Throws `not-running` when nobody listens. */
export async function askControl(path: string, action: ControlAction, role: string): Promise<string> {
  const socket = connect(path);
  const reply = await new Promise<string>((resolve, reject) => {
    socket.once("error", () =>
      reject(
        new DevnetError("not-running", "reject", "no devnet runs in this folder. Start it with `metis devnet`.", {}),
      ),
    );
    socket.once("connect", () => {
      createInterface({ input: socket }).once("line", resolve);
      socket.write(`${action} ${role}\n`);
    });
  });
  const { ok, error, code } = JSON.parse(reply) as { ok?: string; error?: string; code: DevnetErrorCode };
  if (error !== undefined) throw new DevnetError(code, "reject", error, {});
  return ok ?? "";
}
