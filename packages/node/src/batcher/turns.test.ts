import assert from "node:assert/strict";
import { test } from "node:test";
import { zeroAddress } from "@metis/protocol";
import type { Address } from "viem";
import { onShift, turnDelay, turnOf } from "./turns.ts";

const members = [1, 2, 3, 4].map((n) => ({ signer: `0x${String(n).repeat(40)}` as const, weight: 1n }));
const [one, two, three, four] = members.map(({ signer }) => signer) as [Address, Address, Address, Address];

test("the proposer of the last block comes first, then the others in order, each once", () => {
  const turns = (proposer: Address) => members.map(({ signer }) => turnOf(members, proposer, signer));
  assert.deepEqual(turns(one), [0, 1, 2, 3]);
  assert.deepEqual(turns(three), [2, 3, 0, 1]);
  assert.deepEqual(turns(four), [1, 2, 3, 0]);
  assert.deepEqual(turns(zeroAddress), [0, 1, 2, 3]);
  assert.equal(turnOf(members, two, zeroAddress), undefined);
});

test("whoever is not first leaves L1 blocks to those before", () => {
  assert.deepEqual([0, 1, 2, 3].map(turnDelay), [0n, 4n, 6n, 8n]);
});

test("at every L1 block exactly one member is on shift, and all have their time", () => {
  const seen = new Set<Address>();
  for (let block = 0n; block < 64n; block++) {
    const on = members.filter(({ signer }) => onShift(members, signer, block));
    assert.equal(on.length, 1);
    seen.add(on[0]!.signer);
  }
  assert.equal(seen.size, members.length);
});
