import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMvm } from "@metis/mvm";
import type { BlockView } from "@metis/mvm";
import { decodeDeployment, deployL1, encodeDeployment } from "@metis/node";
import type { L1Deployment, L2Genesis } from "@metis/node";
import { decodeRlp, devnetChainIds, MetisError } from "@metis/protocol";
import type { OutputRootPreimage } from "@metis/protocol";
import { startAnvil } from "@metis/runtime";
import type { Anvil, Clock } from "@metis/runtime";
import { createPublicClient, createTestClient, hexToBytes, http, keccak256, parseEther, toHex } from "viem";
import type { Address } from "viem";
import { devAccounts, seatAccounts } from "./accounts.ts";
import { DevnetError } from "./files.ts";
import type { DevnetFiles } from "./files.ts";
import { fundAccounts } from "./fund.ts";
import { defaultSeats } from "./options.ts";
import type { DevnetOptions } from "./options.ts";

/** METIS wei of every payer of a seat on L2 at genesis: what reports of epochs cost. */
const payerBalance = parseEther("100");
/** METIS wei of every user, on L2 at genesis and on L1. */
const userBalance = parseEther("10000");
/** METIS of a user on L1: enough to take a seat. */
const userL1Metis = parseEther("50000");
const metisSupply = parseEther("10000000");
/** What staking is paid from: decades of a devnet's rewards. */
const rewardsMetis = parseEther("3000000");
/** A seat's stake: the least a sequencer locks. */
const seatStake = 20_000n * 10n ** 18n;

/** Nodes read L1's latest state and its logs; deeper reorgs than this are for tests with an anvil of their own. */
const keptStates = 16;

/** L1 of the devnet on `port`: taken up again where it stopped, or new. */
export async function startL1(
  options: DevnetOptions,
  files: DevnetFiles,
  clock: Clock,
  hooks: {
    readonly port: number;
    readonly onExit: (reason: string) => void;
    readonly onSaveFailed: (error: unknown) => void;
  },
): Promise<Anvil> {
  // Saved in the middle of a deployment that was cut off: of no use.
  if (!files.exists(files.deployment)) rmSync(files.l1State, { force: true });
  return startAnvil(
    {
      chainId: devnetChainIds.l1,
      state: files.l1State,
      slotsInAnEpoch: 1,
      keptStates,
      ownGroup: true,
      ...hooks,
    },
    clock,
  );
}

/**
 * The deployment in the folder, or a new one. Throws `l1-lost` when L1 does not hold the contracts that the folder speaks of,
 * and `other-seats` when it was made for another number of them.
 */
export async function ensureDeployment(
  options: DevnetOptions,
  files: DevnetFiles,
  l1: Anvil,
  onStep: (what: string) => void,
): Promise<L1Deployment> {
  if (files.exists(files.deployment)) {
    const deployment = readDeployment(files);
    requireSeats(options, deployment.sequencers.length, files.root);
    await requireContracts(l1.url, deployment.contracts.batchInbox, files.root);
    return deployment;
  }
  const seats = Array.from({ length: options.seats ?? defaultSeats }, (_, index) => seatAccounts(index));
  // Anvil makes a new block 0 at each start and mixes it up with the saved one: the chain begins above it.
  await createTestClient({ mode: "anvil", transport: http(l1.url) }).mine({ blocks: 1 });
  const deployment = await deployL1({
    transport: http(l1.url),
    deployer: devAccounts.deployer.account,
    l2ChainId: devnetChainIds.l2,
    profile: options.profile,
    salt: keccak256(toHex("metis devnet")),
    governors: [devAccounts.deployer.account.address],
    metis: { supply: metisSupply },
    seats: seats.map(({ signer }) => ({ owner: signer.account.address, amount: seatStake, signer: signer.account })),
    permissionless: true,
    guardian: devAccounts.guardian.account.address,
    council: devAccounts.guardian.account.address,
    emissionReserve: rewardsMetis,
    balances: Object.fromEntries([
      ...devAccounts.users.map(({ account }) => [account.address, userBalance]),
      ...seats.map(({ batcher }) => [batcher.account.address, payerBalance]),
    ]),
    anchor: "latest",
    sealGenesis,
    onStep,
  });
  const payers = seats.flatMap(({ signer, batcher }) => [signer.account.address, batcher.account.address]);
  await fundAccounts(l1.url, deployment.contracts.metisToken, userL1Metis, payers);
  await l1.save();
  files.write(files.deployment, encodeDeployment(deployment));
  return deployment;
}

/** Throws `other-version` for a folder of a devnet that another version of this program made. */
export function readDeployment(files: DevnetFiles): L1Deployment {
  try {
    return decodeDeployment(files.read(files.deployment));
  } catch (error) {
    if (!(error instanceof MetisError) || error.code !== "deployment-file-invalid") throw error;
    const advice = "Start anew with `metis devnet --reset`, or choose another --data-dir.";
    const message = `the devnet in ${files.root} was made by another version of this program. ${advice}`;
    throw new DevnetError("other-version", "reject", message, {});
  }
}

/** How many seats a pool begins with is decided once. */
function requireSeats({ seats }: DevnetOptions, deployed: number, root: string): void {
  if (seats === undefined || seats === deployed) return;
  const advice = "Leave --seats out to go on with it, or start anew with --reset.";
  throw new DevnetError(
    "other-seats",
    "reject",
    `the devnet in ${root} has ${deployed} seats, not ${seats}. ${advice}`,
    {},
  );
}

async function requireContracts(url: string, inbox: Address, root: string): Promise<void> {
  const code = await createPublicClient({ transport: http(url) }).getCode({ address: inbox });
  if (code !== undefined) return;
  const advice = "Start anew with `metis devnet --reset`, or choose another --data-dir.";
  throw new DevnetError(
    "l1-lost",
    "halt",
    `L1's saved state in ${root} does not hold the rollup's contracts. ${advice}`,
    {},
  );
}

/** Lets the virtual machine compute block 0 in a folder of its own. */
async function sealGenesis(genesis: L2Genesis): Promise<OutputRootPreimage> {
  const dataDir = mkdtempSync(join(tmpdir(), "metis-genesis-"));
  try {
    const mvm = await openMvm({ dataDir, genesis });
    const block = await mvm.reader.block("latest");
    await mvm.close();
    return rootsOf(block!);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Positions of an Ethereum header's fields (EIP-4895 put withdrawalsRoot at 16). */
function rootsOf({ hash, headerRlp }: BlockView): OutputRootPreimage {
  const fields = decodeRlp(hexToBytes(headerRlp)) as readonly Uint8Array[];
  return { stateRoot: toHex(fields[3]!), messagePasserStorageRoot: toHex(fields[16]!), blockHash: hash };
}
