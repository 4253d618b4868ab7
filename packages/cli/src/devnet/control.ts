import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { createInterface } from "node:readline";
import { DevnetError } from "./files.ts";

/** Longest request, bytes: a role's name. */
const maxRequest = 256;

/** Serves one-line requests on a local socket: the line is a role, the answer `{"ok": ...}` or `{"error": ...}`. */
export async function serveControl(
  path: string,
  start: (role: string) => Promise<string>,
): Promise<() => Promise<void>> {
  rmSync(path, { force: true });
  const server = createServer((socket) => answer(socket, start));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return () => close(server, path);
}

function answer(socket: Socket, start: (role: string) => Promise<string>): void {
  socket.setTimeout(60_000, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  createInterface({ input: socket }).once("line", (line) => {
    start(line.slice(0, maxRequest)).then(
      (ok) => socket.end(`${JSON.stringify({ ok })}\n`),
      (error: unknown) =>
        socket.end(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`),
    );
  });
}

async function close(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (process.platform !== "win32") rmSync(path, { force: true });
}

/** Asks the devnet that serves `path` to start `role`. Throws `not-running` when nobody listens. */
export async function askControl(path: string, role: string): Promise<string> {
  const socket = connect(path);
  const reply = await new Promise<string>((resolve, reject) => {
    socket.once("error", () =>
      reject(
        new DevnetError("not-running", "reject", "no devnet runs in this folder. Start it with `metis devnet`.", {}),
      ),
    );
    socket.once("connect", () => {
      createInterface({ input: socket }).once("line", resolve);
      socket.write(`${role}\n`);
    });
  });
  const { ok, error } = JSON.parse(reply) as { ok?: string; error?: string };
  if (error !== undefined) throw new DevnetError("seat-failed", "reject", error, {});
  return ok ?? "";
}
