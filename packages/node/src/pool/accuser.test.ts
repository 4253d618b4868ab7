import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock, MemoryStore, silentLogger } from "@metis/runtime";
import { numberToHex, zeroAddress, zeroHash } from "viem";
import type { Address, Hex } from "viem";
import { L1Error } from "../l1/errors.ts";
import { Accuser } from "./accuser.ts";

const self: Address = numberToHex(1, { size: 20 });
const other: Address = numberToHex(2, { size: 20 });
const data = "0x1234";
const id = "1/7/other";

/** What L1 makes of the evidence, at its head and where it is final; each may change. */
class ScriptedL1 {
  refusal: string | undefined;
  finalRefusal: string | undefined;
  /** The endpoint has the state of the final block. */
  keepsFinal = true;
  /** Slashes mined here. */
  sent = 0;

  async send({ data: given }: { readonly data: Hex }) {
    assert.equal(given, data);
    if (this.refusal !== undefined) throw reverted(this.refusal);
    this.sent++;
    this.refusal = "EvidenceUsed";
    const mined = { success: true, gasUsed: 1n, effectiveGasPrice: 1n, blockNumber: 1n };
    return { ...mined, transactionHash: zeroHash, blockHash: zeroHash };
  }

  async call(_: object, __: unknown, at?: string): Promise<Hex> {
    assert.equal(at, "finalized");
    if (!this.keepsFinal) throw new L1Error("l1-refused", "retry", "missing trie node", {});
    if (this.finalRefusal !== undefined) throw reverted(this.finalRefusal);
    return "0x";
  }
}

const reverted = (reason: string): L1Error => new L1Error("call-reverted", "reject", reason, { reason });

/** Runs passes one at a time: each resolves when the accuser has looked through its evidence. */
async function accuserOn(l1: ScriptedL1, store = new MemoryStore(), signer = other) {
  let looked: () => void = () => undefined;
  let tries = 0;
  const accuser = new Accuser({
    slashingManager: zeroAddress,
    self,
    witnesses: [
      { accusations: async () => [{ id, signer, offence: "signed two blocks of one number", data }] },
      { accusations: async () => (looked(), []) },
    ],
    store,
    l1,
    manager: {
      send: (request) => {
        tries++;
        return l1.send(request);
      },
    },
    onFinal: () => () => undefined,
    clock: new ManualClock(),
    logger: silentLogger(),
  });
  const pass = async (begin: () => unknown): Promise<number> => {
    const before = tries;
    const done = new Promise<void>((resolve) => (looked = resolve));
    await begin();
    await done;
    return tries - before;
  };
  await pass(() => accuser.start());
  return { accuser, again: () => pass(() => accuser.wake()) };
}

test("evidence is brought once, and no more when the final state has it", async () => {
  const l1 = new ScriptedL1();
  const { accuser, again } = await accuserOn(l1);
  assert.equal(l1.sent, 1);
  assert.equal(await again(), 1, "it is not final: L1 is asked again");
  l1.finalRefusal = "EvidenceUsed";
  await again();
  assert.equal(await again(), 0, "L1 is asked no more");
  assert.equal(l1.sent, 1);
  await accuser.stop();
});

test("a slash that L1 takes back is brought again, also one of another reporter, and after a restart", async () => {
  const [l1, store] = [new ScriptedL1(), new MemoryStore()];
  const first = await accuserOn(l1, store);
  l1.refusal = undefined;
  await first.again();
  assert.equal(l1.sent, 2);
  await first.accuser.stop();
  l1.refusal = "EvidenceUsed";
  const second = await accuserOn(l1, store);
  l1.refusal = undefined;
  await second.again();
  assert.equal(l1.sent, 3);
  await second.accuser.stop();
});

test("what L1 cannot check yet, or has no state for, is brought until it can", async () => {
  const l1 = new ScriptedL1();
  l1.refusal = "ClaimNotSettled";
  l1.finalRefusal = "ClaimNotSettled";
  const { accuser, again } = await accuserOn(l1);
  assert.equal(await again(), 1);
  l1.refusal = undefined;
  await again();
  assert.equal(l1.sent, 1);
  l1.finalRefusal = "EvidenceUsed";
  l1.keepsFinal = false;
  await again();
  assert.equal(await again(), 1, "without the final state nothing is taken for final");
  await accuser.stop();
});

test("nobody brings evidence against its own seat", async () => {
  const l1 = new ScriptedL1();
  const { accuser, again } = await accuserOn(l1, new MemoryStore(), self);
  await again();
  assert.equal(l1.sent, 0);
  await accuser.stop();
});
