import {
  EmbeddedEngine,
  GenerationalEngine,
  guardedKeys,
  MeshChannel,
  SoloEngine,
  defaultTimeouts,
} from "@metis/committee";
import type { ConsensusApplication, ConsensusEngine } from "@metis/committee";
import { epochOf } from "@metis/protocol";
import type { Epoch, Generation } from "@metis/protocol";
import { dropPart, partOf } from "@metis/runtime";
import type { Logger } from "@metis/runtime";
import { recoverDigestSigner } from "../signatures.ts";
import { engineDomain } from "../pool/engineDomain.ts";
import { generationMesh } from "../pool/generationMesh.ts";
import type { PoolMesh } from "../pool/poolMesh.ts";
import type { NodeBase } from "./base.ts";
import type { Seat } from "./seat.ts";

/** Decided heights kept for members that were away. */
const keptHeights = 100_000n;
/** A member that missed its turn stands at the end of the line for so many terms. */
const absenceTerms = 3;
/** A block must be built, sent and checked within the time that the others wait for its proposer. */
export const embeddedBuildMs = defaultTimeouts.propose / 2;
/** A leader whose blocks are cut for want of time begins them up to so many milliseconds before their time. */
export const embeddedLeadMs = 600;

/** What decides blocks: alone, or with the other members. */
export function wireEngine(
  base: NodeBase,
  seat: Seat,
  application: ConsensusApplication,
  logger: Logger,
): ConsensusEngine {
  const { mvm, status, clock } = base;
  const { signer, mesh, monitor } = seat;
  if (!mesh) {
    const firstHeight = mvm.head().number + 1n;
    return new SoloEngine({ address: signer.address, application, clock, logger, firstHeight });
  }
  const engine = new GenerationalEngine({
    generation: () => status.generation,
    make: (generation) => embeddedEngine(base, { ...seat, mesh }, generation, application, logger),
    clock,
    logger,
  });
  monitor.watchEngine(() => engine.engine);
  return engine;
}

const partName = (generation: Generation): string => `generation/${generation}`;

async function embeddedEngine(
  base: NodeBase,
  { signer, signVote, mesh, monitor }: Seat & { readonly mesh: PoolMesh },
  generation: Generation,
  application: ConsensusApplication,
  logger: Logger,
): Promise<EmbeddedEngine> {
  const { deployment, store, epochSets, clock } = base;
  const { chainConfig: config, genesisConfig } = deployment;
  // L1 may take a raise back, so the engine before this one is kept; those before it are not.
  if (generation > 1) await dropPart(store, partName(generation - 2));
  const set = await epochSets.of(firstEpoch(base, generation));
  return new EmbeddedEngine({
    address: signer.address,
    domain: engineDomain(genesisConfig, generation),
    keys: guardedKeys((digest, message) => signVote(digest, message, generation), recoverDigestSigner),
    genesis: { height: 1n, members: set.members },
    rules: { term: config.term, absence: absenceTerms * config.term },
    application,
    mesh: generationMesh(mesh.channels.channel(MeshChannel.consensus), generation),
    isReachable: (member) => mesh.connected.includes(member),
    store: partOf(store, partName(generation)),
    keptHeights,
    clock,
    logger,
    watch: monitor,
  });
}

/** That of the parent header which the generation's first batch builds on. */
function firstEpoch({ chain, deployment }: NodeBase, generation: Generation): Epoch {
  const { chainConfig: config } = deployment;
  let batch = chain.lastDerived();
  while (batch && batch.header.generation >= generation && batch.header.batchIndex > 0n)
    batch = chain.derived(batch.header.batchIndex - 1n);
  return epochOf(config, batch?.header.anchorNumber ?? config.genesisAnchorNumber);
}
