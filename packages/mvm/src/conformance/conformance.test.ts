import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeRlp } from "@metis/protocol";
import { MvmError } from "../errors.ts";
import { Kernel, loadKernelModule } from "../kernel/index.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { runBlockTests } from "./blockTests.ts";
import { isExpected } from "./exceptions.ts";
import { MemoryHost } from "./memoryHost.ts";
import { configurationOf } from "./networks.ts";
import { runStateTests } from "./stateTests.ts";

const blobs = { target: "0x06", max: "0x09", baseFeeUpdateFraction: "0x4c6964" };
/** Forks and blob parameters of an encoded configuration, as the kernel reads them. */
function schedules(network: string): { readonly forks: string[]; readonly blobTimes: number[] } {
  const configuration = configurationOf(network, { blobSchedule: { Prague: blobs, Osaka: blobs, BPO1: blobs } });
  const [, forks, blobSchedule] = decodeRlp(configuration) as readonly (readonly (readonly Uint8Array[])[])[];
  const number = (bytes: Uint8Array): number => Number(`0x${Buffer.from(bytes).toString("hex") || "0"}`);
  return {
    forks: forks!.map(([name, byTime, at]) => `${Buffer.from(name!).toString()} ${number(byTime!)} ${number(at!)}`),
    blobTimes: blobSchedule!.map(([timestamp]) => number(timestamp!)),
  };
}

test("the networks of the fixtures become schedules of forks", () => {
  assert.deepEqual(schedules("Osaka"), { forks: ["Osaka 0 0"], blobTimes: [0] });
  assert.deepEqual(schedules("ConstantinopleFix").forks, ["Petersburg 0 0"]);
  assert.deepEqual(schedules("BerlinToLondonAt5").forks, ["Berlin 0 0", "London 0 5"]);
  assert.deepEqual(schedules("PragueToOsakaAtTime15k"), {
    forks: ["Prague 0 0", "Osaka 1 15000"],
    blobTimes: [0, 15000],
  });
  assert.deepEqual(schedules("OsakaToBPO1AtTime15k").forks, ["Osaka 0 0", "Osaka 1 15000"]);
});

test("where a fixture names no blob schedule, Ethereum's counts", () => {
  const blobsOf = (network: string, config: object): number[][] => {
    const [, , schedule] = decodeRlp(
      configurationOf(network, config),
    ) as readonly (readonly (readonly Uint8Array[])[])[];
    return schedule!.map((entry) => entry.map((bytes) => Number(`0x0${Buffer.from(bytes).toString("hex")}`)));
  };
  assert.deepEqual(blobsOf("Cancun", {}), [[0, 3, 6, 3_338_477]]);
  assert.deepEqual(blobsOf("BPO1ToBPO2AtTime15k", {}), [
    [0, 10, 15, 8_346_193],
    [15_000, 14, 21, 11_684_671],
  ]);
  assert.deepEqual(blobsOf("Osaka", { blobSchedule: { Osaka: blobs } }), [[0, 6, 9, 0x4c6964]]);
  assert.deepEqual(blobsOf("Shanghai", {}), []);
});

test("the kernel knows every fork that the fixtures name, and no other", async () => {
  const kernel = new Kernel(await loadKernelModule(), new MemoryHost());
  const names =
    "Frontier Homestead EIP150 EIP158 Byzantium ConstantinopleFix Istanbul Berlin London Paris Shanghai Cancun";
  for (const network of `${names} Prague Osaka`.split(" ")) kernel.request("configure", configurationOf(network, {}));
  assert.throws(
    () => kernel.request("configure", configurationOf("Atlantis", {})),
    (error) => error instanceof MvmError && error.code === "unknown-fork",
  );
});

test("an exception of a fixture allows its own codes and no other", () => {
  assert.ok(isExpected("TransactionException.NONCE_MISMATCH_TOO_LOW", "nonce-too-low"));
  assert.ok(isExpected("BlockException.INVALID_REQUESTS|TransactionException.SENDER_NOT_EOA", "sender-has-code"));
  assert.ok(isExpected("TransactionException.RLP_LEADING_ZEROS_NONCE", "malformed-transaction"));
  assert.ok(!isExpected("TransactionException.NONCE_MISMATCH_TOO_LOW", "nonce-too-high"));
  assert.ok(!isExpected("TransactionException.SOMETHING_NEW", "invalid-transaction"));
});

test("a malformed fixture is a failed test with its reason, and the others run on", async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const files: Record<string, string> = {
    "1.json": "{",
    "2.json": "null",
    "3.json": '{"empty": {}, "number": 7}',
    "4.json": '{"x": {"env": {}, "pre": {}, "post": {"Osaka": 1, "Nowhere": [{}], "Prague": [{"txbytes": "0x"}]}}}',
    "5.json": '{"x": {"pre": {}, "genesisBlockHeader": {}, "blocks": [{}], "network": "Osaka"}}',
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  for (const run of [runStateTests, runBlockTests]) {
    const errors: unknown[] = [];
    const { total, failed } = await run([folder.path], ({ error }) => errors.push(error));
    assert.equal(failed, total);
    assert.ok(total >= 6);
    for (const error of errors) assert.match(String(error), /^(the f|post is|[a-z-]+: )/);
  }
});
