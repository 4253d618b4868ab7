import assert from "node:assert/strict";
import { test } from "node:test";
import type { SetMember } from "@metis/protocol";
import { ManualClock, MemoryStore, silentLogger } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { ConsensusApplication } from "../port.ts";
import { EmbeddedEngine } from "./engine.ts";

const alone = "0x00000000000000000000000000000000000000a1";
const newcomer = "0x00000000000000000000000000000000000000b2";
const other = "0x00000000000000000000000000000000000000c3";
const signatureOf = (signer: Address, digest: Hex): Hex => `0x${signer.slice(2)}${digest.slice(2)}${"00".repeat(13)}`;
const textOf = (proposal: Uint8Array): string => new TextDecoder().decode(proposal);

/** A pool of one that decided `heights` heights, and a newcomer that follows it with `membersOf`. */
async function world(heights: bigint, membersOf: (number: bigint) => readonly SetMember[] | undefined) {
  const clock = new ManualClock();
  const receivers = new Map<Address, (from: Address, message: Uint8Array) => void>();
  const finalized: bigint[] = [];
  const make = (address: Address, application: ConsensusApplication): EmbeddedEngine =>
    new EmbeddedEngine({
      address,
      domain: `0x${"11".repeat(32)}`,
      keys: {
        sign: (digest) => signatureOf(address, digest),
        recovers: (digest, signature, signer) => signature === signatureOf(signer, digest),
      },
      genesis: { height: 1n, members: [{ signer: alone, weight: 1n }] },
      rules: { term: 30, absence: 90 },
      application,
      mesh: {
        broadcast: (message) => receivers.forEach((receive, to) => to !== address && receive(address, message)),
        send: (to, message) => receivers.get(to)?.(address, message),
        receive: (receiver) => {
          receivers.set(address, receiver);
          return () => receivers.delete(address);
        },
      },
      store: new MemoryStore(),
      clock,
      logger: silentLogger(),
    });
  const pool = make(alone, {
    prepareProposal: async ({ height }) => (height > heights ? undefined : new TextEncoder().encode(`${height}`)),
    processProposal: async () => "accept",
    finalizeBlock: async () => ({}),
  });
  await pool.start();
  while (pool.height <= heights) await clock.advance(1);
  const follower = make(newcomer, {
    prepareProposal: async () => undefined,
    processProposal: async () => "accept",
    finalizeBlock: async ({ height }) => {
      finalized.push(height);
      return {};
    },
    membersOf: async (proposal) => membersOf(BigInt(textOf(proposal))),
  });
  await follower.start();
  for (let passed = 0; passed < 60 && follower.height <= heights; passed++) await clock.advance(500);
  await Promise.all([pool.stop(), follower.stop()]);
  return { follower, finalized };
}

const set: readonly SetMember[] = [{ signer: alone, weight: 1n }];

test("a member far behind goes on from the latest height it finds whose block it has", async () => {
  const { follower, finalized } = await world(320n, (number) => (number <= 250n ? set : undefined));
  assert.equal(follower.height, 321n);
  assert.ok(finalized[0]! > 100n && finalized[0]! <= 250n, `${finalized[0]}`);
  assert.deepEqual(
    finalized,
    Array.from({ length: finalized.length }, (_, index) => finalized[0]! + BigInt(index)),
  );
});

test("a set that did not sign is not believed: every height is taken", async () => {
  const { follower, finalized } = await world(270n, () => [{ signer: other, weight: 1n }]);
  assert.equal(follower.height, 271n);
  assert.equal(finalized[0], 1n);
});
