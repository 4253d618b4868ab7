import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { MetisError } from "@metis/protocol";
import { createLogger, type LoggerOptions } from "./logger.ts";
import { Secret } from "./secret.ts";

function capture(options: LoggerOptions = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return { log: createLogger({ ...options, destination }), lines };
}

test("secrets never reach a log, under their usual names or wrapped", () => {
  const { log, lines } = capture({ format: "json" });
  log.info("start", { privateKey: "0xsecret", signer: { password: "0xsecret" }, wrapped: new Secret("0xsecret") });
  assert.ok(!lines.join("").includes("0xsecret"), lines.join(""));
});

test("a secret shows itself only when asked", () => {
  const secret = new Secret("hunter2");
  for (const text of [String(secret), JSON.stringify({ secret }), inspect(secret), inspect({ secret })])
    assert.ok(!text.includes("hunter2"), text);
  assert.equal(secret.reveal(), "hunter2");
});

test("a JSON line carries level, sentence, service and fields", () => {
  const { log, lines } = capture({ format: "json" });
  log.child({ service: "batcher" }).warn("posted batch", { index: 4n });
  const { level, msg, service, index } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  assert.deepEqual(
    { level, msg, service, index },
    { level: "warn", msg: "posted batch", service: "batcher", index: 4 },
  );
});

test("an error is logged with its code and what to do, without a stack when it was foreseen", () => {
  const { log, lines } = capture({ format: "json" });
  log.error("pass failed", { error: new MetisError("l1-unreachable", "retry", "no answer", { url: "x" }) });
  const { error } = JSON.parse(lines[0] ?? "") as { error: Record<string, unknown> };
  assert.deepEqual(error, { code: "l1-unreachable", message: "no answer", remedy: "retry", payload: { url: "x" } });
});

test("the pretty form is one readable line, with the stack below for a bug", () => {
  const { log, lines } = capture({ format: "pretty" });
  log.child({ service: "batcher" }).info("posted batch", { index: 4 });
  assert.match(lines[0] ?? "", /^\d\d:\d\d:\d\d {2}info {3}batcher {2}posted batch {2}index=4\n$/);
  log.error("a bug", { error: new TypeError("boom") });
  assert.match(lines[1] ?? "", /a bug .*\nTypeError: boom\n +at /s);
});

test("levels below the chosen one say nothing", () => {
  const { log, lines } = capture({ format: "json", level: "warn" });
  log.info("quiet");
  log.debug("quiet");
  assert.deepEqual(lines, []);
});
