import { isAddress } from "viem";
import type { Address } from "viem";

/** Where a member, or this node, listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Peer extends Endpoint {
  /** Lower case. */
  readonly address: Address;
}

/** Reads `host:port`; an IPv6 host stands in brackets. Throws `TypeError` with a sentence. */
export function parseEndpoint(text: string): Endpoint {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || !(port <= 65_535)) throw new TypeError(`expected host:port, got ${JSON.stringify(text)}`);
  return { host, port };
}

/** Reads `0xaddress@host:port`. Throws `TypeError` with a sentence. */
export function parsePeer(text: string): Peer {
  const [address, place, ...rest] = text.split("@");
  if (address === undefined || place === undefined || rest.length > 0 || !isAddress(address, { strict: false }))
    throw new TypeError(`expected 0xaddress@host:port, got ${JSON.stringify(text)}`);
  return { address: address.toLowerCase() as Address, ...parseEndpoint(place) };
}

/** The sentence that `parse` throws for `value`, or nothing: a `check` of an option. */
export function faultOf<T>(parse: (value: T) => unknown, value: T): string | undefined {
  try {
    parse(value);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
