// What a node makes of a remote signer that is not ours, or not well.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import type { Statement } from "@metis/committee";
import { blockAttestationDigest, signDigest, signingDomain } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { createMetrics, silentLogger, systemClock } from "@metis/runtime";
import { numberToHex, slice, zeroHash } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Hex } from "viem";
import { RemoteSigner } from "./remote.ts";

const key: Hex = `0x${"42".repeat(32)}`;
const { publicKey } = privateKeyToAccount(key);
const domain = signingDomain(modelGenesis);
const anchor = { anchorNumber: 3n, anchorHash: zeroHash };
const attestation = { generation: 0, epoch: 0n, number: 7n, blockHash: zeroHash, outputRoot: zeroHash, ...anchor };
const statement: Statement = { type: "BLOCK_ATTESTATION", attestation };
const digest = blockAttestationDigest(domain, attestation);
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The other of the two signatures that ECDSA has for a digest. */
function withHighS(signature: Hex): Hex {
  const s = order - BigInt(slice(signature, 32, 64));
  const v = slice(signature, 64) === "0x1b" ? "1c" : "1b";
  return `${slice(signature, 0, 32)}${numberToHex(s, { size: 32 }).slice(2)}${v}`;
}

type Say = (response: ServerResponse) => void;
const text =
  (status: number, body: string): Say =>
  (response) =>
    void response.writeHead(status).end(body);

suite("a remote signer that is not well", () => {
  /** What the signer does with a request for a signature. */
  let say: Say = () => undefined;
  const server = createServer((request, response) => {
    if (request.url === "/upcheck") text(200, "OK")(response);
    else if (request.method === "GET") text(200, JSON.stringify([`0x${publicKey.slice(4)}`]))(response);
    else request.resume().on("end", () => say(response));
  });
  let signer: RemoteSigner;
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    signer = await RemoteSigner.open({
      endpoint: { url, token: undefined, ca: undefined, timeoutMs: 2_000 },
      domain,
      address: undefined,
      clock: systemClock(),
      logger: silentLogger(),
      metrics: createMetrics(),
    });
  });
  after(async () => {
    await signer.close();
    server.closeAllConnections();
    server.close();
  });

  const asked = (answer: Say): Promise<Hex> => {
    say = answer;
    return signer.sign(digest, statement);
  };

  const right = signDigest(digest, key);
  const refused: Readonly<Record<string, Say>> = {
    garbage: text(200, "certainly"),
    nothing: text(200, ""),
    "a signature cut short": text(200, right.slice(0, -2)),
    "a signature of zeros": text(200, `0x${"00".repeat(65)}`),
    "another key's signature": text(200, signDigest(digest, `0x${"43".repeat(32)}`)),
    "a signature of something else": text(200, signDigest(zeroHash, key)),
    "the malleable one of the two": text(200, withHighS(right)),
    "a recovery bit of 0 or 1": text(200, `${right.slice(0, -2)}0${Number(`0x${right.slice(-2)}`) - 27}`),
    "an error page": text(502, "<html>bad gateway</html>"),
    "a refusal of another shape": text(412, "null"),
    "a redirection": (response) => void response.writeHead(302, { location: "/upcheck" }).end(),
  };
  for (const [what, answer] of Object.entries(refused))
    test(`${what} is refused, and asked for again later`, async () => {
      await assert.rejects(asked(answer), { code: "signer-refused", remedy: "retry" });
    });

  const unreachable: Readonly<Record<string, Say>> = {
    "no answer in time": () => undefined,
    "half an answer": (response) => {
      response.writeHead(200, { "content-length": "132" }).write("0x12");
      setImmediate(() => response.destroy());
    },
    "an answer without end": (response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write("0".repeat(65_536)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    },
    "a closed connection": (response) => void response.destroy(),
  };
  for (const [what, answer] of Object.entries(unreachable))
    test(`${what} counts as no answer, and the next one counts again`, async () => {
      await assert.rejects(asked(answer), { code: "signer-unreachable", remedy: "retry" });
      assert.equal(await asked(text(200, right)), right);
    });
});
