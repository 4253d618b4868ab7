import { MeshChannels } from "@metis/committee";
import type { Signer } from "@metis/committee";
import { genesisConfigHash } from "@metis/protocol";
import type { GenesisConfig } from "@metis/protocol";
import { Mesh } from "@metis/runtime";
import type { Clock, Logger, Service } from "@metis/runtime";
import type { Address } from "viem";
import { recoverDigestSigner } from "../signatures.ts";
import type { EpochSets } from "./epochSets.ts";
import { parseEndpoint, parsePeer } from "./peers.ts";
import type { Peer } from "./peers.ts";

export interface PoolMeshOptions {
  readonly genesisConfig: GenesisConfig;
  readonly signer: Signer;
  readonly sets: Pick<EpochSets, "isMember">;
  /** As the options give them. */
  readonly listen: string;
  readonly peers: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The links of this seat to the other members, and the channels over them (docs/spec/pool.md, "Mesh"). */
export interface PoolMesh {
  readonly service: Service;
  readonly channels: MeshChannels;
  /** Port it listens on, once started. */
  readonly port: number;
  /** Members linked now. */
  readonly connected: readonly Address[];
  /** Messages not sent because a member was too slow. */
  readonly dropped: number;
  /** Calls back whenever a link to a member comes up. Returns what ends it. */
  onLink(listener: (member: Address) => void): () => void;
  /** Takes a member's new place, or a new member. */
  addPeer(peer: Peer): void;
}

export function createPoolMesh(options: PoolMeshOptions): PoolMesh {
  const { genesisConfig, signer, sets, listen, peers, clock, logger } = options;
  const mesh = new Mesh({
    identity: {
      address: signer.address,
      sign: (digest, message) => signer.sign(digest, { type: "MESH_HELLO", message }),
      recover: recoverDigestSigner,
    },
    domain: genesisConfigHash(genesisConfig),
    listen: parseEndpoint(listen),
    peers: peers.map(parsePeer).filter(({ address }) => address !== signer.address),
    isMember: (address) => sets.isMember(address),
    clock,
    logger,
  });
  return {
    service: mesh,
    channels: new MeshChannels(mesh, logger),
    get port() {
      return mesh.port;
    },
    get connected() {
      return mesh.connected;
    },
    get dropped() {
      return mesh.dropped;
    },
    onLink: (listener) => mesh.onLink(listener),
    addPeer: (peer) => mesh.addPeer(peer),
  };
}
