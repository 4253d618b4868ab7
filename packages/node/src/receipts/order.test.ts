import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HonestSeat, turn } from "./order.fixture.ts";

const index = fc.nat({ max: 31 });
const several = fc.array(index, { minLength: 1, maxLength: 5 });
const small = fc.integer({ min: 0, max: 4 });
/** Which of those offered go into a block, by their places. */
const fits = fc
  .array(fc.constantFrom(true, true, true, false), { minLength: 7, maxLength: 7 })
  .map((fit) => (place: number) => fit[place % fit.length]!);
const choices = fc.record({ all: several, more: several, fit: fits, otherFit: fits, at: index, few: small });

interface Choices {
  readonly all: readonly number[];
  readonly more: readonly number[];
  readonly fit: (place: number) => boolean;
  readonly otherFit: (place: number) => boolean;
  readonly at: number;
  readonly few: number;
}

const askAll = (seat: HonestSeat, all: readonly number[]): void => {
  for (const at of all) seat.ask(at);
};

/** What can happen, and how often beside the others. */
const happenings: readonly (readonly [weight: number, act: (seat: HonestSeat, choice: Choices) => unknown])[] = [
  [6, (seat, { all }) => askAll(seat, all)],
  [2, (seat, { at }) => seat.send(at)],
  [4, (seat) => seat.sync()],
  [5, (seat, { fit, at }) => seat.propose(fit, at)],
  [5, (seat, { few }) => seat.decide(few)],
  [1, (seat, { all }) => seat.otherBlock(all)],
  [1, (seat, { few }) => seat.rewind(few)],
  [1, (seat) => seat.bringBack()],
  [1, (seat) => seat.crash()],
  [1, (seat, { few }) => seat.finalize(few)],
  [1, (seat, { few }) => seat.idle(70 * few)],
  [6, askedAndDecided],
  [2, crashedBeforeDecision],
  [2, decidedOtherwise],
];

async function askedAndDecided(seat: HonestSeat, { all, fit, at }: Choices): Promise<void> {
  askAll(seat, all);
  await seat.propose(fit, at);
  seat.decide(0);
}

/** What was proposed without receipts is asked for after a crash, in another order, and then decided. */
async function crashedBeforeDecision(seat: HonestSeat, { all, more, fit, at }: Choices): Promise<void> {
  for (const sent of all) seat.send(sent);
  await seat.propose(fit, at);
  seat.crash();
  askAll(seat, all.toReversed());
  askAll(seat, more);
  await turn();
  await seat.sync();
  await turn();
  seat.decide(0);
}

/** A decided block goes, and another proposal of the same number comes in its place. */
async function decidedOtherwise(seat: HonestSeat, { all, fit, otherFit, at }: Choices): Promise<void> {
  askAll(seat, all);
  await seat.propose(fit, at);
  await seat.propose(otherFit, at);
  seat.decide(0);
  await seat.propose(fit, at);
  seat.rewind(1);
  seat.decide(1);
}

const step = fc.oneof(
  ...happenings.map(([weight, act]) => ({
    weight,
    arbitrary: choices.map((choice) => (seat: HonestSeat) => act(seat, choice)),
  })),
);

test("no history with crashes, lost and late blocks and rewinds makes evidence of an honest seat's receipts and blocks", async () => {
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      const seat = new HonestSeat();
      for (const [at, act] of steps.entries()) {
        if (at === 30) seat.generation++;
        await act(seat);
        await turn();
        assert.deepEqual(seat.evidence, []);
      }
      kept += seat.kept;
    }),
    { numRuns: 80 },
  );
  assert.ok(kept > 150, `only ${kept} receipts were put to the test`);
});

/** Receipts for `all`, on disk. */
async function give(seat: HonestSeat, all: readonly number[]): Promise<void> {
  askAll(seat, all);
  for (let i = 0; i < 3; i++) {
    await turn();
    await seat.sync();
  }
}

const lastOf = (seat: HonestSeat): readonly number[] =>
  (seat.head?.transactions ?? []).map(({ hash }) => Number(hash) - 1);

test("what counts is the chain built on: a block that came in place of another one binds, the other does not", async () => {
  const seat = new HonestSeat();
  await give(seat, [0, 4, 8]);
  await seat.propose((place) => place === 0, 0);
  await seat.propose((place) => place === 2, 0);
  seat.decide(0);
  await seat.propose(() => true, 0);
  seat.rewind(1);
  seat.decide(1);
  assert.deepEqual(lastOf(seat), [8]);
  seat.idle(1);
  await seat.propose(() => true, 12);
  seat.decide(0);
  assert.deepEqual(lastOf(seat), [12], "0 and 4 stand before 8 in line: others may include them");
  assert.deepEqual(seat.evidence, []);
});

test("a receipt binds to its last block, though older ones are forgotten and the machine starts again", async () => {
  const seat = new HonestSeat();
  await give(seat, [0]);
  seat.idle(30);
  await give(seat, [4, 8]);
  await seat.propose((place) => place === 2, 12);
  seat.decide(0);
  assert.deepEqual(lastOf(seat), [8]);
  seat.idle(235);
  seat.finalize(0);
  await seat.propose(() => true, 16);
  seat.crash();
  for (const at of [0, 4, 12]) seat.send(at);
  await seat.propose(() => true, 20);
  seat.decide(1);
  const hashes = seat.head?.transactions.map(({ hash }) => Number(hash) - 1);
  assert.deepEqual(
    hashes?.toSorted((a, b) => a - b),
    [0, 12, 20],
    "the first is free again, the overtaken one is not",
  );
  assert.deepEqual(seat.evidence, []);
});
