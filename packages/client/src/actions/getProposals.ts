import { timelockAbi } from "@metis/protocol/contracts";
import { parseEventLogs, zeroHash, type Address, type Hash, type Hex } from "viem";
import { getBlock, getLogs, readContract } from "viem/actions";
import { timelockOf } from "../utils/governance.ts";
import type { ReaderLike } from "../utils/send.ts";
import type { StakingRoot } from "../utils/staking.ts";

export interface GetProposalsParameters {
  readonly contracts: StakingRoot;
  /** L1 block to look for proposals from; the deployment's is early enough. Default: the first one. */
  readonly fromBlock?: bigint;
}
/** A call of the timelock; `value` in wei. */
export interface GovernanceCall {
  readonly target: Address;
  readonly value: bigint;
  readonly data: Hex;
}
export interface Proposal {
  readonly id: Hash;
  readonly calls: readonly GovernanceCall[];
  /** A proposal that has to be carried out before this one; zero: none. */
  readonly predecessor: Hash;
  readonly salt: Hash;
  readonly state: "waiting" | "ready" | "done" | "cancelled";
  /** Seconds of L1's clock; absent for what is done or cancelled. */
  readonly readyAt: bigint | undefined;
}
/** In the order in which they were made. */
export type GetProposalsReturnType = readonly Proposal[];
/** What viem throws when the endpoint does not answer, or does not serve logs from so far back. */
export type GetProposalsErrorType = Error;

/**
 * What governors proposed to the timelock, and what became of it.
 *
 * @example
 * const waiting = (await l1Client.getProposals()).filter(({ state }) => state === "waiting");
 */
export async function getProposals(
  client: ReaderLike,
  { contracts, fromBlock = 0n }: GetProposalsParameters,
): Promise<GetProposalsReturnType> {
  const timelock = await timelockOf(client, contracts);
  const [raw, { timestamp: now }] = await Promise.all([
    getLogs(client, { address: timelock, fromBlock, toBlock: "latest" }),
    getBlock(client),
  ]);
  const logs = parseEventLogs({ abi: timelockAbi, eventName: ["CallScheduled", "CallSalt"], logs: raw });
  const found = new Map<Hash, { calls: GovernanceCall[]; predecessor: Hash; salt: Hash }>();
  for (const log of logs) {
    const { id } = log.args;
    const proposal = found.get(id) ?? { calls: [], predecessor: zeroHash, salt: zeroHash };
    found.set(id, proposal);
    if (log.eventName === "CallSalt") proposal.salt = log.args.salt;
    else {
      const { index, target, value, data, predecessor } = log.args;
      proposal.calls[Number(index)] = { target, value, data };
      proposal.predecessor = predecessor;
    }
  }
  return Promise.all(
    [...found].map(async ([id, proposal]) => {
      const time = await readContract(client, {
        address: timelock,
        abi: timelockAbi,
        functionName: "getTimestamp",
        args: [id],
      });
      const { calls, predecessor, salt } = proposal;
      const { state, readyAt } = stateAt(time, now);
      return { id, calls, predecessor, salt, state, readyAt };
    }),
  );
}

/** TimelockController keeps 0 for what it does not know (any more), and 1 for what is done. */
function stateAt(time: bigint, now: bigint): Pick<Proposal, "state" | "readyAt"> {
  if (time <= 1n) return { state: time === 0n ? "cancelled" : "done", readyAt: undefined };
  return { state: time <= now ? "ready" : "waiting", readyAt: time };
}
