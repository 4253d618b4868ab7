import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { emergencyHandoverAbi } from "@metis/protocol/contracts";
import { MemoryStore, silentLogger } from "@metis/runtime";
import { decodeFunctionData, keccak256, numberToHex, stringToHex } from "viem";
import type { Address, Hex } from "viem";
import { PinWitness } from "./brokenPins.ts";

const emergencyHandover: Address = numberToHex(0xe, { size: 20 });
const signer: Address = numberToHex(1, { size: 20 });
const other: Address = numberToHex(2, { size: 20 });
const hash = (text: string): Hex => keccak256(stringToHex(text));
const pin = { number: 40n, hash: hash("pinned") };
const signature: Hex = `0x${"11".repeat(65)}`;

const signed = (generation: number, number: bigint) => ({
  attestation: {
    generation,
    epoch: 3n,
    number,
    blockHash: hash("block"),
    outputRoot: hash("output"),
    anchorNumber: 77n,
    anchorHash: hash("anchor"),
  },
  signature,
});

/** A pin binds generation 2 alone. */
const witnessOn = (store = new MemoryStore()) =>
  new PinWitness({
    emergencyHandover,
    pinOf: (generation) => (generation === 2 ? pin : undefined),
    store,
    logger: silentLogger(),
  });

suite("a witness of broken pins", () => {
  test("takes a signature at or below the pinned block, in the generation that it binds, for evidence", async () => {
    const witness = witnessOn();
    assert.equal(await witness.heard(signed(2, 40n), signer), true);
    assert.equal(await witness.heard(signed(2, 7n), other), true);
    const found = await witness.accusations();
    assert.deepEqual(
      found.map(({ signer: accused, to, data }) => {
        const { functionName, args } = decodeFunctionData({ abi: emergencyHandoverAbi, data });
        return { accused, to, functionName, args };
      }),
      [
        { accused: signer, number: 40n },
        { accused: other, number: 7n },
      ].map(({ accused, number }) => ({
        accused,
        to: emergencyHandover,
        functionName: "reportPinBroken",
        args: [signed(2, number).attestation, signature, "0x"],
      })),
    );
  });

  test("takes nothing of what is above it, or in a generation that no pin binds", async () => {
    const witness = witnessOn();
    for (const given of [signed(2, 41n), signed(1, 40n), signed(3, 40n)])
      assert.equal(await witness.heard(given, signer), false);
    assert.deepEqual(await witness.accusations(), []);
  });

  test("keeps one signature of a member, over a restart, too", async () => {
    const store = new MemoryStore();
    await witnessOn(store).heard(signed(2, 40n), signer);
    assert.equal(await witnessOn(store).heard(signed(2, 39n), signer), false);
    assert.equal((await witnessOn(store).accusations()).length, 1);
  });

  test("loses nothing while the disk is full", async (t) => {
    const store = new MemoryStore();
    const write = t.mock.method(store, "write", async () => Promise.reject(new Error("no room")));
    const witness = witnessOn(store);
    assert.equal(await witness.heard(signed(2, 40n), signer), true);
    await assert.rejects(witness.accusations(), /no room/);
    write.mock.restore();
    assert.equal((await witness.accusations()).length, 1);
    assert.equal((await witnessOn(store).accusations()).length, 1);
  });
});
