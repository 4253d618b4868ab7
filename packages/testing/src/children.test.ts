import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { test } from "node:test";

/** A program that starts another, which keeps a connection to `port`, and ends as `ending` says once that is made. */
const program = (port: number, ending: string): string => `
  import { startChild, systemClock } from "@metis/runtime";
  import { endWithUs } from ${JSON.stringify(import.meta.resolve("./children.ts"))};
  const source = 'require("node:net").connect(${port}, "127.0.0.1", () => console.log("up"))';
  const options = { name: "child", file: process.execPath, args: ["-e", source] };
  const child = endWithUs(await startChild(options, systemClock()));
  await child.line(/up/, 60_000);
  ${ending};
`;

for (const [how, ending, code] of [
  ["exits", "process.exit(3)", 3],
  ["dies of an error", "throw new Error('of the test')", 1],
] as const)
  test(`the children of a test process that ${how} end with it`, async (t) => {
    const server = createServer();
    t.after(() => server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const source = program((server.address() as AddressInfo).port, ending);
    const args = ["--conditions=@metis/source", "--no-warnings", "--input-type=module", "-e", source];
    const connected = once(server, "connection") as Promise<[Socket]>;
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, code, stderr);
    const [socket] = await connected;
    await once(socket.resume(), "close");
  });
