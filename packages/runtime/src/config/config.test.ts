import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "../secret.ts";
import { ConfigError, documentConfig, envName, flagName, loadConfig, printConfig } from "./config.ts";
import { row } from "./rows.ts";

const table = {
  "rpc.port": row.integer({ description: "Port", default: 9545, max: 65_535 }),
  "rpc.corsOrigins": row.list({ description: "Origins", default: [] }),
  "batcher.mode": row.choice({ description: "Mode", words: ["auto", "blobs"], default: "auto" }),
  "batcher.maxFee": row.bigint({ description: "Fee", unit: "wei", default: 10n ** 18n }),
  "batcher.key": row.secret({ description: "Key", env: "BATCHER_KEY" }),
  dev: row.flag({ description: "Dev", default: false }),
  l1: row.optionalText({ description: "Endpoint" }),
} as const;

test("flags win over the environment, that over the file, that over defaults", () => {
  const { values, sources } = loadConfig(table, {
    toml: `dev = true\n[rpc]\nport = 1\n[batcher]\nmode = "blobs"\nmaxFee = 5`,
    env: { METIS_RPC_PORT: "2", METIS_RPC_CORS_ORIGINS: "https://a, https://b", BATCHER_KEY: "0xkey" },
    flags: { "rpc.port": "3", l1: undefined },
  });
  assert.equal(values["rpc.port"], 3);
  assert.deepEqual(values["rpc.corsOrigins"], ["https://a", "https://b"]);
  assert.equal(values["batcher.mode"], "blobs");
  assert.equal(values["batcher.maxFee"], 5n);
  assert.equal(values["batcher.key"]?.reveal(), "0xkey");
  assert.equal(values.dev, true);
  assert.equal(values.l1, undefined);
  assert.deepEqual(sources, {
    __proto__: null,
    "rpc.port": "flag",
    "rpc.corsOrigins": "environment",
    "batcher.mode": "file",
    "batcher.maxFee": "file",
    "batcher.key": "environment",
    dev: "file",
    l1: "default",
  });
});

test("every problem is told at once, with where it came from", () => {
  const load = (): unknown =>
    loadConfig(table, {
      toml: `prot = 5\n[rpc]\nport = 70000\n[batcher]\nmode = "fast"`,
      env: { METIS_BATCHER_MAX_FEE: "-1" },
      flags: { dev: "perhaps" },
    });
  assert.throws(load, (error) => {
    assert.ok(error instanceof ConfigError);
    const problems = error.payload.problems.map(({ key, source }) => `${key} ${source}`);
    assert.deepEqual(problems.toSorted(), [
      "batcher.maxFee environment",
      "batcher.mode file",
      "dev flag",
      "prot file",
      "rpc.port file",
    ]);
    assert.match(error.message, /must lie between 0 and 65535, is 70000/);
    return true;
  });
});

test("a misspelt key gets a hint, a broken file the parser's words", () => {
  assert.throws(() => loadConfig(table, { toml: "[rpc]\ncorsorigins = []" }), /did you mean rpc\.corsOrigins\?/);
  assert.throws(() => loadConfig(table, { toml: "[rpc" }), /\(file\)/);
});

test("an error about a secret does not show it", () => {
  assert.throws(
    () => loadConfig(table, { toml: "[batcher]\nkey = 12345" }),
    (error) => error instanceof ConfigError && !error.message.includes("12345"),
  );
});

test("what is printed can be read back, but for secrets", () => {
  const loaded = loadConfig(table, {
    env: { BATCHER_KEY: "0xkey", METIS_RPC_PORT: "77" },
    flags: { "batcher.mode": "blobs" },
  });
  const text = printConfig(table, loaded);
  assert.ok(!text.includes("0xkey"));
  assert.match(text, /# key = \[secret\]/);
  const again = loadConfig(table, { toml: text });
  assert.deepEqual({ ...again.values, "batcher.key": null }, { ...loaded.values, "batcher.key": null });
  assert.ok(loaded.values["batcher.key"] instanceof Secret);
});

test("keys map to environment variables and flags by one rule", () => {
  assert.equal(envName("rpc.maxBodyBytes", table["rpc.port"]), "METIS_RPC_MAX_BODY_BYTES");
  assert.equal(envName("batcher.key", table["batcher.key"]), "BATCHER_KEY");
  assert.equal(flagName("rpc.maxBodyBytes"), "--rpc-max-body-bytes");
  assert.match(documentConfig(table), /\| `rpc\.port` \| `9545` \|  \| Port \| `METIS_RPC_PORT` \|/);
});
