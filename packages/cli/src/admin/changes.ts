import { getGovernance, governedAbis, type GovernanceCall, type GovernedParameters } from "@metis/client";
import { encodeFunctionData, isHex, slice, type Abi, type Address, type Client, type Hex } from "viem";
import { getStorageAt, readContract } from "viem/actions";
import { parseAddress } from "../addresses.ts";
import { UsageError } from "../io.ts";
import type { L1Network } from "../network.ts";
import { parseValue } from "./values.ts";

/** Contracts that the timelock governs, as SystemConfig names them, and itself. */
type Governed = Readonly<Record<string, Address>>;

/** One way to use the owner's power: its words, and the calls that they stand for. */
interface Change {
  readonly words: string;
  /** How many it takes at most. */
  readonly most: number;
  readonly means: string;
  calls(words: readonly string[], network: L1Network, governed: Governed): Promise<readonly GovernanceCall[]>;
}

type Contract = keyof typeof governedAbis;

/** A call of a contract; `target` where it is not among the governed ones. */
const callOf = (
  governed: Governed,
  contract: Contract,
  functionName: string,
  args: readonly unknown[] = [],
  target = governed[contract]!,
): GovernanceCall => {
  const abi: Abi = governedAbis[contract];
  return { target, value: 0n, data: encodeFunctionData({ abi, functionName, args }) };
};

/** A change that is one call with one address. */
const namesAccount = (means: string, contract: Contract, functionName: string): Change => ({
  words: "<address>",
  most: 1,
  means,
  calls: async ([account], _, governed) => [callOf(governed, contract, functionName, [addressIn(account)])],
});

const admits = (means: string, yes: boolean): Change => ({
  words: "<address>",
  most: 1,
  means,
  calls: async ([account], _, governed) => [callOf(governed, "lockingPool", "setWhitelist", [addressIn(account), yes])],
});

/** What `metis admin propose` knows to propose. */
export const changes: Readonly<Record<string, Change>> = {
  set: {
    words: "<name=value...>",
    most: Infinity,
    means: "parameters, within their bounds: set challengeWindow=8d rate=15%",
    calls: (words, network, governed) => parameterCalls(words, network, governed),
  },
  guardian: namesAccount("who may pause withdrawals", "systemConfig", "setGuardian"),
  council: namesAccount("who may refund slashes in escrow", "slashingManager", "setCouncil"),
  insurance: namesAccount("who gets released slashes", "slashingManager", "setInsuranceFund"),
  admit: admits("put an account on the admission list", true),
  expel: admits("take an account off the admission list; its seat stays", false),
  "open-admission": {
    words: "",
    most: 0,
    means: "let anyone with the stake take a seat, for ever",
    calls: async (_, __, governed) => [callOf(governed, "lockingPool", "openAdmission")],
  },
  delay: {
    words: "<time>",
    most: 1,
    means: "how long proposals wait; not below the floor",
    calls: async ([time = ""], _, governed) => [
      callOf(governed, "timelock", "updateDelay", [parseValue("delay", time)]),
    ],
  },
  upgrade: {
    words: "<contract> <implementation> [data]",
    most: 3,
    means: "the code behind a contract, and what to call on it",
    calls: async ([contract = "", implementation, data = "0x"], { l1 }, governed) => {
      const proxy = Object.hasOwn(governed, contract) ? governed[contract] : undefined;
      if (proxy === undefined) throw unknown("contract", contract, Object.keys(governed));
      const args = [proxy, addressIn(implementation), bytesIn(data)];
      return [callOf(governed, "proxyAdmin", "upgradeAndCall", args, await proxyAdminOf(l1, proxy))];
    },
  },
  call: {
    words: "<address> <data>",
    most: 2,
    means: "anything else",
    calls: async ([target, data]) => [{ target: addressIn(target), value: 0n, data: bytesIn(data) }],
  },
};

/** The calls of a change in words. Throws `UsageError`. */
export async function callsOf(
  what: string,
  words: readonly string[],
  network: L1Network,
): Promise<readonly GovernanceCall[]> {
  const change = Object.hasOwn(changes, what) ? changes[what] : undefined;
  if (!change) throw unknown("change", what, Object.keys(changes));
  if (words.length > change.most)
    throw new UsageError(`${what} takes ${change.words || "nothing more"}: "${words[change.most]}" is too much`);
  return change.calls(words, network, await governedBy(network));
}

async function governedBy({ l1, contracts: { systemConfig } }: L1Network): Promise<Governed> {
  const system = { address: systemConfig, abi: governedAbis.systemConfig } as const;
  const [addresses, timelock] = await Promise.all([
    readContract(l1, { ...system, functionName: "addresses" }),
    readContract(l1, { ...system, functionName: "owner" }),
  ]);
  return { ...addresses, systemConfig, timelock };
}

interface Holder {
  readonly contract: Contract;
  readonly setter: string;
}
/** Who holds which group of parameters. */
const holders: Readonly<Record<keyof GovernedParameters, Holder>> = {
  order: { contract: "systemConfig", setter: "setParameters" },
  staking: { contract: "systemConfig", setter: "setStakingParameters" },
  delegation: { contract: "delegation", setter: "setParameters" },
  rewards: { contract: "emissionReserve", setter: "setParameters" },
  handover: { contract: "emergencyHandover", setter: "setParameters" },
  posting: { contract: "posterVault", setter: "setParameters" },
};

/** A call for each group that changes, with the group's other parameters as they are. */
async function parameterCalls(
  words: readonly string[],
  { l1, contracts }: L1Network,
  governed: Governed,
): Promise<readonly GovernanceCall[]> {
  if (words.length === 0) throw new UsageError("set takes name=value, once or more");
  const { parameters } = await getGovernance(l1, { contracts });
  const groups = Object.entries(parameters).map(([group, values]) => ({
    holder: holders[group as keyof GovernedParameters],
    values: Object.assign({}, values) as Record<string, number | bigint>,
    changed: false,
  }));
  for (const word of words) {
    const [name = "", ...parts] = word.split("=");
    const text = parts.join("=");
    const group = groups.find(({ values }) => Object.hasOwn(values, name));
    if (!group)
      throw unknown(
        "parameter",
        name,
        groups.flatMap(({ values }) => Object.keys(values)),
      );
    const value = parseValue(name, text);
    group.values[name] = typeof group.values[name] === "bigint" ? value : Number(value);
    group.changed = true;
  }
  return groups
    .filter(({ changed }) => changed)
    .map(({ holder, values }) => callOf(governed, holder.contract, holder.setter, [values]));
}

/** ERC-1967: keccak256("eip1967.proxy.admin") - 1. */
const adminSlot: Hex = "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103";

async function proxyAdminOf(l1: Client, proxy: Address): Promise<Address> {
  const word = await getStorageAt(l1, { address: proxy, slot: adminSlot });
  const admin = word && slice(word, -20);
  if (admin === undefined || BigInt(admin) === 0n) throw new UsageError(`${proxy} is no proxy: its code never changes`);
  return admin;
}

const addressIn = (text = ""): Address => parseAddress(text, "the change");

/** Whole bytes in hex. */
function bytesIn(text = ""): Hex {
  if (!isHex(text) || text.length % 2 === 1)
    throw new UsageError(`data is bytes in hex, 0x and two digits each, not "${text}"`);
  return text;
}

const unknown = (kind: string, given: string, known: readonly string[]): UsageError =>
  new UsageError(`there is no ${kind} "${given}": ${known.join(", ")}`);
