import assert from "node:assert/strict";
import { test } from "node:test";
import { MvmError } from "../errors.ts";
import { encodeConfiguration, encodeGenesis } from "../genesis.ts";
import { loadKernelModule } from "../kernel/index.ts";
import type { StateView } from "../storage/state.ts";
import { rollupGenesis, vault } from "../testing/rollup.ts";
import { callRequest } from "../wire/requests.ts";
import { readCall } from "../wire/responses.ts";
import { readSealed } from "../wire/sealed.ts";
import { StateHost } from "./host.ts";
import { KernelSlot } from "./kernelSlot.ts";

const empty: StateView = {
  account: () => undefined,
  storage: () => undefined,
  node: () => undefined,
  code: () => undefined,
};

async function newSlot(): Promise<{ readonly slot: KernelSlot; readonly call: Uint8Array }> {
  const host = new StateHost(
    () => undefined,
    () => {},
  );
  const slot = new KernelSlot(await loadKernelModule(), host, encodeConfiguration(rollupGenesis()));
  const { headerRlp } = readSealed(slot.request(empty, "genesis", encodeGenesis(rollupGenesis())));
  return { slot, call: callRequest(headerRlp, { to: vault }) };
}

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof MvmError) return error.code;
    throw error;
  }
  return "none";
};

test("a trap drops the instance, is told as an error, and the next request runs", async () => {
  const { slot, call } = await newSlot();
  const before = slot.generation;
  // A call into an instance that is already running breaks it down.
  const reentrant: StateView = { ...empty, account: () => void slot.request(empty, "call", call) };
  assert.equal(
    codeOf(() => slot.request(reentrant, "call", call)),
    "kernel-trap",
  );
  assert.ok(slot.generation > before);
  assert.equal(readCall(slot.request(empty, "call", call)).status, "success");
});

test("a read that fails is told as it is, and the next request runs", async () => {
  const { slot, call } = await newSlot();
  const broken: StateView = {
    ...empty,
    account: () => {
      throw new MvmError("database-io", "the disk is gone");
    },
  };
  assert.equal(
    codeOf(() => slot.request(broken, "call", call)),
    "database-io",
  );
  assert.equal(readCall(slot.request(empty, "call", call)).status, "success");
});

test("a refusal keeps the instance", async () => {
  const { slot } = await newSlot();
  const before = slot.generation;
  assert.equal(
    codeOf(() => slot.request(empty, "call", Uint8Array.of(0xc0))),
    "malformed-rlp",
  );
  assert.equal(slot.generation, before);
});

test("bytes that are no request are refused by every export, never answered by a trap", async () => {
  const { slot } = await newSlot();
  const names = [
    "open_block",
    "execute_block",
    "genesis",
    "call",
    "estimate_gas",
    "create_access_list",
    "proof",
    "l1_fee",
  ];
  const bad = [
    [],
    [0x80],
    [0xc1, 0xc0],
    [0xf8, 0xff],
    [0xff, 255, 255, 255, 255, 255, 255, 255, 255],
    [0xbf, 0x7f, 1, 2, 3, 4, 5, 6, 7],
  ];
  for (const name of names)
    for (const bytes of bad) {
      const code = codeOf(() => slot.request(empty, name, Uint8Array.from(bytes)));
      assert.notEqual(code, "kernel-trap", `${name} ${bytes.join(" ")}`);
      assert.notEqual(code, "none", `${name} ${bytes.join(" ")}`);
    }
});
