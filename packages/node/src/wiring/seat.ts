import { faultToleranceWarning, holdsSeat } from "@metis/committee";
import { lockingPoolAbi } from "@metis/protocol/contracts";
import type { Address } from "viem";
import { NodeError } from "../errors.ts";
import { whenL1Answers } from "../l1/errors.ts";
import { PoolMonitor } from "../pool/monitor.ts";
import { createPoolMesh } from "../pool/poolMesh.ts";
import type { PoolMesh } from "../pool/poolMesh.ts";
import type { NodeBase } from "./base.ts";
import { openSeatKey } from "./keys.ts";
import type { SeatKey } from "./keys.ts";

/** The key of a seat, and its links to the other members. */
export interface Seat extends SeatKey {
  /** Absent in a pool of one. */
  readonly mesh: PoolMesh | undefined;
  readonly monitor: PoolMonitor;
}

/** Opens the seat's key. Throws `NodeError` for a missing key or one without a seat, `SignerError` for a remote one. */
export async function wireSeat(base: NodeBase): Promise<Seat> {
  const key = await openSeatKey(base);
  try {
    return await seatOf(base, key);
  } catch (error) {
    await key.close();
    throw error;
  }
}

async function seatOf(base: NodeBase, key: SeatKey): Promise<Seat> {
  const { options, deployment, epochSets, clock, metrics } = base;
  const logger = base.logger.child({ service: "mesh" });
  const { signer } = key;
  const set = await epochSets.of(0n);
  if (!holdsSeat(set, signer.address) && !(await isSignerOnL1(base, signer.address)))
    throw new NodeError(
      "not-in-set",
      "reject",
      `${signer.address} holds no seat of this chain: take one first (metis stake lock)`,
      {},
    );
  const warning = faultToleranceWarning(set);
  if (warning !== undefined) logger.warn(warning);
  if (engineOf(base, set.members.length) === "solo")
    return {
      ...key,
      mesh: undefined,
      monitor: new PoolMonitor({ self: signer.address, mesh: undefined, clock, metrics }),
    };
  const mesh = createPoolMesh({
    genesisConfig: deployment.genesisConfig,
    signer,
    sets: epochSets,
    listen: options["pool.listen"],
    peers: options["pool.peers"],
    clock,
    logger,
  });
  return { ...key, mesh, monitor: new PoolMonitor({ self: signer.address, mesh, clock, metrics }) };
}

/** Whether the key is, or was, a seat's: it may sign in a later epoch, or for earlier ones. While L1 is silent it counts as one. */
async function isSignerOnL1({ l1, deployment }: NodeBase, signer: Address): Promise<boolean> {
  const read = () => l1.read(lockingPoolAbi, deployment.contracts.lockingPool, "seqSigners", [signer]);
  return (await whenL1Answers(read)(new AbortController().signal)) !== 0n;
}

function engineOf({ options }: NodeBase, seats: number): "solo" | "embedded" {
  const { "pool.engine": engine } = options;
  if (engine === "auto") return seats === 1 ? "solo" : "embedded";
  if (engine === "solo" && seats > 1)
    throw new NodeError(
      "config-incomplete",
      "reject",
      `pool.engine: solo decides alone, and the pool has ${seats} seats`,
      {
        option: "pool.engine",
      },
    );
  return engine;
}
