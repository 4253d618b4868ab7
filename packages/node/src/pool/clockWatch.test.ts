import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, createMetrics, ManualClock } from "@metis/runtime";
import type { Address } from "viem";
import { ClockWatch } from "./clockWatch.ts";

const addressOf = (byte: string): Address => `0x${byte.repeat(20)}`;
const [self, one, two, three] = [addressOf("01"), addressOf("02"), addressOf("03"), addressOf("04")];
const l1Time = 1_700_000_000n;

/** A watch on a clock that is `ahead` of the others' by so many seconds; theirs shows ten seconds after L1's head. */
function watchAhead(ahead: number) {
  const lines: string[] = [];
  const theirs = l1Time + 10n;
  const watch = new ClockWatch({
    config: { blockTime: 1, maxDrift: 600 },
    self,
    l1Time: () => l1Time,
    clock: new ManualClock((Number(theirs) + ahead) * 1000),
    metrics: createMetrics(),
    logger: createLogger({ format: "json", destination: { write: (line) => lines.push(line) } }),
  });
  return { watch, lines, theirs };
}

for (const ahead of [-30, 30])
  test(`a clock that is ${ahead} s ahead of two others is said to be off, once`, () => {
    const { watch, lines, theirs } = watchAhead(ahead);
    watch.proposed({ proposer: one, time: theirs });
    assert.equal(watch.offset, 0);
    for (const proposer of [two, three, one]) watch.proposed({ proposer, time: theirs });
    assert.ok(Math.abs(watch.offset - ahead) <= 2);
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /clock is off/);
  });

test("a member whose clock is off makes nobody think that of his own", () => {
  const { watch, lines, theirs } = watchAhead(0);
  for (let round = 0n; round < 3n; round++) {
    watch.proposed({ proposer: one, time: theirs });
    watch.proposed({ proposer: two, time: theirs - 30n });
    watch.proposed({ proposer: three, time: theirs + 30n });
  }
  assert.equal(watch.offset, 0);
  assert.deepEqual(lines, []);
});

test("a clock that is set is said to be right again", () => {
  const { watch, lines, theirs } = watchAhead(30);
  for (const proposer of [one, two]) watch.proposed({ proposer, time: theirs });
  for (const proposer of [one, two]) watch.proposed({ proposer, time: theirs + 30n });
  assert.equal(watch.offset, 0);
  assert.match(lines.at(-1)!, /right again/);
});

test("blocks whose times follow L1, and its own, say nothing about clocks", () => {
  const { watch, lines } = watchAhead(0);
  for (const proposer of [one, two]) {
    watch.proposed({ proposer, time: l1Time - 100n });
    watch.proposed({ proposer, time: l1Time + 600n });
  }
  watch.proposed({ proposer: self, time: l1Time });
  assert.equal(watch.offset, 0);
  assert.deepEqual(lines, []);
});
