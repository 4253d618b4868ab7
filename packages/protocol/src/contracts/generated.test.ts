import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { keccak256 } from "viem";
import {
  beaconRootsRuntime,
  contractsSourceHash,
  deterministicDeployerRuntime,
  historyRuntime,
  multicall3Runtime,
} from "./index.ts";

const root = new URL("../../../../", import.meta.url);

test("the generated contract files were made from the Solidity sources as they are now", () => {
  const now = execFileSync(process.execPath, ["scripts/contracts.mjs", "--hash"], { cwd: root, encoding: "utf8" });
  assert.equal(contractsSourceHash, now.trim(), "run: npm run contracts");
});

test("preinstalled code has the code hashes it has on Ethereum", () => {
  assert.deepEqual(
    [historyRuntime, beaconRootsRuntime, multicall3Runtime, deterministicDeployerRuntime].map((code) =>
      keccak256(code),
    ),
    [
      "0x6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d",
      "0xf57acd40259872606d76197ef052f3d35588dadf919ee1f0e3cb9b62d3f4b02c",
      "0xd5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891",
      "0x2fa86add0aed31f33a762c9d88e807c475bd51d0f52bd0955754b2608f7e4989",
    ],
  );
});
