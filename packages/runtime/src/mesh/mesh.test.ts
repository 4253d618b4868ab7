import assert from "node:assert/strict";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { recoverSigner, signDigest, addressOfKey } from "@metis/protocol";
import { keccak256, toHex } from "viem";
import type { Address, Hex } from "viem";
import { ManualClock, systemClock } from "../clock.ts";
import { silentLogger } from "../logger.ts";
import { Mesh } from "./mesh.ts";
import type { MeshOptions } from "./mesh.ts";

const clock = systemClock();
const domain: Hex = keccak256(toHex("test mesh"));
const keys = [1, 2, 3, 4].map((number) => keccak256(toHex(`member ${number}`)));
const addresses = keys.map((key) => addressOfKey(key).toLowerCase() as Address);
const listen = { host: "127.0.0.1", port: 0 };

async function member(context: TestContext, index: number, more: Partial<MeshOptions> = {}): Promise<Mesh> {
  const key = keys[index]!;
  const mesh = new Mesh({
    identity: { address: addresses[index]!, sign: async (digest) => signDigest(digest, key), recover: recoverSigner },
    domain,
    listen,
    peers: [],
    isMember: (address) => addresses.slice(0, 3).includes(address),
    clock,
    logger: silentLogger(),
    ...more,
  });
  context.after(() => mesh.stop());
  await mesh.start();
  return mesh;
}

const introduce = (meshes: readonly Mesh[]): void =>
  meshes.forEach((mesh) =>
    meshes.forEach((other, at) => mesh.addPeer({ address: addresses[at]!, host: "127.0.0.1", port: other.port })),
  );
const next = (mesh: Mesh): Promise<{ from: Address; text: string }> =>
  new Promise((resolve) => mesh.receive((from, message) => resolve({ from, text: new TextDecoder().decode(message) })));
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
}

test("members find each other and know who speaks", async (context) => {
  const meshes = await Promise.all([0, 1, 2].map((index) => member(context, index)));
  introduce(meshes);
  await until(() => meshes.every(({ connected }) => connected.length === 2));
  const heard = [next(meshes[1]!), next(meshes[2]!)];
  meshes[0]!.broadcast(new TextEncoder().encode("hello"));
  assert.deepEqual(await Promise.all(heard), [
    { from: addresses[0], text: "hello" },
    { from: addresses[0], text: "hello" },
  ]);
  const alone = next(meshes[0]!);
  meshes[2]!.send(addresses[0]!, new TextEncoder().encode("to you"));
  assert.deepEqual(await alone, { from: addresses[2], text: "to you" });
});

test("a stranger with a key of its own, a member of another mesh and a liar about its address are let in nowhere", async (context) => {
  const [low, high] = [0, 1, 2].toSorted((a, b) => (BigInt(addresses[a]!) < BigInt(addresses[b]!) ? -1 : 1));
  const mesh = await member(context, high!);
  const peers = [{ address: addresses[high!]!, host: "127.0.0.1", port: mesh.port }];
  const refused = (index: number, more: Partial<MeshOptions>): Promise<void> =>
    new Promise((resolve) => {
      const logger = { ...silentLogger(), warn: () => resolve(), child: silentLogger };
      void member(context, index, { peers, logger, ...more });
    });
  const liar = {
    address: addresses[low!]!,
    sign: async (digest: Hex) => signDigest(digest, keys[3]!),
    recover: recoverSigner,
  };
  await refused(low!, { domain: keccak256(toHex("other mesh")) });
  await refused(low!, { identity: liar });
  assert.deepEqual(mesh.connected, []);
});

test("a port that is taken is said so", async (context) => {
  const { port } = await member(context, 0);
  const taken = { listen: { host: "127.0.0.1", port } };
  await assert.rejects(member(context, 1, taken), {
    code: "port-taken",
    message: new RegExp(`port ${port} .* is taken`),
  });
});

test("a member that comes back is linked again", async (context) => {
  const [a, b] = addresses[0]! < addresses[1]! ? [0, 1] : [1, 0];
  const lower = await member(context, a);
  const higher = await member(context, b);
  const { port } = higher;
  lower.addPeer({ address: addresses[b]!, host: "127.0.0.1", port });
  await until(() => lower.connected.length === 1);
  await higher.stop();
  await until(() => lower.connected.length === 0);
  const again = await member(context, b, { listen: { host: "127.0.0.1", port } });
  await until(() => lower.connected.length === 1 && again.connected.length === 1);
});

test("a newcomer reaches members that were never told where it is, whichever address is the lower", async (context) => {
  const old = await Promise.all([0, 1].map((index) => member(context, index)));
  const peers = old.map(({ port }, index) => ({ address: addresses[index]!, host: "127.0.0.1", port }));
  assert.ok(peers.some(({ address }) => BigInt(address) < BigInt(addresses[2]!)));
  const time = new ManualClock();
  const newcomer = await member(context, 2, { peers, clock: time });
  await time.advance(2_000);
  await until(() => newcomer.connected.length === 2 && old.every(({ connected }) => connected.length === 1));
});

test("a newer link takes the place of an older one, once, and nobody dials for it", async (context) => {
  const [low, high] = addresses[0]! < addresses[1]! ? [0, 1] : [1, 0];
  const old = await member(context, high);
  const mesh = await member(context, low);
  const ups: Address[] = [];
  mesh.onLink((peer) => ups.push(peer));
  mesh.addPeer({ address: addresses[high]!, host: "127.0.0.1", port: old.port });
  await until(() => old.connected.length === 1);
  const peers = [{ address: addresses[low]!, host: "127.0.0.1", port: mesh.port }];
  const time = new ManualClock();
  const again = await member(context, high, { peers, clock: time });
  await time.advance(2_000);
  await until(() => again.connected.length === 1 && old.connected.length === 0);
  for (let visits = 0; visits < 5; visits++) {
    const visit = new ManualClock();
    const visitor = await member(context, 2, { peers, clock: visit });
    await visit.advance(2_000);
    await until(() => visitor.connected.length === 1);
    await visitor.stop();
  }
  assert.equal(ups.filter((peer) => peer === addresses[high]).length, 2);
});

test("who is linked is not dialled again", async (context) => {
  const time = new ManualClock();
  const meshes = await Promise.all([0, 1].map((index) => member(context, index, { clock: time })));
  introduce(meshes);
  const [first, second] = meshes;
  await until(() => meshes.every(({ connected }) => connected.length === 1));
  const heard = new Promise((resolve) => second!.receive((_, message) => resolve(message.length)));
  // The one with the higher address wanted to dial a second after the other.
  await time.advance(1_500);
  assert.deepEqual(
    meshes.map(({ connected }) => connected.length),
    [1, 1],
  );
  first!.send(addresses[1]!, new Uint8Array(3));
  assert.equal(await heard, 3);
});

test("a member that changed its key is found where it was, also after the link was lost", async (context) => {
  const newKey = await member(context, 1);
  const { port } = newKey;
  const old = { address: addresses[0]!, host: "127.0.0.1", port };
  const seeker = await member(context, 2, { peers: [old] });
  await until(() => seeker.connected[0] === addresses[1]);
  await newKey.stop();
  await until(() => seeker.connected.length === 0);
  await member(context, 1, { listen: { host: "127.0.0.1", port } });
  await until(() => seeker.connected[0] === addresses[1]);
});

test("a member never links with itself", async (context) => {
  const refused = Promise.withResolvers<unknown>();
  const warn = (_: string, fields?: object): void => refused.resolve(fields);
  const logger = { ...silentLogger(), warn };
  const own = await member(context, 0, { logger });
  own.addPeer({ address: addresses[1]!, host: "127.0.0.1", port: own.port });
  assert.match(JSON.stringify(await refused.promise), /itself/);
  assert.deepEqual(own.connected, []);
});

test("a member that is none any more loses its link at the next heartbeat", async (context) => {
  const time = new ManualClock();
  const members = new Set(addresses);
  const meshes = await Promise.all(
    [0, 1].map((index) => member(context, index, { clock: time, isMember: (address) => members.has(address) })),
  );
  introduce(meshes);
  await until(() => meshes.every(({ connected }) => connected.length === 1));
  members.delete(addresses[1]!);
  await time.advance(2_000);
  await until(() => meshes.every(({ connected }) => connected.length === 0));
});

test("nonsense before and behind the handshake ends that socket and nothing else", async (context) => {
  const mesh = await member(context, 0);
  const closed = (socket: ReturnType<typeof connect>): Promise<void> =>
    new Promise((resolve) => socket.on("error", () => undefined).once("close", () => resolve()));
  const plain = connect(mesh.port, "127.0.0.1", () => plain.write("GET / HTTP/1.1\r\n\r\n"));
  await closed(plain);
  const noise = connectTls({ port: mesh.port, host: "127.0.0.1", rejectUnauthorized: false }, () =>
    noise.write(Buffer.alloc(500, 7)),
  );
  noise.resume();
  await closed(noise);
  const old = connectTls({ port: mesh.port, host: "127.0.0.1", rejectUnauthorized: false, maxVersion: "TLSv1.2" });
  await closed(old);
  assert.equal(mesh.health().status, "ok");
});
