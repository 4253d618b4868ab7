import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { addressOfKey, blockAttestationDigest, receiptDigest, recoverSigner, signingDomain } from "@metis/protocol";
import type { BlockAttestation, GenesisConfig, Receipt } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { createMetrics, MemoryStore, Secret, silentLogger, systemClock } from "@metis/runtime";
import fc from "fast-check";
import { bytesToHex, concatHex, keccak256, numberToHex, stringToHex, zeroHash } from "viem";
import type { Hex } from "viem";
import { engineDomain } from "../pool/engineDomain.ts";
import { SigningDesk } from "./desk.ts";
import { SignerError } from "./errors.ts";
import { openSigningDesk } from "./open.ts";
import { RemoteSigner } from "./remote.ts";
import { requestOf, voteRequest } from "./requests.ts";
import { SignerServer } from "./server.ts";
import { testCertificate, testCertificateKey } from "./certificate.fixture.ts";

const key: Hex = `0x${"42".repeat(32)}`;
const address = addressOfKey(key);
const domain = signingDomain(modelGenesis);
const otherChain: GenesisConfig = { ...modelGenesis, l2ChainId: modelGenesis.l2ChainId + 1n };
const deskOf = (genesis = modelGenesis): SigningDesk => new SigningDesk(genesis, new MemoryStore(), [new Secret(key)]);

const attestationOf = (number: bigint, more: Partial<BlockAttestation> = {}): BlockAttestation => ({
  generation: 0,
  epoch: 0n,
  number,
  blockHash: zeroHash,
  outputRoot: zeroHash,
  anchorNumber: 3n,
  anchorHash: zeroHash,
  ...more,
});
const attest = (attestation: BlockAttestation, under = domain) =>
  requestOf(under, { type: "BLOCK_ATTESTATION", attestation });
const receiptOf = (sequence: bigint, transactionHash: Hex = zeroHash): Receipt => ({
  generation: 0,
  transactionHash,
  sequence,
  firstBlock: 1n,
  lastBlock: 256n,
});
const receipt = (value: Receipt) => requestOf(domain, { type: "RECEIPT", receipt: value });
/** A prevote as the kernel lays it out. */
const voteOf = (height: number, value: Hex, generation = 0, genesis = modelGenesis): Hex =>
  concatHex([
    stringToHex("metis-bft-1"),
    engineDomain(genesis, generation),
    "0x01",
    numberToHex(height, { size: 8 }),
    numberToHex(0, { size: 8 }),
    "0x01",
    value,
  ]);
const one = keccak256("0x01");

test("a block attestation is signed once for a generation and number, and numbers rise", async () => {
  const desk = deskOf();
  const attestation = attestationOf(7n);
  const { signature } = await desk.sign(address, attest(attestation));
  assert.equal(recoverSigner(blockAttestationDigest(domain, attestation), signature), address);
  assert.equal((await desk.sign(desk.publicKeys[0]!, attest(attestation))).signature, signature);
  await assert.rejects(desk.sign(address, attest(attestationOf(7n, { blockHash: one }))), { code: "double-sign" });
  await assert.rejects(desk.sign(address, attest(attestationOf(6n))), { code: "not-monotone" });
  await desk.sign(address, attest(attestationOf(2n, { generation: 1 })));
});

test("a receipt's sequence is never given to two transactions, also when both are asked for at once", async () => {
  const desk = deskOf();
  const given = await Promise.allSettled(
    [receiptOf(5n), receiptOf(5n, one), receiptOf(4n), receiptOf(5n)].map((value) =>
      desk.sign(address, receipt(value)),
    ),
  );
  assert.deepEqual(
    given.map((result) => (result.status === "fulfilled" ? result.value.type : (result.reason as SignerError).code)),
    ["RECEIPT", "double-sign", "RECEIPT", "RECEIPT"],
  );
  const far = 2n ** 18n + 5n;
  const { signature } = await desk.sign(address, receipt(receiptOf(far)));
  assert.equal(recoverSigner(receiptDigest(domain, receiptOf(far)), signature), address);
  await assert.rejects(desk.sign(address, receipt(receiptOf(5n, one))), { code: "not-monotone" });
});

test("the engine votes once for a place, in a generation's own domain", async () => {
  const desk = deskOf();
  const vote = voteRequest(voteOf(9, one), 0);
  const { signature } = await desk.sign(address, vote);
  assert.equal(recoverSigner(keccak256(vote.data), signature), address);
  await assert.rejects(desk.sign(address, voteRequest(voteOf(9, zeroHash), 0)), { code: "double-sign" });
  await assert.rejects(desk.sign(address, voteRequest(voteOf(9, one, 1), 0)), { code: "foreign-chain" });
  await assert.rejects(desk.sign(address, voteRequest(voteOf(9, one, 0, otherChain), 0)), { code: "foreign-chain" });
});

test("nothing of another chain, of an unknown type, or whose data is not its message is signed", async () => {
  const desk = deskOf();
  const foreign = signingDomain(otherChain);
  const good = attest(attestationOf(1n));
  const refused: readonly (readonly [string, unknown])[] = [
    ["foreign-chain", attest(attestationOf(1n), foreign)],
    ["foreign-chain", { ...good, data: attest(attestationOf(2n)).data }],
    ["foreign-chain", { type: "MESH_HELLO", data: `${stringToHex("metis-mesh-1")}${"00".repeat(64)}01` }],
    ["bad-request", { type: "MESH_HELLO", data: good.data }],
    ["bad-request", { ...good, message: `${good.message}00` }],
    ["bad-request", { type: "ENGINE_VOTE", data: good.data, generation: "0" }],
    ["bad-request", "0x00"],
    ["unknown-type", { data: good.data }],
    ["unknown-type", { type: "TRANSACTION", data: "0x02" }],
  ];
  for (const [code, body] of refused) await assert.rejects(desk.sign(address, body), { code });
  await assert.rejects(desk.sign(zeroHash, good), { code: "unknown-key" });
  await desk.sign(address, good);
});

test("whatever comes, there is a signature over a known statement or a SignerError", async () => {
  const desk = deskOf();
  const hex = fc.uint8Array({ maxLength: 300 }).map(bytesToHex);
  const type = fc.constantFrom("BLOCK_ATTESTATION", "STATE_CLAIM", "RECEIPT", "HEARTBEAT", "MESH_HELLO", "ENGINE_VOTE");
  const body = fc.oneof(
    fc.record({ type, data: hex, message: hex, generation: fc.string() }, { requiredKeys: ["type"] }),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(body, (given) =>
      desk.sign(address, given).then(
        () => assert.fail("random bytes were signed"),
        (error: unknown) => assert.ok(error instanceof SignerError, String(error)),
      ),
    ),
  );
});

test("protection outlives the signer, and its data takes no other chain and no second process", async () => {
  const folder = mkdtempSync(join(tmpdir(), "metis-signer-"));
  const options = { dataDir: folder, genesisConfig: modelGenesis, keys: [new Secret(key)] };
  try {
    const first = await openSigningDesk(options);
    await first.desk.sign(address, attest(attestationOf(7n)));
    await assert.rejects(openSigningDesk(options), { code: "data-dir-busy" });
    await first.close();
    await assert.rejects(openSigningDesk({ ...options, genesisConfig: otherChain }), { code: "wrong-chain" });
    const again = await openSigningDesk(options);
    await assert.rejects(again.desk.sign(address, attest(attestationOf(7n, { blockHash: one }))), {
      code: "double-sign",
    });
    await again.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

suite("over HTTP", () => {
  const token = "open sesame";
  const common = { logger: silentLogger(), metrics: createMetrics() };
  let server: SignerServer;
  before(async () => {
    server = new SignerServer({ ...common, desk: deskOf(), host: "127.0.0.1", port: 0, token: new Secret(token) });
    await server.start();
  });
  after(() => server.stop());

  const ask = async (path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(new URL(path, server.url), {
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return [answer.status, await answer.text()] as const;
  };
  const remote = (
    more: { readonly token?: string; readonly url?: string; readonly ca?: string } = {},
  ): Promise<RemoteSigner> =>
    RemoteSigner.open({
      endpoint: { url: server.url, token, ca: undefined, timeoutMs: 5_000, ...more },
      domain,
      address: undefined,
      clock: systemClock(),
      ...common,
      metrics: createMetrics(),
    });

  test("it has Web3Signer's pages, and its status codes for what is refused", async () => {
    assert.deepEqual(await ask("/upcheck"), [200, "OK"]);
    const [, keys] = await ask("/api/v1/eth1/publicKeys");
    const [publicKey] = JSON.parse(keys) as Hex[];
    assert.equal(`0x${keccak256(publicKey!).slice(26)}`, address);
    const path = `/api/v1/eth1/sign/${publicKey}`;
    const [status, signature] = await ask(path, attest(attestationOf(1n)));
    assert.equal(status, 200);
    assert.equal(recoverSigner(blockAttestationDigest(domain, attestationOf(1n)), signature as Hex), address);
    const refusals = [
      [412, ask(path, attest(attestationOf(1n, { outputRoot: one })))],
      [404, ask(`/api/v1/eth1/sign/${one}`, attest(attestationOf(2n)))],
      [404, ask("/api/v1/eth2/publicKeys")],
      [400, ask(path, { data: "0x" })],
      [400, ask(path, "{")],
      [400, ask(path, `"${"a".repeat(10_000)}"`)],
      [400, ask(path, attest(attestationOf(2n)), { "content-type": "text/plain" })],
      [401, ask(path, attest(attestationOf(2n)), { authorization: "Bearer other words" })],
      [403, ask(path, attest(attestationOf(2n)), { origin: "http://localhost" })],
    ] as const;
    for (const [expected, answer] of refusals) assert.equal((await answer)[0], expected);
  });

  test("a node's end of it checks what comes back, and names what is wrong", async () => {
    const signer = await remote();
    assert.equal(signer.address, address);
    const attestation = attestationOf(20n);
    const digest = blockAttestationDigest(domain, attestation);
    const signature = await signer.sign(digest, { type: "BLOCK_ATTESTATION", attestation });
    assert.equal(recoverSigner(digest, signature), address);
    await assert.rejects(signer.sign(zeroHash, { type: "BLOCK_ATTESTATION", attestation }), { code: "signer-refused" });
    const second = { ...attestation, blockHash: one };
    await assert.rejects(
      signer.sign(blockAttestationDigest(domain, second), { type: "BLOCK_ATTESTATION", attestation: second }),
      { code: "double-sign", remedy: "halt" },
    );
    await signer.close();
    await assert.rejects(remote({ token: "wrong" }), { code: "signer-refused" });
    await assert.rejects(remote({ url: "http://127.0.0.1:1" }), { code: "signer-unreachable", remedy: "retry" });
  });

  test("with TLS a node trusts the authority that it was given, and no other", async () => {
    const tls = { cert: testCertificate, key: testCertificateKey };
    const secure = new SignerServer({ ...common, desk: deskOf(), host: "127.0.0.1", port: 0, tls });
    await secure.start();
    try {
      assert.match(secure.url, /^https:/);
      const signer = await remote({ url: secure.url, ca: testCertificate });
      assert.equal(signer.address, address);
      await signer.close();
      await assert.rejects(remote({ url: secure.url }), { code: "signer-unreachable", message: /certificate/ });
    } finally {
      await secure.stop();
    }
  });

  test("beyond loopback it does not listen without token and TLS", () => {
    for (const host of ["0.0.0.0", "::", "10.1.2.3", "signer.example"])
      assert.throws(() => new SignerServer({ ...common, desk: deskOf(), host, port: 0, token: new Secret(token) }), {
        code: "unsafe-listen",
      });
  });
});
