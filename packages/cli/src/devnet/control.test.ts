import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { askControl, serveControl } from "./control.ts";
import { DevnetError } from "./files.ts";

test("a role is started and stopped by the devnet that runs, and its refusal reaches whoever asked", async (context) => {
  const root = mkdtempSync(join(tmpdir(), "metis-control-"));
  const path = join(root, "control.sock");
  const close = await serveControl(path, async (action, role) => {
    if (role === "seat-8") throw new Error("it does not start");
    if (role !== "seat-0") throw new DevnetError("unknown-role", "reject", `there is no role "${role}"`, {});
    return `${role}: ${action}`;
  });
  context.after(async () => {
    await close();
    rmSync(root, { recursive: true });
  });
  assert.equal(await askControl(path, "stop", "seat-0"), "seat-0: stop");
  await assert.rejects(askControl(path, "start", "seat-9"), { code: "unknown-role", message: /no role "seat-9"/ });
  await assert.rejects(askControl(path, "start", "seat-8"), { code: "seat-failed", message: /does not start/ });
});

test("without a running devnet the answer says how to start one", async () => {
  await assert.rejects(askControl(join(tmpdir(), "metis-no-such.sock"), "start", "l1"), {
    code: "not-running",
    message: /metis devnet/,
  });
});
