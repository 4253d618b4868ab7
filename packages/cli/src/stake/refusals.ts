import { ClientError, type delegatingAbi } from "@metis/client";
import { formatEther, type ContractErrorArgs, type ContractErrorName } from "viem";
import { CliError } from "../io.ts";

type Abi = typeof delegatingAbi;
export type Refusal = ContractErrorName<Abi>;
type Sentences = { readonly [Name in Refusal]: (...args: ArgumentsOf<Name>) => string };
type ArgumentsOf<Name extends Refusal> =
  Extract<ContractErrorArgs<Abi, Name>, readonly unknown[]> extends infer Args extends readonly unknown[]
    ? Args
    : never;

const metis = (amount: bigint): string => `${formatEther(amount)} METIS`;
const whenFrozen = "`metis stake status` shows when the next set is frozen";

/** By the contracts' SeatStatus. */
const whyInactive = ["there is no seat", "nothing is locked any more for seat", "", "slashed in full and closed: seat"];

/** What each refusal of the staking contracts means, and what to do. */
export const refusals: Sentences = {
  NotWhitelisted: (account) =>
    `${account} is not on this pool's admission list: ask its admin to put it there (setWhitelist), or wait until admission is open to all`,
  OwnedSequencer: (seat) =>
    `this account owns seat ${seat} already: add to it with \`metis stake relock\`, or lock with another account`,
  SignerExisted: (signer, seat) =>
    `the key of ${signer} signs, or signed once, for seat ${seat}, and a key serves one seat for ever: make another with \`metis keys new\``,
  AmountOutOfBounds: (amount, minimum, maximum) =>
    `a seat's own stake would be ${metis(amount)}; it must lie between ${metis(minimum)} and ${metis(maximum)}`,
  WrongAmount: (amount, available) =>
    amount === 0n ? "the amount is zero" : `${metis(amount)} were asked for, and ${metis(available)} are there`,
  TooLittleLeft: (left, minimum) =>
    `${metis(left)} would be left and a seat keeps at least ${metis(minimum)}: unlock less, or --all to leave`,
  LineFull: (lightest) => `all places in line are taken by seats of ${metis(lightest)} or more: lock more than that`,
  NotSeqOwner: (seat, caller) => `${caller} does not own seat ${seat}: give the owner's --key-file`,
  SeqNotActive: (seat, status) =>
    `${whyInactive[status] ?? ""} ${seat}: \`metis stake status\` shows the seats, and \`metis stake lock\` takes one`,
  SignerChangedAlready: (seat) =>
    `the key of seat ${seat} was changed since the last set was frozen, and that is possible once between two: ${whenFrozen}`,
  NotJailed: (seat) => `seat ${seat} is not jailed: nothing to do`,
  StillJailed: (seat, until) => `seat ${seat} is jailed until ${until} (seconds of L1's clock): try again then`,
  NotBelowEjection: (seat, amount, limit) =>
    `seat ${seat} has ${metis(amount)}, and only one below ${metis(limit)} can be ejected`,
  UnknownExit: (exit) => `there is no exit ${exit}: \`metis stake status\` lists yours`,
  NotExitOwner: (exit, caller) => `exit ${exit} does not belong to ${caller}: give its owner's --key-file`,
  ExitClaimed: (exit) => `exit ${exit} has been paid already`,
  ExitNotStarted: (exit) =>
    `exit ${exit} starts when a set is frozen that no longer counts it: ${whenFrozen}; anyone may call \`metis stake freeze\` then`,
  ExitTooEarly: (exit, at) =>
    `exit ${exit} can be claimed from ${at} on (seconds of L1's clock); \`metis stake claim --wait\` waits for it`,
  EpochsNotSettled: (exit, epoch) =>
    `exit ${exit} waits until all batches of epoch ${epoch} are settled on L1; \`metis stake claim --wait\` waits with it`,
  NothingLeft: (exit) => `all of exit ${exit} was slashed: there is nothing to pay`,
  FreezeTooEarly: (epoch, block) =>
    `the set of epoch ${epoch} can be frozen from L1 block ${block} on; \`metis stake freeze --wait\` waits for it`,
  FreezeTooLate: (epoch, block) =>
    `the set of epoch ${epoch} could be frozen up to L1 block ${block}; the set before it stays. Freeze the next one`,
  AlreadyFrozen: (epoch) => `the set of epoch ${epoch} is frozen already: nothing to do`,
  EmptySet: () => "no seat in line could sign: the old set stays until somebody locks enough",
  WrongProof: (signer, recovered) =>
    `the proof was signed by ${recovered}, not by ${signer}: it is good for one owner, pool and L1 only`,
  WrongPublicKey: (signer, given) => `the public key is that of ${given}, not of ${signer}`,
  WrongPublicKeyLength: (length) => `the public key has ${length} bytes and must have 64`,
  SignatureLength: (given) => `the signature has ${given} bytes and must have 65`,
  HighS: () => "the signature's s is in the upper half of the order: its signer does not follow EIP-2",
  NoSigner: () => "the signature is nobody's: it was made for something else, or changed on the way",
  NullAddress: () => "an address is zero: give one that somebody owns",
  ERC20InsufficientBalance: (_sender, balance, needed) =>
    `the account has ${metis(balance)} on L1 and needs ${metis(needed)}: withdraw from L2 with \`metis bridge withdraw\`, or give another --key-file`,
  ERC20InsufficientAllowance: (spender, allowance, needed) =>
    `${spender} may take ${metis(allowance)} of the account's ${metis(needed)}: another transaction used the approval; try again`,
  SafeERC20FailedOperation: (token) => `the token ${token} refused the transfer: is it the chain's METIS?`,
  DelegationFull: (seat, stake, counts) =>
    `seat ${seat} would have ${metis(stake)}, and ${metis(counts)} of it would count: delegate ${metis(stake - counts)} less, or to another seat`,
  TooLittle: (amount, minimum) =>
    `${metis(amount)} would be delegated, or left, and ${metis(minimum)} is the least: give more, or --all to leave`,
  WrongShares: (shares, available) =>
    shares === 0n ? "nothing was asked for" : `${shares} shares were asked for, and the account has ${available} there`,
  DelegationLost: (seat) => `all that was delegated to seat ${seat} was slashed: nothing is left`,
  SameSeat: (seat) => `the stake is with seat ${seat} already: name another one`,
  NotRedelegating: (exit) => `exit ${exit} goes to no seat, or is there already: \`metis stake claim\` pays others`,
  CommissionTooHigh: (_commission, highest) => `the commission may be ${highest / 100} % at most now`,
  CommissionTooSoon: (seat, at) =>
    `the commission of seat ${seat} can be raised again from ${at} on (seconds of L1's clock); lower it at any time`,
  TextTooLong: (_field, length, maximum) => `a text has ${length} bytes and may have ${maximum}`,
  NameMissing: () => "a seat is presented by a name at least: give --name",
  OutOfBounds: (_name, value, minimum, maximum) => `${value} is not between ${minimum} and ${maximum}`,
  SafeCastOverflowedUintDowncast: (bits, value) => `${value} does not fit ${bits} bits`,
  CheckpointUnorderedInsertion: () => "the contract was asked to write its history out of order",
  NotEmissionReserve: (caller) => `${caller} is not this pool's EmissionReserve: only that contract credits rewards`,
  NothingToWithdraw: (account) => `${account} has earned nothing that is not withdrawn`,
  NotDelegation: (caller) => `${caller} is not this pool's Delegation contract: only that one moves delegated stake`,
  NotSlashingManager: (caller) => `${caller} is not this pool's SlashingManager: only that contract may slash and jail`,
  NotSystemOwner: (caller) => `${caller} does not own the SystemConfig: only governance may do that`,
  NotLockingPool: (caller) => `${caller} is not the LockingPool: the escrow obeys that contract alone`,
  AlreadyPermissionless: () => "admission is open to all already, and stays so",
  WrongFraction: (fraction) => `${fraction} is more than the whole (1e18)`,
  NoInitialSeats: () => "a pool starts with at least one seat",
  InvalidInitialization: () => "the contract has been set up already",
  NotInitializing: () => "the contract is not being set up",
};

/** Runs `work`; a contract's refusal becomes a sentence with the error's name as its code. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof ClientError) || error.code !== "contract-refused") return error;
  const { error: name, arguments: args } = error.payload as { error: string; arguments: readonly unknown[] };
  const sentences = refusals as Readonly<Record<string, ((...values: readonly unknown[]) => string) | undefined>>;
  const said = Object.hasOwn(sentences, name) ? sentences[name]?.(...args) : undefined;
  return said === undefined ? error : new CliError(kebab(name), said);
}

/** `NotSeqOwner` is `not-seq-owner`. */
export const kebab = (name: string): string =>
  name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
