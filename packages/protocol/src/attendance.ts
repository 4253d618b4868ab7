import { concatHex, numberToHex, type Hex } from "viem";

/** Blocks in a row that one member proposed, and who attested the last of them. */
export interface AttendanceRun {
  readonly firstBlock: bigint;
  /** 1 to 255. */
  readonly blocks: number;
  /** Position in the epoch's set, as in its certificates. */
  readonly proposer: number;
  /** Bit i: member i of that set. */
  readonly attested: bigint;
}

/** What the members of an epoch's set did in some of its blocks. */
export interface Attendance {
  readonly epoch: bigint;
  /** 1 to 3, ascending by block, of blocks below the one that carries it. */
  readonly runs: readonly AttendanceRun[];
}

const version = 1;
const headSize = 9;
const runSize = 18;
/** As many as fit the 64 bytes of an attendance. */
export const maxAttendanceRuns = 3;

/** docs/spec/staking.md, "Attendance". Throws `RangeError` for numbers that do not fit. */
export function encodeAttendance({ epoch, runs }: Attendance): Hex {
  if (runs.length === 0 || runs.length > maxAttendanceRuns)
    throw new RangeError(`an attendance has 1 to ${maxAttendanceRuns} runs, not ${runs.length}`);
  return concatHex([
    numberToHex(version, { size: 1 }),
    numberToHex(epoch, { size: 8 }),
    ...runs.flatMap(({ firstBlock, blocks, proposer, attested }) => [
      numberToHex(firstBlock, { size: 8 }),
      numberToHex(blocks, { size: 1 }),
      numberToHex(proposer, { size: 1 }),
      numberToHex(attested, { size: 8 }),
    ]),
  ]);
}

/** Absent: the bytes are no attendance of this version, and count for nothing. */
export function decodeAttendance(attendance: Hex): Attendance | undefined {
  const length = (attendance.length - 2) / 2;
  const count = (length - headSize) / runSize;
  if (!Number.isInteger(count) || count < 1 || count > maxAttendanceRuns) return undefined;
  const read = (at: number, size: number): bigint => BigInt(`0x${attendance.slice(2 + 2 * at, 2 + 2 * (at + size))}`);
  if (read(0, 1) !== BigInt(version)) return undefined;
  const runs = Array.from({ length: count }, (_, index): AttendanceRun => {
    const at = headSize + index * runSize;
    return {
      firstBlock: read(at, 8),
      blocks: Number(read(at + 8, 1)),
      proposer: Number(read(at + 9, 1)),
      attested: read(at + 10, 8),
    };
  });
  return { epoch: read(1, 8), runs };
}

/** What a member did in an epoch, in blocks. */
export interface MemberCount {
  readonly proposed: bigint;
  readonly attested: bigint;
}

/** What the member at position `index` did, out of an epoch's `words` as MetisSequencerSet and EmissionReserve have them. */
export function memberCount(words: readonly bigint[], index: number): MemberCount {
  const count = BigInt.asUintN(64, (words[Math.floor(index / 4)] ?? 0n) >> BigInt(64 * (index % 4)));
  return { proposed: count & 0xffffffffn, attested: count >> 32n };
}

/** Terms of its fair share in which a member that is there has to propose a block (docs/spec/slashing.md, "No block of its own"). */
const termsWithoutBlock = 12n;

/**
 * Whether a member of `weight` in a set of `totalWeight` that attested `attested` blocks, and proposed none meanwhile, has let its turns
 * pass. `term`: blocks, the chain config's.
 */
export const letsTurnsPass = (attested: bigint, weight: bigint, totalWeight: bigint, term: number): boolean =>
  attested * weight >= termsWithoutBlock * BigInt(term) * totalWeight;
