// Rule by rule (docs/spec/derivation.md): what is bad, why, and what it derives to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { zeroAddress, type BlockInputs } from "@metis/protocol";
import { deriveCases } from "../testing/cases.ts";
import { scriptedDeposit, scriptedL1, scriptedConfig, scriptedRequest } from "../testing/chain.ts";
import { deriveKernel, KernelRefusal } from "../testing/kernel.ts";
import { deriveBatch, type DeriveRequest } from "./deriver.ts";

const kernel = deriveKernel();

/** Deposits-only blocks, formulated apart from the kernel: numbers and times of L1 come from the request's order. */
function depositsOnly(request: DeriveRequest, l1Times: readonly bigint[]): readonly Partial<BlockInputs>[] {
  const { config, parent, parentHeader, header, deposits } = request;
  const blocks: Partial<BlockInputs>[] = [];
  let [anchor, time, consumed] = [parentHeader.anchorNumber, parent.time, parentHeader.depositCount];
  do {
    const upTo = (number: bigint) => deposits.filter((d) => d.index >= consumed && d.l1BlockNumber <= number);
    let next = anchor < header.anchorNumber ? anchor + 1n : anchor;
    const fits = (number: bigint) =>
      number <= header.anchorNumber &&
      number - anchor <= BigInt(config.maxAnchorStep) &&
      upTo(number).reduce((sum, { gasLimit }) => sum + gasLimit, 0n) <= config.depositGasLimit;
    while (fits(next + 1n)) next += 1n;
    const anchorTime = l1Times[Number(next - parentHeader.anchorNumber)]!;
    time = time + 1n > anchorTime ? time + 1n : anchorTime;
    const depositEnd = consumed + BigInt(upTo(next).length);
    blocks.push({
      number: parent.number + BigInt(blocks.length) + 1n,
      time,
      anchorNumber: next,
      depositStart: consumed,
      depositEnd,
    });
    [anchor, consumed] = [next, depositEnd];
  } while (anchor < header.anchorNumber);
  return blocks;
}

const times = scriptedL1(130).map(({ time }) => time);

for (const { name, reason, request } of deriveCases)
  test(`${reason ?? "good"}: ${name}`, async () => {
    const result = await deriveBatch(kernel, request);
    assert.equal(result.reason, reason);
    assert.equal(result.blocks.at(-1)!.flags & 1, 1);
    assert.ok(result.blocks.slice(0, -1).every(({ flags }) => (flags & 1) === 0));
    if (reason === undefined) return;
    const common = {
      generation: request.header.generation,
      proposer: zeroAddress,
      rate: 0n,
      attendance: "0x",
      transactions: [],
    };
    const expected = depositsOnly(request, times);
    assert.equal(result.blocks.length, expected.length);
    expected.forEach((block, i) => {
      const flags = i === expected.length - 1 ? 3 : 2;
      const { anchorHash } = result.blocks[i]!;
      assert.deepEqual(result.blocks[i], { ...common, ...block, flags, anchorHash });
    });
    assert.equal(result.blocks.at(-1)!.anchorHash, request.header.anchorHash);
    assert.deepEqual(result.claimedOutputRoots, []);
  });

test("every reason that the specification names has a case", () => {
  const named = new Set(deriveCases.map(({ reason }) => reason ?? "good"));
  assert.equal(named.size, 18);
});

const l1 = scriptedL1(130);
const config = scriptedConfig(l1);
const garbage = Uint8Array.of(9);

test("deposits-only blocks split where deposits fill a block, and take all of one L1 block at once", async () => {
  const gas = [4_000_000n, 8_000_000n, 8_000_000n, 9_000_000n, 7_000_000n, 1_000_000n];
  const positions = [1, 2, 9, 50, 50, 120];
  const deposits = gas.map((limit, i) => scriptedDeposit(i, positions[i]!, limit));
  const request = scriptedRequest({ config, l1, anchor: 129, lastTime: l1[129]!.time, payload: garbage, deposits });
  const { blocks } = await deriveBatch(kernel, request);
  const expected = depositsOnly(request, times);
  assert.deepEqual(
    blocks.map(({ anchorNumber, depositEnd, time }) => ({ anchorNumber, depositEnd, time })),
    expected.map(({ anchorNumber, depositEnd, time }) => ({ anchorNumber, depositEnd, time })),
  );
  assert.deepEqual(
    blocks.map(({ anchorNumber, depositEnd }) => [anchorNumber - 100n, depositEnd]),
    [
      [8n, 2n],
      [40n, 3n],
      [49n, 3n],
      [50n, 5n],
      [82n, 5n],
      [114n, 5n],
      [129n, 6n],
    ],
  );
});

test("an anchor that does not move gives one block a second after its parent", async () => {
  const request = scriptedRequest({ config, l1, anchor: 0, lastTime: 0n, payload: garbage });
  const { blocks } = await deriveBatch(kernel, request);
  assert.deepEqual(
    blocks.map(({ time, flags, anchorNumber }) => [time, flags, anchorNumber]),
    [[l1[0]!.time + 1n, 3, 100n]],
  );
});

const contradictions: readonly [string, string, (request: DeriveRequest) => DeriveRequest][] = [
  [
    "a header on another parent",
    "inconsistent-inputs",
    (r) => ({ ...r, header: { ...r.header, parentHash: r.header.anchorHash } }),
  ],
  [
    "L1 headers of another chain",
    "inconsistent-inputs",
    (r) => ({ ...r, l1Headers: scriptedL1(3, 1).map(({ rlp }) => rlp) }),
  ],
  ["an L1 header too few", "inconsistent-inputs", (r) => ({ ...r, l1Headers: r.l1Headers.slice(0, -1) })],
  ["L1 headers out of order", "inconsistent-inputs", (r) => ({ ...r, l1Headers: r.l1Headers.toReversed() })],
  ["no L1 headers", "inconsistent-inputs", (r) => ({ ...r, l1Headers: [] })],
  ["a deposit too few", "inconsistent-inputs", (r) => ({ ...r, deposits: [] })],
  [
    "a changed deposit",
    "inconsistent-inputs",
    (r) => ({ ...r, deposits: r.deposits.map((d) => ({ ...d, mint: 99n })) }),
  ],
  [
    "another payload than the header's",
    "inconsistent-inputs",
    (r) => ({ ...r, data: { kind: "payload", payload: "0x00" } }),
  ],
  ["no payload", "data-missing", (r) => ({ ...r, data: { kind: "none" } })],
  ["blobs for calldata", "data-missing", (r) => ({ ...r, data: { kind: "blobs", blobs: [] } })],
  ["calldata withheld", "data-missing", (r) => ({ ...r, data: { kind: "withheld" } })],
];
for (const [name, code, change] of contradictions)
  test(`inputs that contradict one another are refused, not derived: ${name}`, async () => {
    const deposits = [scriptedDeposit(0, 1)];
    const request = scriptedRequest({ config, l1, anchor: 2, lastTime: 0n, payload: garbage, deposits });
    await deriveBatch(kernel, request);
    await assert.rejects(
      () => deriveBatch(kernel, change(request)),
      (error) => error instanceof KernelRefusal && error.code === code,
    );
  });
