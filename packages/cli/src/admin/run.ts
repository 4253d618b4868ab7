import {
  cancelProposal,
  ClientError,
  executeProposal,
  getGovernance,
  getProposals,
  pauseWithdrawals,
  proposeCalls,
  type GovernedParameters,
  type Proposal,
} from "@metis/client";
import { systemClock } from "@metis/runtime";
import { isHex, type Hash } from "viem";
import { getBlock, waitForTransactionReceipt } from "viem/actions";
import { showSeconds } from "../amounts.ts";
import { patiently } from "../bridge/outage.ts";
import { CliError, UsageError, table, toJson, type Io } from "../io.ts";
import { openL1, type L1Network, type NetworkFlags } from "../network.ts";
import { kebab } from "../stake/refusals.ts";
import { callsOf } from "./changes.ts";
import { describeCall } from "./describe.ts";

export interface ProposeFlags extends NetworkFlags {
  readonly unchecked?: boolean;
}
export interface ExecuteFlags extends NetworkFlags {
  readonly wait?: boolean;
}

/** `metis admin show`. */
export async function runShow(flags: NetworkFlags, io: Io): Promise<void> {
  const { l1, contracts } = openL1(flags, io);
  const [governance, proposals] = await Promise.all([
    getGovernance(l1, { contracts }),
    getProposals(l1, { contracts }),
  ]);
  if (io.json) return io.out(toJson({ ...governance, proposals }));
  const { parameters, paused, pausedUntil, delay, delayFloor, ...powers } = governance;
  io.out(
    table(
      [
        [
          "timelock",
          `${powers.timelock}, ${showSeconds(Number(delay))} (never below ${showSeconds(Number(delayFloor))})`,
        ],
        ["guardian", powers.guardian],
        ["withdrawals", paused ? `paused until ${pausedUntil} (seconds of L1's clock)` : "not paused"],
        ["council", powers.council],
        ["insurance fund", BigInt(powers.insuranceFund) === 0n ? "none: slashes are burnt" : powers.insuranceFund],
        ["admission", powers.permissionless ? "open to all, for ever" : "by the list"],
        ["bounds", powers.devnet ? "of a devnet" : "of production"],
      ],
      "",
    ),
  );
  io.out(`\nparameters\n${table(parameterRows(parameters))}`);
  io.out(proposals.length === 0 ? "\nno proposals" : `\nproposals\n${proposals.map(showProposal).join("\n")}`);
}

const parameterRows = (parameters: GovernedParameters): (readonly [string, string])[] =>
  Object.values(parameters).flatMap((group) =>
    Object.entries(group as Readonly<Record<string, number | bigint>>).map(
      ([name, value]) => [name, `${value}`] as const,
    ),
  );

const showProposal = ({ id, state, readyAt, calls }: Proposal): string =>
  [
    `  ${id}  ${state}${state === "waiting" ? ` until ${readyAt}` : ""}`,
    ...calls.map((call) => `    ${describeCall(call)}`),
  ].join("\n");

/** `metis admin propose`. */
export async function runPropose(what: string, words: readonly string[], flags: ProposeFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const calls = await callsOf(what, words, network);
  for (const call of calls) io.note(describeCall(call));
  const { id, hash } = await explained(async () =>
    proposeCalls(l1, { contracts, account: await network.account(), calls, unchecked: flags.unchecked === true }),
  );
  await succeeded(network, hash);
  const { readyAt } = await proposalOf(network, id);
  if (io.json) io.out(toJson({ id, readyAt, l1Transaction: hash, calls }));
  else io.out(`${id} may be executed from ${readyAt} on (seconds of L1's clock): \`metis admin execute ${id} --wait\``);
}

/** `metis admin execute`. */
export async function runExecute(id: string, flags: ExecuteFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  await ready(network, idIn(id), flags.wait === true, io);
  const hash = await explained(async () =>
    executeProposal(l1, { contracts, account: await network.account(), id: idIn(id) }),
  );
  await succeeded(network, hash);
  if (io.json) io.out(toJson({ id, l1Transaction: hash }));
  else io.out(`${id} is carried out: ${hash}`);
}

/** `metis admin cancel`. */
export async function runCancel(id: string, flags: NetworkFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  await proposalOf(network, idIn(id));
  const hash = await explained(async () =>
    cancelProposal(l1, { contracts, account: await network.account(), id: idIn(id) }),
  );
  await succeeded(network, hash);
  if (io.json) io.out(toJson({ id, l1Transaction: hash }));
  else io.out(`${id} is taken back: ${hash}`);
}

/** `metis admin pause` and `unpause`. */
export async function runPause(end: boolean, flags: NetworkFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  const hash = await explained(async () => pauseWithdrawals(l1, { contracts, account: await network.account(), end }));
  await succeeded(network, hash);
  const { pausedUntil } = await getGovernance(l1, { contracts });
  if (io.json) io.out(toJson({ paused: !end, pausedUntil, l1Transaction: hash }));
  else io.out(end ? "withdrawals go on" : `withdrawals are paused until ${pausedUntil} (seconds of L1's clock)`);
}

/** Returns when the proposal may be carried out; throws what stands against it. */
async function ready(network: L1Network, id: Hash, wait: boolean, io: Io): Promise<void> {
  const clock = systemClock();
  for (;;) {
    const { state, readyAt } = await patiently(network, wait, io, () => proposalOf(network, id));
    if (state === "ready") return;
    if (state !== "waiting") throw new CliError(`proposal-${state}`, `${id} is ${state} already`);
    const { timestamp } = await patiently(network, wait, io, () => getBlock(network.l1));
    const left = Number(readyAt ?? 0n) - Number(timestamp);
    const when = `${id} may be executed in ${showSeconds(left)}`;
    if (!wait) throw new CliError("proposal-waiting", `${when}; --wait waits for it`);
    io.note(when);
    await clock.sleep(Math.min(Math.max(left, 0.2), 10) * 1_000);
  }
}

async function proposalOf({ l1, contracts }: L1Network, id: Hash): Promise<Proposal> {
  const found = (await getProposals(l1, { contracts })).find((proposal) => proposal.id === id.toLowerCase());
  if (!found) throw new CliError("no-proposal", `there is no proposal ${id}: \`metis admin show\` lists them`);
  return found;
}

function idIn(text: string): Hash {
  if (!isHex(text) || text.length !== 66)
    throw new UsageError(`a proposal's id is 0x and 64 hex digits, not "${text}"`);
  return text;
}

async function succeeded({ l1 }: L1Network, hash: Hash): Promise<void> {
  const { status } = await waitForTransactionReceipt(l1, { hash });
  if (status !== "success")
    throw new CliError("transaction-reverted", `the L1 transaction ${hash} reverted; try again`);
}

/** What the refusals of governance mean. Others keep the contract's words. */
async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "contract-refused") throw error;
    const { error: name, arguments: args } = error.payload as { error: string; arguments: readonly unknown[] };
    const said = sentences[name]?.(...args.map((arg) => textOf(arg)));
    if (said === undefined) throw error;
    throw new CliError(kebab(name), said);
  }
}

const sentences: Readonly<Record<string, ((...args: readonly string[]) => string) | undefined>> = {
  OutOfBounds: (name, value, least, most) =>
    `${name} would be ${value}; the contract allows ${least} to ${most}, whoever asks`,
  RelationBroken: (relation) => `this breaks "${relation}", which must hold (docs/spec/trust.md, "Relations")`,
  DelayOutOfBounds: (given, least, most) => `the delay would be ${given} s; the timelock allows ${least} to ${most}`,
  AccessControlUnauthorizedAccount: (account) => `${account} is no governor of the timelock: give one's --key-file`,
  NotGuardian: (account) => `${account} is not the guardian: give the guardian's --key-file`,
  PauseTooSoon: (at) => `withdrawals cannot be paused again before ${at} (seconds of L1's clock)`,
  NotPaused: () => "withdrawals are not paused",
  AlreadyPermissionless: () => "admission is open to all already, and stays so",
  ERC1967InvalidImplementation: (account) => `there is no code at ${account} on L1: deploy the implementation first`,
  ZeroAddress: (name) => `${name} cannot be nobody`,
  NullAddress: () => "that cannot be nobody",
};

/** Names in refusals are bytes32: text with zeros behind it. */
const textOf = (arg: unknown): string =>
  isHex(arg) && arg.length === 66
    ? Buffer.from(arg.slice(2), "hex").toString("utf8").replaceAll("\0", "")
    : String(arg);
