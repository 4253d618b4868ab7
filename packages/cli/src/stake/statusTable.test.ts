import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SeatSlash } from "@metis/client";
import { numberToHex, parseEther, zeroHash, type Address } from "viem";
import { statusLines, type ToldSeat, type ToldStatus } from "./statusTable.ts";

const income = { fees: 0n, l1Fees: 0n, posters: { held: 0n, granted: 0n } };
const signerOf = (seatId: bigint): Address => numberToHex(0xabcdef0123456789n * seatId, { size: 20 });
const slash: SeatSlash = {
  slashId: 4n,
  seatId: 2n,
  offence: "absence",
  state: "in-escrow",
  own: parseEther("20"),
  delegated: parseEther("1.5"),
  exiting: 0n,
  escrowed: parseEther("17.2"),
  releaseAt: 5n,
  owner: signerOf(9n),
};

const seatOf = (seatId: bigint, more: Partial<ToldSeat> = {}): ToldSeat => ({
  seatId,
  owner: signerOf(100n),
  signer: signerOf(seatId),
  signerPublicKey: "0x",
  rewardRecipient: signerOf(100n),
  status: "active",
  own: parseEther("100000"),
  delegated: 0n,
  exiting: 0n,
  weight: parseEther("100000"),
  inLine: true,
  jailedUntil: 0n,
  exits: [],
  role: "active",
  sentence: "active",
  weightNow: parseEther("100000"),
  signerNow: signerOf(seatId),
  record: { blocks: 400n, proposed: 100n, attested: 399n, uptime: 99.75, apr: 20 },
  slashes: [],
  ...more,
});

const setOf = (...seatIds: readonly bigint[]) => ({
  epoch: 12n,
  setHash: zeroHash,
  totalWeight: parseEther(`${seatIds.length}00000`),
  members: seatIds.map((seatId) => ({ seatId, signer: signerOf(seatId), weight: parseEther("100000") })),
});

function shown(seats: readonly ToldSeat[], more: Partial<ToldStatus> = {}): readonly string[] {
  const rewards = { epoch: 12n, firstEpoch: 4n, rate: 20, epochReward: 1n, ...income, members: [] };
  const next = { ...setOf(1n), epoch: 13n, firstBlock: 700n, lastBlock: 730n };
  const pool = {
    l1Block: 650n,
    epochLength: 60,
    epoch: 12n,
    permissionless: true,
    totalLocked: parseEther("300000"),
    current: setOf(1n, 2n, 128n),
    upcoming: undefined,
    next,
    waiting: [],
    limits: { minLock: 1n, maxLock: 2n, ejectionBelow: 1n, exitDelay: 600, maxSeats: 16 },
  };
  return statusLines({ pool, seats, details: [], exits: [], rewards, ...more }).flatMap((line) => line.split("\n"));
}

suite("metis stake status", () => {
  test("says of every seat on one line its share, uptime, APR and how often it was slashed", () => {
    const lines = shown([seatOf(1n), seatOf(2n, { slashes: [slash] }), seatOf(128n, { slashes: [slash, slash] })]);
    const at = lines.findIndex((line) => line.startsWith("seat  signer"));
    assert.match(lines[at + 1]!, /^1 .*33\.3 % +100\.0 % +99\.8 % +20\.0 % +never +active$/);
    assert.match(lines[at + 2]!, /^2 .*33\.3 % +- +99\.8 % +20\.0 % +once +active$/);
    assert.match(lines[at + 3]!, /^128 .* 2 times +active$/);
    assert.ok(lines.includes("uptime and APR (before commission) of epochs 4 to 11"));
  });

  test("fits 80 columns, whatever stands in it", () => {
    const widest = seatOf(128n, { role: "out-of-line", slashes: Array.from({ length: 12 }, () => slash) });
    const lines = shown([seatOf(1n), widest], { details: [widest] });
    const table = lines.slice(lines.findIndex((line) => line.startsWith("seat  signer")));
    for (const line of table.slice(0, 3)) assert.ok(line.length <= 80, `${line.length}: ${line}`);
  });

  test("says what is not as usual in a sentence, and all about the seat that was asked for", () => {
    const jailed = seatOf(2n, { role: "jailed", sentence: "jailed; it serves on", slashes: [slash] });
    assert.ok(shown([seatOf(1n), jailed]).includes("seat 2: jailed; it serves on"));
    const details = shown([seatOf(1n), jailed], { details: [jailed] });
    assert.ok(!details.includes("seat 2: jailed; it serves on"));
    assert.ok(details.some((line) => /^uptime +99\.8 %: attested 399 of 400 blocks, proposed 100$/.test(line)));
    assert.ok(details.some((line) => /^slash 4 +21\.5 METIS for absence, now in-escrow$/.test(line)));
  });

  test("leaves out what nobody knows: no node of L2, and no epoch that is over", () => {
    const lines = shown([seatOf(1n, { record: null })], { rewards: undefined });
    assert.ok(lines.includes("for uptime and APR, give a node that answers: --l2-rpc"));
    assert.ok(lines.some((line) => /^1 .*33\.3 % +100\.0 % +- +- +never +active$/.test(line)));
    const young = { epoch: 0n, firstEpoch: 0n, rate: 20, epochReward: 1n, ...income, members: [] };
    assert.ok(shown([seatOf(1n)], { rewards: young }).some((line) => /first epoch is over/.test(line)));
  });
});
