import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { l1Port, meshPort, parseDevnetOptions, seatPort } from "./options.ts";
import type { RawDevnetOptions } from "./options.ts";

const defaults: RawDevnetOptions = { dataDir: "d", profile: "devnet", da: "auto" };
const parse = (given: Partial<RawDevnetOptions> = {}) => parseDevnetOptions({ ...defaults, ...given });

test("ports default to anvil's and to 9545 upward, follow a base, and are free ones for base 0", () => {
  const ports = (given: Partial<RawDevnetOptions>) => [
    l1Port(parse(given)),
    seatPort(parse(given), 3),
    meshPort(parse(given), 3),
  ];
  assert.deepEqual(ports({}), [8545, 9548, 10548]);
  assert.deepEqual(ports({ portBase: "20000" }), [20000, 21003, 22003]);
  assert.deepEqual(ports({ portBase: "0" }), [0, 0, 0]);
});

test("every wrong option is a usage error that names its flag", () => {
  const wrong: readonly [Partial<RawDevnetOptions>, RegExp][] = [
    [{ seats: "0" }, /--seats/],
    [{ seats: "33" }, /--seats/],
    [{ profile: "mainnet" }, /--profile/],
    [{ blockTime: "0" }, /--block-time/],
    [{ blockTime: "1.5" }, /--block-time/],
    [{ portBase: "-1" }, /--port-base/],
    [{ da: "floppy" }, /--da/],
    [{ config: "/nowhere/node.toml" }, /--config/],
  ];
  for (const [given, message] of wrong) assert.throws(() => parse(given), { code: "usage", message });
});

test("a block time of one's own changes that alone", () => {
  assert.equal(parse({ blockTime: "2" }).profile.chain.blockTime, 2);
  assert.deepEqual(parse({ blockTime: "1" }).profile, parse().profile);
});

test("node options come from a file that a node would take, and only from such a one", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "metis-options-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "node.toml");
  writeFileSync(config, "[mempool]\nmaxTransactions = 7\n");
  assert.equal(JSON.stringify(parse({ config }).nodeOptions), '{"mempool":{"maxTransactions":7}}');
  writeFileSync(config, "[mempool]\nmaxTransaction = 7\n");
  assert.throws(() => parse({ config }), { code: "usage", message: /--config.*mempool\.maxTransaction/ });
});
