import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { fromHex, toHex } from "@metis/protocol";
import type { Hex } from "viem";
import { orderedProof, orderedRoot } from "./ordered.ts";

interface Vector {
  readonly name: string;
  readonly input: { readonly transactions: readonly Hex[]; readonly transactionIndex: number };
  readonly output: { readonly transactionsRoot: Hex; readonly transactionProof: readonly Hex[] };
}

const file = new URL("../../../../docs/spec/vectors/inclusion.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as readonly Vector[];

suite("the trie of a list", () => {
  for (const { name, input, output } of vectors)
    test(`root and proof are those of another implementation: ${name}`, () => {
      const values = input.transactions.map(fromHex);
      assert.equal(toHex(orderedRoot(values)), output.transactionsRoot);
      assert.deepEqual(orderedProof(values, input.transactionIndex).map(toHex), output.transactionProof);
    });

  test("nodes shorter than a hash lie inside of others", () => {
    const values = Array.from({ length: 20 }, (_, i) => Uint8Array.of(i + 1));
    const proof = orderedProof(values, 3);
    assert.ok(proof.every((node, depth) => depth === 0 || node.length >= 32));
    assert.ok(
      proof.length <
        orderedProof(
          values.map(() => new Uint8Array(64)),
          3,
        ).length,
    );
  });

  test("there is no proof of what is not in the list", () => {
    assert.throws(() => orderedProof([Uint8Array.of(1)], 1), RangeError);
  });
});
