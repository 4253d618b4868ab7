import assert from "node:assert/strict";
import { test } from "node:test";
import type { SetMember } from "@metis/protocol";
import fc from "fast-check";
import { calendar, firstRotation, nextRotation, proposerOrder } from "./rotation.ts";
import type { RotationState } from "./rotation.ts";

const rules = { term: 3, absence: 9 };
const setOf = (...weights: readonly bigint[]): readonly SetMember[] =>
  weights.map((weight, index) => ({ signer: `0x${(index + 1).toString(16).padStart(40, "0")}`, weight }));

/** Lets whoever stands first and is not in `down` propose, for `heights` heights; returns who proposed. */
function run(members: readonly SetMember[], heights: number, down: readonly number[] = []): readonly number[] {
  let state = firstRotation(members, rules);
  return Array.from({ length: heights }, (_, index) => {
    const height = BigInt(index + 1);
    const proposer = proposerOrder(state, members, height).find((member) => !down.includes(member))!;
    state = nextRotation(state, members, rules, { height, proposer: members[proposer]!.signer });
    return proposer;
  });
}

test("members of equal weight lead one term each in turn", () => {
  assert.deepEqual(run(setOf(1n, 1n, 1n, 1n), 15), [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0, 0]);
});

test("terms follow weight and the wait of every member is bounded", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(1n, 100n), { minLength: 1, maxLength: 8 }), (weights) => {
      const total = Number(weights.reduce((sum, weight) => sum + weight, 0n));
      const proposers = run(setOf(...weights), total * rules.term);
      for (const [index, weight] of weights.entries())
        assert.equal(proposers.filter((proposer) => proposer === index).length, Number(weight) * rules.term);
    }),
  );
});

test("a member that is down costs one height and then stands at the end of the line for its absence", () => {
  const members = setOf(1n, 1n, 1n, 1n);
  const state = firstRotation(members, rules);
  const after = nextRotation(state, members, rules, { height: 1n, proposer: members[1]!.signer });
  assert.equal(after.leader, 1);
  for (let height = 2n; height <= 10n; height++) assert.equal(proposerOrder(after, members, height).at(-1), 0);
});

test("whoever is down, the order names every member once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt(1n, 9n), { minLength: 2, maxLength: 7 }),
      fc.array(fc.nat(6), { maxLength: 30 }),
      (weights, turns) => {
        const members = setOf(...weights);
        let state: RotationState = firstRotation(members, rules);
        for (const [index, turn] of turns.entries()) {
          const height = BigInt(index + 1);
          const order = proposerOrder(state, members, height);
          assert.deepEqual(
            order.toSorted((a, b) => a - b),
            members.map((_, member) => member),
          );
          const proposer = members[order[turn % order.length]!]!.signer;
          state = nextRotation(state, members, rules, { height, proposer });
        }
      },
    ),
  );
});

test("whatever the others do, a member that is there proposes within its absence and two fair terms", () => {
  const weights = fc.array(fc.bigInt(1n, 5n), { minLength: 4, maxLength: 10 });
  const others = fc.array(fc.record({ turn: fc.nat(3), isAtTheEnd: fc.boolean() }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(weights, others, fc.nat(9), fc.bigInt(0n, 60n), (drawn, schemes, place, awayFor) => {
      const members = setOf(...drawn);
      const me = place % members.length;
      const total = drawn.reduce((sum, weight) => sum + weight, 0n);
      let state = firstRotation(members, rules);
      let waited = 0n;
      for (let height = 1n; height <= 300n; height++) {
        const order = proposerOrder(state, members, height);
        const mine = order.indexOf(me);
        const { turn, isAtTheEnd } = schemes[Number(height) % schemes.length]!;
        const wanted = isAtTheEnd && state.termLeft > 1 ? 0 : turn % order.length;
        const isAway = height <= awayFor;
        const taken = !isAway ? Math.min(wanted, mine) : wanted === mine ? (wanted + 1) % order.length : wanted;
        waited = isAway || taken === mine ? 0n : waited + 1n;
        const fairTerm = (BigInt(rules.term) * total) / drawn[me]!;
        assert.ok(waited <= BigInt(rules.absence) + 2n * fairTerm, `${waited} heights without a turn`);
        const proposer = members[order[taken]!]!.signer;
        state = nextRotation(state, members, rules, { height, proposer });
      }
    }),
    { numRuns: 150 },
  );
});

test("a stranger's proposal is refused", () => {
  const members = setOf(1n, 1n);
  const stranger = { height: 1n, proposer: `0x${"ff".repeat(20)}` } as const;
  assert.throws(() => nextRotation(firstRotation(members, rules), members, rules, stranger), { code: "bad-rotation" });
});

test("the calendar names who leads, as long as nobody fails", () => {
  const members = setOf(1n, 1n, 2n);
  const leaders = run(members, 24).map((index) => members[index]!.signer);
  const turns = calendar(firstRotation(members, rules), members, rules, 1n, 8);
  assert.deepEqual(
    turns.flatMap(({ leader, heights }) => Array.from({ length: heights }, () => leader)),
    leaders,
  );
  assert.deepEqual(
    turns.map(({ from }) => from),
    [1n, 4n, 7n, 10n, 13n, 16n, 19n, 22n],
  );
});
