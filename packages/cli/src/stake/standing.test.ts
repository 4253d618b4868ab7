import assert from "node:assert/strict";
import { test } from "node:test";
import type { GetPoolReturnType } from "@metis/client";
import { zeroAddress, zeroHash } from "viem";
import { exitSentence, roleOf } from "./standing.ts";

type Pool = GetPoolReturnType;
const setOf = (epoch: bigint, ...seatIds: readonly bigint[]): Pool["current"] => ({
  epoch,
  setHash: zeroHash,
  totalWeight: 1n,
  members: seatIds.map((seatId) => ({ seatId, signer: zeroAddress, weight: 1n })),
});
const poolOf = (
  current: readonly bigint[],
  upcoming: readonly bigint[] | undefined,
  next: readonly bigint[],
): Pool => ({
  l1Block: 130n,
  epochLength: 60,
  epoch: 2n,
  permissionless: true,
  totalLocked: 0n,
  current: setOf(2n, ...current),
  upcoming: upcoming && setOf(3n, ...upcoming),
  next: { ...setOf(upcoming ? 4n : 3n, ...next), firstBlock: 180n, lastBlock: 209n },
  waiting: [],
  limits: { minLock: 1n, maxLock: 2n, ejectionBelow: 1n, exitDelay: 600, maxSeats: 16 },
});
const seat = { seatId: 7n, status: "active", jailedUntil: 0n, inLine: true } as const;

test("a seat joins by the set that has it first, and leaves by the first that lacks it", () => {
  assert.match(roleOf(seat, poolOf([], undefined, [7n])).sentence, /joins with epoch 3, once/);
  assert.match(roleOf(seat, poolOf([], [7n], [7n])).sentence, /active from epoch 3/);
  assert.equal(roleOf(seat, poolOf([7n], [7n], [7n])).role, "active");
  const gone = { ...seat, status: "left" } as const;
  assert.match(roleOf(gone, poolOf([7n], [7n], [])).sentence, /until the set of epoch 4 begins/);
  assert.match(roleOf(gone, poolOf([7n], [], [])).sentence, /until the set of epoch 3 begins/);
  assert.equal(roleOf(gone, poolOf([], [], [])).role, "left");
});

test("a seat without a place says why, and what gives it one", () => {
  const none = poolOf([], undefined, []);
  assert.deepEqual(
    [
      roleOf(seat, none),
      roleOf({ ...seat, inLine: false }, none),
      roleOf({ ...seat, jailedUntil: 1n }, none),
      roleOf({ ...seat, status: "tombstoned" }, none),
    ].map(({ role }) => role),
    ["waiting", "out-of-line", "jailed", "tombstoned"],
  );
  assert.match(roleOf({ ...seat, inLine: false }, none).sentence, /stake relock/);
  assert.match(roleOf({ ...seat, jailedUntil: 1n }, none).sentence, /stake unjail/);
});

test("an exit's time left is told in words", () => {
  assert.equal(exitSentence({ state: "waiting", secondsLeft: 135 }), "can be claimed in 2 min 15 s");
});
