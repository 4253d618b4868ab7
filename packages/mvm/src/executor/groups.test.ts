import assert from "node:assert/strict";
import { test } from "node:test";
import { inGroups } from "./groups.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test("blocks go on in order, in groups that are small in number and in bytes", async () => {
  const groups: (readonly number[])[] = [];
  const run = async ({ blocks }: { readonly blocks: readonly number[] }): Promise<void> => void groups.push(blocks);
  await inGroups(numbers(70), () => 1, run);
  assert.deepEqual(
    groups.map(({ length }) => length),
    [32, 32, 6],
  );
  assert.deepEqual(groups.flat(), numbers(70));
  groups.length = 0;
  await inGroups(numbers(3), () => 3 * 2 ** 20, run);
  assert.deepEqual(groups, [[0], [1], [2]]);
  groups.length = 0;
  await inGroups([], () => 1, run);
  assert.deepEqual(groups, []);
});

test("at most three groups are on their way", async () => {
  let open = 0;
  let most = 0;
  await inGroups(
    numbers(32 * 6),
    () => 1,
    async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => void setImmediate(resolve));
      open--;
    },
  );
  assert.equal(most, 3);
});

test("the first group that fails says why, when none is on its way any more", async () => {
  const ended: number[] = [];
  const failing = inGroups(
    numbers(32 * 5),
    () => 1,
    async ({ blocks }) => {
      const group = blocks[0]! / 32;
      for (let turns = 0; turns < 5 - group; turns++) await new Promise((resolve) => void setImmediate(resolve));
      ended.push(group);
      if (group > 0) throw new Error(`group ${group}`);
    },
  );
  await assert.rejects(failing, /group 1/);
  assert.deepEqual(
    ended.toSorted((a, b) => a - b),
    [0, 1, 2, 3],
  );
});

test("what was read before reading fails is done", async () => {
  const done: number[] = [];
  const broken = function* (): Generator<number> {
    yield* numbers(40);
    throw new Error("broken");
  };
  await assert.rejects(
    inGroups(
      broken(),
      () => 1,
      async ({ blocks }) => void done.push(...blocks),
    ),
    /broken/,
  );
  assert.deepEqual(done, numbers(40));
});
