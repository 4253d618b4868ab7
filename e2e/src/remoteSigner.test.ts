import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { encodeDeployment } from "@metis/node";
import type { MetisNode } from "@metis/node";
import {
  blockAttestationHash,
  encodeBlockAttestation,
  recoverSigner,
  signingDomain,
  signingPreimage,
} from "@metis/protocol";
import { freePorts, startChild, systemClock } from "@metis/runtime";
import type { Child } from "@metis/runtime";
import { endWithUs } from "@metis/testing";
import { keccak256, zeroHash } from "viem";
import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { seatKeyOf, until, World } from "./world.ts";

const cli = join(import.meta.dirname, "../../packages/cli/src/main.ts");
const held = privateKeyToAccount(seatKeyOf(0)).address.toLowerCase() as Address;

/** `metis signer serve` with seat 0's key, in a process of its own. */
class Signer {
  readonly #args: readonly string[];
  #child: Child | undefined;
  #port: number | undefined;
  url = "";

  constructor({ folder, deployment }: World) {
    const file = (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const args = ["--deployment", file("deployment.json", encodeDeployment(deployment))];
    args.push("--key-file", file("held.key", seatKeyOf(0)), "--data-dir", join(folder, "signer"));
    this.#args = [...args, "--token-file", file("token", "open sesame\n")];
  }

  /** Listens where it did before. */
  async start(): Promise<void> {
    this.#port ??= (await freePorts(1))[0];
    const args = ["--conditions=@metis/source", cli, "signer", "serve", ...this.#args, "--port", String(this.#port)];
    this.#child = endWithUs(await startChild({ name: "signer", file: process.execPath, args }, systemClock()));
    this.url = (await this.#child.ready(/^ready (\S+)$/, 60_000))[1]!;
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.stop();
  }

  ask(path: string, body?: object): Promise<Response> {
    const headers = { authorization: "Bearer open sesame", "content-type": "application/json" };
    return fetch(new URL(path, this.url), { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
  }
}

suite("a seat whose key is in a remote signer, in a pool that cannot do without it", () => {
  let world: World;
  let signer: Signer;
  let node: MetisNode;
  const signedHead = (): bigint => node.base.heads.heads().signed.number;
  before(async () => {
    world = await World.start({ seats: 4, chain: { epochLength: 40, maxAnchorStep: 32, heartbeat: 4 } });
    world.mine(120);
    signer = new Signer(world);
    await signer.start();
    node = await world.seat(0, {
      "signer.keyFile": undefined,
      "signer.url": signer.url,
      "signer.tokenFile": join(world.folder, "token"),
      "signer.timeoutMs": 5_000,
      "batcher.keyFile": join(world.folder, "seat-0.key"),
    });
    // Three of four: no block is decided or signed without the seat under test.
    for (const index of [1, 2]) await world.seat(index);
  });
  after(async () => {
    await signer?.kill();
    await world?.stop();
  });

  test("it votes, signs blocks and batches: the chain is made, and becomes safe", async () => {
    const { heads, chain } = node.base;
    await until("a batch is derived from L1", () => heads.heads().safe.number > 0n);
    const { attestation, certificate } = await until("a block is signed", () => chain.certificate(signedHead()));
    const index = certificate.members.findIndex((member) => member.signer === held);
    assert.equal((certificate.bitmap >> BigInt(index)) & 1n, 1n);
    assert.ok(attestation.number > 0n);
    const metrics = await (await signer.ask("/metrics")).text();
    for (const type of ["ENGINE_VOTE", "BLOCK_ATTESTATION", "STATE_CLAIM", "MESH_HELLO"])
      assert.match(metrics, new RegExp(`metis_signatures\\{type="${type}",outcome="signed"\\} [1-9]`));
  });

  test("when the signer is gone the node's health says so, and when it is back the chain goes on", async () => {
    await signer.kill();
    const health = await until("the node notices", () => {
      const found = node.health();
      return found.status === "degraded" && found.detail?.includes("remote signer") && found;
    });
    assert.match(health.detail ?? "", /the remote signer at .* does not answer/);
    const stoodAt = signedHead();
    await signer.start();
    await until("the pool signs again", () => signedHead() > stoodAt + 2n);
    await until("the node is well", () => node.health().status === "ok");
  });

  test("the signer itself refuses a second signature for a number, whoever asks", async () => {
    const { chain, deployment } = node.base;
    const { attestation } = await until("a block is signed", () => chain.certificate(signedHead()));
    const domain = signingDomain(deployment.genesisConfig);
    const [publicKey] = (await (await signer.ask("/api/v1/eth1/publicKeys")).json()) as Hex[];
    const bodyOf = (value: typeof attestation) => ({
      type: "BLOCK_ATTESTATION",
      data: signingPreimage(domain, blockAttestationHash(value)),
      message: encodeBlockAttestation(value),
    });
    const path = `/api/v1/eth1/sign/${publicKey}`;
    const second = await signer.ask(path, bodyOf({ ...attestation, outputRoot: zeroHash }));
    assert.equal(second.status, 412);
    assert.equal(((await second.json()) as { code: string }).code, "double-sign");
    const again = await signer.ask(path, bodyOf(attestation));
    assert.equal(recoverSigner(keccak256(bodyOf(attestation).data), (await again.text()) as Hex), held);
  });
});
