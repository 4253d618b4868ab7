// The genesis of a plan, its addresses, and its signed transactions.
import { beaconRootsRuntime, historyRuntime } from "@metis/protocol/contracts";
import { predeploys } from "@metis/protocol";
import { numberToHex, type AccessList, type Address, type Hex } from "viem";
import { privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import type { Genesis, GenesisAccount } from "../genesis.ts";
import { parseGethGenesis } from "../gethGenesis.ts";
import { fuzzForks, keys, type FuzzFork, type Plan, type PlannedTransaction, type Target } from "./plan.ts";

export const chainId = 901_088;
export const genesisBalance = 10n ** 21n;
export const baseFee = 10n ** 9n;
/** EIP-4844: what one blob's hash begins with, and counts as. */
const blobHash = (index: number): Hex => `0x01${numberToHex(index, { size: 31 }).slice(2)}`;
/** EIP-7002 and EIP-7251: a contract that requests nothing. */
const requestContracts: readonly Address[] = [
  "0x00000961Ef480Eb55e80D19ad83579A64c007002",
  "0x0000BBdDc7CE488642fb579F8B00f3a590007251",
];

const accounts: readonly PrivateKeyAccount[] = Array.from({ length: keys }, (_, i) =>
  privateKeyToAccount(numberToHex(i + 1, { size: 32 })),
);

/** Where `target` is; the zero address for "new". */
export function addressOf(target: Target): Address {
  const [kind, number = "0"] = target.split(" ");
  if (kind === "account") return accounts[Number(number)]!.address.toLowerCase() as Address;
  if (kind === "contract") return numberToHex(0xc0 + Number(number) + 0x10000, { size: 20 });
  return numberToHex(Number(number), { size: 20 });
}

/** Blob limits of each fork that has some, as mainnet's. */
const blobs = {
  cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 },
  prague: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
  osaka: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
};

/** Accounts of block 0: all keys are funded, contracts hold a slot and some wei. */
export function allocOf({ codes }: Plan): Record<Address, GenesisAccount> {
  const funded = accounts.map(({ address }) => [address.toLowerCase(), { balance: genesisBalance }] as const);
  const storage = { [numberToHex(1, { size: 32 })]: numberToHex(7, { size: 32 }) };
  const deployed = codes.map(
    (code, i) => [addressOf(`contract ${i}`), { nonce: 1n, balance: 10n, code, storage }] as const,
  );
  const system = [
    [predeploys.history, historyRuntime],
    [predeploys.beaconRoots, beaconRootsRuntime],
    ...requestContracts.map((address) => [address.toLowerCase(), "0x00"] as const),
  ].map(([address, code]) => [address, { nonce: 1n, balance: 0n, code }] as const);
  return Object.fromEntries([...funded, ...deployed, ...system]);
}

/** Forks up to `fork` at time 0, as geth's genesis names them. */
export function genesisOf(plan: Plan): Genesis {
  const names = [
    "homestead",
    "eip150",
    "eip158",
    "byzantium",
    "constantinople",
    "petersburg",
    "istanbul",
    "berlin",
    "london",
  ];
  const timed = fuzzForks.slice(0, fuzzForks.indexOf(plan.fork) + 1);
  const genesis = parseGethGenesis({
    config: {
      chainId,
      ...Object.fromEntries(names.map((fork) => [`${fork}Block`, 0])),
      terminalTotalDifficulty: 0,
      ...Object.fromEntries(timed.map((fork) => [`${fork}Time`, 0])),
      blobSchedule: Object.fromEntries(Object.entries(blobs).filter(([fork]) => timed.includes(fork as FuzzFork))),
    },
    gasLimit: "0x1c9c380",
    baseFeePerGas: numberToHex(baseFee),
    alloc: {},
  });
  return { ...genesis, alloc: allocOf(plan) };
}

/** Signs the transactions of one block. `nonceOf`: of an account at the block's start. */
export async function signBlock(
  transactions: readonly PlannedTransaction[],
  nonceOf: (address: Address) => number,
): Promise<Hex[]> {
  const next = new Map<number, number>();
  const signed: Hex[] = [];
  for (const planned of transactions) {
    const { from } = planned;
    const nonce = next.get(from) ?? nonceOf(addressOf(`account ${from}`));
    next.set(from, nonce + 1);
    signed.push(await sign(planned, nonce, nonceOf));
  }
  return signed;
}

async function sign(planned: PlannedTransaction, nonce: number, nonceOf: (address: Address) => number): Promise<Hex> {
  const signer = accounts[planned.from]!;
  const shared = {
    nonce,
    value: BigInt(planned.value),
    data: planned.data,
    gas: BigInt(planned.gas),
    ...(planned.to === "new" ? {} : { to: addressOf(planned.to) }),
  };
  const gasPrice = 10n * baseFee;
  const accessList: AccessList = (planned.accessList ?? []).map(({ to, slots }) => ({
    address: addressOf(to),
    storageKeys: slots.map((slot) => numberToHex(slot, { size: 32 })),
  }));
  const fees = { maxFeePerGas: gasPrice, maxPriorityFeePerGas: BigInt(planned.tip) };
  if (planned.type === 0) return signer.signTransaction({ ...shared, type: "legacy", chainId, gasPrice });
  if (planned.type === 1) return signer.signTransaction({ ...shared, type: "eip2930", chainId, gasPrice, accessList });
  if (planned.type === 2) return signer.signTransaction({ ...shared, type: "eip1559", chainId, ...fees, accessList });
  const to = addressOf(planned.to);
  if (planned.type === 3) {
    const blobVersionedHashes = Array.from({ length: planned.blobs ?? 1 }, (_, i) => blobHash(i));
    const blobFees = { maxFeePerBlobGas: gasPrice, blobVersionedHashes };
    return signer.signTransaction({ ...shared, to, type: "eip4844", chainId, ...fees, ...blobFees, accessList });
  }
  const authorizationList = [];
  for (const { by, to: delegate, nonceAhead, anyChain } of planned.authorizations ?? [])
    authorizationList.push(
      await accounts[by]!.signAuthorization({
        contractAddress: addressOf(delegate),
        chainId: anyChain ? 0 : chainId,
        nonce: nonceOf(addressOf(`account ${by}`)) + nonceAhead,
      }),
    );
  return signer.signTransaction({ ...shared, to, type: "eip7702", chainId, ...fees, authorizationList, accessList });
}
