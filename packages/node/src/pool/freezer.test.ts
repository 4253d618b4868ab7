import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { freezeTurn } from "./freezer.ts";

test("members freeze one after the other, within the first half of the window, another one first in each epoch", () => {
  const window = fc.record({
    epoch: fc.bigInt(2n, 10n ** 9n),
    firstBlock: fc.bigInt(0n, 10n ** 9n),
    length: fc.nat(10_000),
  });
  fc.assert(
    fc.property(window, fc.integer({ min: 1, max: 64 }), ({ epoch, firstBlock, length }, members) => {
      const given = { epoch, firstBlock, lastBlock: firstBlock + BigInt(length) };
      const turns = Array.from({ length: members }, (_, position) => freezeTurn(given, position, members));
      const first = turns.findIndex((turn) => turn === firstBlock);
      assert.ok(first >= 0);
      for (const turn of turns) assert.ok(turn >= firstBlock && 2n * (turn - firstBlock) <= BigInt(length));
      if (length >= 2 * members) assert.equal(new Set(turns).size, members);
      if (length < 2 * members) return;
      const next = { ...given, epoch: epoch + 1n };
      assert.ok(members === 1 || freezeTurn(next, first, members) !== firstBlock);
    }),
  );
});
