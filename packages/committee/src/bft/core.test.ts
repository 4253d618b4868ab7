import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "viem";
import { BftCore } from "./core.ts";
import type { BftKeys } from "./core.ts";

const address: Address = `0x${"11".repeat(20)}`;
const set = { members: [{ address, weight: 1 }], order: [0] };
const keys: BftKeys = { sign: () => `0x${"00".repeat(64)}1b`, recovers: () => true };
const value = `0x${"ab".repeat(32)}` as const;

const open = (height: number, its = keys): BftCore =>
  new BftCore({ address, domain: value, height, set, keys: its, now: () => 1n });
const proposed = (core: BftCore, height: number) => {
  const begun = core.step({ input: "start", height, set, restart: false });
  return [...begun, ...core.step({ input: "propose", height, round: 0, value })];
};

test("a core in a kernel that served others does what it does in a fresh one", () => {
  const first = open(7);
  const fresh = proposed(first, 7);
  assert.ok(fresh.some(({ event }) => event === "send"));
  first.close();
  for (let again = 0; again < 3; again++) {
    const core = open(7);
    assert.deepEqual(proposed(core, 7), fresh);
    core.close();
  }
});

test("cores of one time know nothing of each other, and a closed one takes nothing more", () => {
  const [one, other] = [open(3), open(9)];
  assert.ok(JSON.stringify(proposed(other, 9)).includes('"height":9'));
  one.close();
  assert.throws(() => one.step({ input: "start", height: 3, set, restart: false }), { code: "bft-refused" });
  const third = open(4);
  assert.ok(!JSON.stringify(proposed(third, 4)).includes('"height":9'));
  assert.ok(other.step({ input: "timeout", kind: "propose", round: 0 }));
});

test("a kernel whose host threw in the middle is not used again", () => {
  const broken = open(5, {
    ...keys,
    sign: () => {
      throw new Error("refused by the key");
    },
  });
  assert.throws(() => proposed(broken, 5), /refused by the key/);
  broken.close();
  assert.ok(proposed(open(5), 5).some(({ event }) => event === "send"));
});
