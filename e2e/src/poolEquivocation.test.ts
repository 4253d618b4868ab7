import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { encodeAttestationMessage, MeshChannel, MeshChannels } from "@metis/committee";
import type { MetisNode } from "@metis/node";
import { blockAttestationDigest, genesisConfigHash, recoverSigner, signDigest, signingDomain } from "@metis/protocol";
import type { BlockAttestation } from "@metis/protocol";
import { lockingPoolAbi, slashingManagerAbi } from "@metis/protocol/contracts";
import { Mesh, silentLogger, systemClock } from "@metis/runtime";
import { zeroHash } from "viem";
import type { Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { seatKeyOf, until, World } from "./world.ts";

const cheat = privateKeyToAccount(seatKeyOf(3)).address.toLowerCase() as Address;

suite("a member that signs two blocks of one number", () => {
  let world: World;
  const nodes: MetisNode[] = [];
  let mesh: Mesh;
  before(async () => {
    world = await World.start({ seats: 4, chain: { epochLength: 40, maxAnchorStep: 32, heartbeat: 4 } });
    world.mine(120);
    for (const index of [0, 1, 2]) nodes.push(await world.seat(index));
    mesh = new Mesh({
      identity: { address: cheat, sign: async (digest) => signDigest(digest, seatKeyOf(3)), recover: recoverSigner },
      domain: genesisConfigHash(world.deployment.genesisConfig),
      listen: { host: "127.0.0.1", port: 0 },
      peers: [],
      isMember: () => true,
      clock: systemClock(),
      logger: silentLogger(),
    });
    await mesh.start();
    const links = nodes[0]!.mesh!;
    links.addPeer({ address: cheat, host: "127.0.0.1", port: mesh.port });
    await until("the cheat is linked", () => links.connected.includes(cheat) && mesh.connected.length === 1);
  });
  after(async () => {
    await mesh?.stop();
    await world?.stop();
  });

  test("is slashed in full and tombstoned, the reporter is paid, and the next set is without it", async () => {
    const [node] = nodes;
    const { chain, heads, deployment } = node!.base;
    const honest = await until("a block is signed", () => chain.certificate(heads.heads().signed.number)?.attestation);
    const domain = signingDomain(deployment.genesisConfig);
    const channel = new MeshChannels(mesh, silentLogger()).channel(MeshChannel.attestations);
    const twice = [honest, { ...honest, outputRoot: zeroHash } satisfies BlockAttestation].map((attestation) => {
      const signature = signDigest(blockAttestationDigest(domain, attestation), seatKeyOf(3));
      return encodeAttestationMessage({ kind: "attestation", attestation, signature });
    });
    const { client } = world.anvil;
    const { lockingPool, slashingManager } = deployment.contracts;
    const seat = { address: lockingPool, abi: lockingPoolAbi, functionName: "sequencers", args: [4n] } as const;
    const tombstoned = 3;
    const slashed = await until("the seat is tombstoned", async () => {
      // A message may be lost: a cheat that wants to be heard says it again.
      for (const message of twice) channel.broadcast(message);
      const found = await client.readContract(seat);
      return found.status === tombstoned ? found : undefined;
    });
    assert.equal(slashed.amount, 0n);
    const [event] = await client.getContractEvents({
      address: slashingManager,
      abi: slashingManagerAbi,
      eventName: "SeatSlashed",
      fromBlock: 0n,
    });
    const reporter = event!.args.reporter!.toLowerCase();
    assert.ok(deployment.sequencers.some(({ signer }) => signer === reporter && signer !== cheat));
    const reward = await client.readContract({
      address: slashingManager,
      abi: slashingManagerAbi,
      functionName: "credits",
      args: [event!.args.reporter!],
    });
    assert.ok(reward > 0n);
    await until("a set without the cheat signs", () => {
      const { members } = chain.certificate(heads.heads().signed.number)?.certificate ?? {};
      return members?.length === 3 && members.every(({ signer }) => signer !== cheat);
    });
  });
});
