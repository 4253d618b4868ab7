import assert from "node:assert/strict";
import { test } from "node:test";
import type { PoolEmergency } from "@metis/client";
import { emergencySentence } from "./pool.ts";

const leaking: PoolEmergency = {
  phase: "leaking",
  silentFor: 70,
  presentWeight: 20n,
  countedWeight: 33n,
  totalWeight: 40n,
  readyAt: null,
  pinned: null,
};

test("a silent pool says how long, who is there, what counts, and what to do", () => {
  const words = emergencySentence(leaking);
  assert.match(words, /50\.0 % of the weight is there/);
  assert.match(words, /fallen to 82\.5 %/);
  assert.match(words, /Bring seats back/);
});

test("an announced handover names the pinned block, and that who comes back stops it", () => {
  const announced = { ...leaking, phase: "announced", readyAt: 1_000n } as const;
  assert.match(
    emergencySentence({ ...announced, pinned: 7n }),
    /block 7 is pinned: a seat that comes back now stops it/,
  );
  assert.doesNotMatch(emergencySentence({ ...announced, pinned: 0n }), /pinned/);
  assert.match(emergencySentence({ ...announced, phase: "ready", pinned: 7n }), /may be carried out/);
});
