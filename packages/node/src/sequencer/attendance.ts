import type { SequencerSet } from "@metis/committee";
import type { MvmReader } from "@metis/mvm";
import { decodeAttendance, encodeAttendance, epochOf, hasQuorum, maxAttendanceRuns, predeploys } from "@metis/protocol";
import type {
  AttendanceRun,
  BlockInputs,
  ChainConfig,
  Epoch,
  Hash,
  L1BlockNumber,
  L2BlockNumber,
} from "@metis/protocol";
import type { Address, Hex } from "viem";
import { namespaceSlot, word } from "../deploy/storage.ts";
import type { EpochSets } from "../pool/epochSets.ts";
import { endsBatch } from "./batch.ts";

export interface AttendanceBookOptions {
  readonly config: Pick<ChainConfig, "genesisAnchorNumber" | "epochLength">;
  readonly reader: Pick<MvmReader, "block" | "storage">;
  readonly sets: Pick<EpochSets, "of">;
  /** Members whose attestations of a block are known here. */
  readonly attestersOf: (number: L2BlockNumber) => readonly Address[];
}

/** The block that an attendance comes with: above a head that is committed here. */
type Carrier = Pick<BlockInputs, "number" | "anchorNumber">;

/** A block that a member proposed and no attendance has counted. */
interface OpenBlock {
  readonly number: L2BlockNumber;
  /** Position in the epoch's set. */
  readonly proposer: number;
}

/** The blocks that the next attendance begins with, all of one epoch, ascending. */
interface Line {
  readonly epoch: Epoch;
  readonly set: SequencerSet;
  readonly blocks: readonly OpenBlock[];
}

/** Blocks further below the carrier than this are counted no more: nobody needs to keep their attestations. */
export const countedBack = 256n;
const maxRunBlocks = 255;
/** Attestations of the carrier's parent are still on their way when the carrier is made. */
const youngestBelow = 2n;

/** `nextBlock` of MetisSequencerSet: blocks below it have been counted, or never will be. */
export const nextCountedBlockSlot: Hash = word(namespaceSlot("metis.storage.MetisSequencerSet") + 3n);

/** Takes the members' attendance for blocks made here, and judges that of others (docs/spec/staking.md, "Attendance"). */
export class AttendanceBook {
  readonly #options: AttendanceBookOptions;
  /** Epoch of the block above `hash`, so that no batch is read twice. */
  #known: { readonly hash: Hash; readonly epoch: Epoch } | undefined;

  constructor(options: AttendanceBookOptions) {
    this.#options = options;
  }

  /** The attendance that `carrier`, whose anchor moves, may bring: as much as is known here, `0x` when that is nothing. */
  async take(carrier: Carrier): Promise<Hex> {
    const line = await this.#line(carrier);
    if (!line) return "0x";
    const { epoch, set } = line;
    const blocks = line.blocks.filter(({ number }) => number + youngestBelow <= carrier.number);
    const runs: AttendanceRun[] = [];
    for (let at = 0; at < blocks.length && runs.length < maxAttendanceRuns;) {
      const run = this.#run(set, blocks, at);
      if (!run) break;
      runs.push(run);
      at += run.blocks;
    }
    return runs.length > 0 ? encodeAttendance({ epoch, runs }) : "0x";
  }

  /**
   * Why an honest member does not vote for the attendance that `carrier` brings, or nothing. Whose bits are set is not judged:
   * signatures are not in the block, and what one member has heard another may never hear (docs/decisions/attendance.md).
   */
  async brokenRule({ attendance, ...carrier }: Carrier & Pick<BlockInputs, "attendance">): Promise<string | undefined> {
    if (attendance === "0x") return undefined;
    const given = decodeAttendance(attendance);
    if (!given) return "its attendance is none";
    const line = await this.#line(carrier);
    if (line?.epoch !== given.epoch) return "its attendance is of another epoch than the blocks to count";
    let at = 0;
    for (const run of given.runs) {
      if (!isNext(line.blocks, at, run)) return "its attendance does not count the next blocks as they are";
      if (!weighsEnough(line.set, run.attested)) return "its attendance is not of more than two thirds";
      at += run.blocks;
    }
    return undefined;
  }

  /** The run from `at` on, as far as it is one and its attestations are known. */
  #run(set: SequencerSet, blocks: readonly OpenBlock[], at: number): AttendanceRun | undefined {
    const { number: firstBlock, proposer } = blocks[at]!;
    let end = at + 1;
    while (end < blocks.length && end - at < maxRunBlocks && follows(blocks, end)) end++;
    for (let last = end - 1; last >= at; last--) {
      const attested = this.#attested(set, blocks[last]!);
      if (attested !== undefined) return { firstBlock, blocks: last - at + 1, proposer, attested };
    }
    // Who attests a block has executed those below it.
    for (const later of blocks.slice(end)) {
      const attested = this.#attested(set, later);
      if (attested !== undefined) return { firstBlock, blocks: end - at, proposer, attested };
    }
    return undefined;
  }

  /** Who attested a block, a bit a member; nothing when that is not known of more than two thirds. */
  #attested(set: SequencerSet, { number }: OpenBlock): bigint | undefined {
    const attesters = new Set(this.#options.attestersOf(number));
    const bits = set.members.reduce(
      (sum, { signer }, i) => (attesters.has(signer) ? sum | (1n << BigInt(i)) : sum),
      0n,
    );
    return weighsEnough(set, bits) ? bits : undefined;
  }

  /** Of the blocks that no attendance has counted: those of the first epoch that `carrier` may still count. */
  async #line(carrier: Carrier): Promise<Line | undefined> {
    const { config, reader, sets } = this.#options;
    const current = epochOf(config, carrier.anchorNumber);
    let number = await this.#firstOpen(carrier.number);
    let epoch = await this.#epochAt(number);
    let line: { epoch: Epoch; set: SequencerSet; blocks: OpenBlock[] } | undefined;
    for (; number < carrier.number && (!line || line.epoch === epoch); number++) {
      const inputs = (await reader.block(number))?.inputs;
      if (!inputs) break;
      if (epoch <= current && epoch + 1n >= current) {
        const { set, blocks } = (line ??= { epoch, set: await sets.of(epoch), blocks: [] });
        const proposer = set.members.findIndex(({ signer }) => signer === inputs.proposer);
        if (proposer >= 0) blocks.push({ number, proposer });
        else if (blocks.length === 0) line = undefined;
      }
      if (endsBatch(inputs)) epoch = epochOf(config, inputs.anchorNumber);
    }
    return line;
  }

  async #firstOpen(carrier: L2BlockNumber): Promise<L2BlockNumber> {
    const slot = await this.#options.reader.storage(predeploys.metisSequencerSet, nextCountedBlockSlot, carrier - 1n);
    const next = BigInt.asUintN(64, BigInt(slot ?? 0n));
    const oldest = carrier > countedBack ? carrier - countedBack : 1n;
    return next > oldest ? next : oldest;
  }

  /** Epoch of the batch that block `number` belongs to. */
  async #epochAt(number: L2BlockNumber): Promise<Epoch> {
    const { config, reader } = this.#options;
    const parent = await reader.block(number - 1n);
    let anchor: L1BlockNumber = config.genesisAnchorNumber;
    let epoch: Epoch | undefined;
    for (let block = parent; block?.inputs; block = await reader.block(block.number - 1n)) {
      if (block.hash === this.#known?.hash) epoch = this.#known.epoch;
      else if (endsBatch(block.inputs)) anchor = block.inputs.anchorNumber;
      else continue;
      break;
    }
    epoch ??= epochOf(config, anchor);
    this.#known = parent && { hash: parent.hash, epoch };
    return epoch;
  }
}

/** Whether block `at` continues the run of the one before it. */
const follows = (blocks: readonly OpenBlock[], at: number): boolean =>
  blocks[at]!.proposer === blocks[at - 1]!.proposer && blocks[at]!.number === blocks[at - 1]!.number + 1n;

/** Whether `run` counts the blocks from `at` on. */
const isNext = (
  blocks: readonly OpenBlock[],
  at: number,
  { firstBlock, blocks: count, proposer }: AttendanceRun,
): boolean =>
  count > 0 &&
  at + count <= blocks.length &&
  blocks
    .slice(at, at + count)
    .every((block, i) => block.number === firstBlock + BigInt(i) && block.proposer === proposer);

/** Whether `bits` are members alone, with more than two thirds of the weight. */
function weighsEnough({ members, totalWeight }: SequencerSet, bits: bigint): boolean {
  const weight = members.reduce((sum, member, i) => ((bits >> BigInt(i)) & 1n ? sum + member.weight : sum), 0n);
  return bits >> BigInt(members.length) === 0n && hasQuorum(weight, totalWeight);
}
