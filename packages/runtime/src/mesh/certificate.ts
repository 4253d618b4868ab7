import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

const tag = {
  integer: 0x02,
  bitString: 0x03,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
};

/** One DER element (ITU-T X.690); bodies stay far below 64 KiB here. */
function der(kind: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Uint8Array.from([kind, ...length]), body]);
}

const ed25519 = der(tag.sequence, der(tag.objectId, Uint8Array.of(0x2b, 0x65, 0x70)));
const commonName = Uint8Array.of(0x55, 0x04, 0x03);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/**
 * A key and a self-signed X.509 certificate that live as long as the process (RFC 5280, RFC 8410). It proves nothing about who
 * holds it: TLS only needs one to have a channel, and the channel's two ends then sign what is unique to it.
 */
export function ephemeralCertificate(): { readonly key: string; readonly cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const name = der(
    tag.sequence,
    der(tag.set, der(tag.sequence, der(tag.objectId, commonName), der(tag.utf8, text("metis")))),
  );
  const serial = Buffer.concat([Uint8Array.of(0x01), randomBytes(15)]);
  const body = der(
    tag.sequence,
    der(tag.version, der(tag.integer, Uint8Array.of(2))),
    der(tag.integer, serial),
    ed25519,
    name,
    der(tag.sequence, der(tag.utcTime, text("200101000000Z")), der(tag.utcTime, text("491231235959Z"))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = Buffer.concat([Uint8Array.of(0), sign(null, body, privateKey)]);
  const certificate = der(tag.sequence, body, ed25519, der(tag.bitString, signature));
  const lines = certificate.toString("base64").replaceAll(/(.{64})/g, "$1\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
