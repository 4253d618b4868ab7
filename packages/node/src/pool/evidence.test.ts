import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock, silentLogger } from "@metis/runtime";
import { numberToHex } from "viem";
import type { Accusation, Witness } from "./accuser.ts";
import { EvidenceDesk, EvidenceGatherer } from "./evidence.ts";

const slashingManager = numberToHex(1, { size: 20 });
const handover = numberToHex(2, { size: 20 });
const accusation = (id: string, to?: Accusation["to"]): Accusation => ({
  id,
  signer: numberToHex(3, { size: 20 }),
  offence: "was away",
  data: "0x12",
  ...(to && { to }),
});
const signal = new AbortController().signal;

test("what witnesses told last is shown, each with the contract that takes it", async () => {
  const desk = new EvidenceDesk(slashingManager);
  const told: Accusation[] = [accusation("first")];
  const one = desk.heard({ accusations: async () => [...told] });
  const other = desk.heard({ accusations: async () => [accusation("pin", handover)] });
  assert.deepEqual(desk.accusations, []);
  await one.accusations(signal);
  await other.accusations(signal);
  told.push(accusation("second"));
  assert.deepEqual(
    desk.accusations.map(({ id, to }) => [id, to]),
    [
      ["first", slashingManager],
      ["pin", handover],
    ],
  );
  await one.accusations(signal);
  assert.equal(desk.accusations.length, 3);
});

test("a node without a key on L1 asks its witnesses whenever more is final", async (t) => {
  let finalized: () => void = () => undefined;
  let asked = 0;
  const looked: (() => void)[] = [];
  const witness: Witness = { accusations: async () => (asked++, looked.shift()?.(), []) };
  const next = () => new Promise<void>((resolve) => looked.push(resolve));
  const gatherer = new EvidenceGatherer({
    witnesses: [witness],
    onFinal: (listener) => {
      finalized = listener;
      return () => undefined;
    },
    clock: new ManualClock(),
    logger: silentLogger(),
  });
  t.after(() => gatherer.stop());
  const first = next();
  await gatherer.start();
  await first;
  const second = next();
  finalized();
  await second;
  assert.equal(asked, 2);
});
