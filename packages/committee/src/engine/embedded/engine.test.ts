import { ManualClock, MemoryStore, silentLogger } from "@metis/runtime";
import { describeEngine } from "../../testing/engineCompliance.ts";
import { EmbeddedEngine } from "./engine.ts";

const address = "0x00000000000000000000000000000000000000a1";
const signature = (digest: string): `0x${string}` => `0x${digest.slice(2)}${digest.slice(2)}1b`;

describeEngine("embedded", (application) => {
  const clock = new ManualClock();
  const engine = new EmbeddedEngine({
    address,
    domain: `0x${"11".repeat(32)}`,
    keys: { sign: signature, recovers: (digest, claimed) => claimed === signature(digest) },
    genesis: { height: 1n, members: [{ signer: address, weight: 1n }] },
    rules: { term: 30, absence: 90 },
    application,
    mesh: { broadcast: () => undefined, send: () => undefined, receive: () => () => undefined },
    store: new MemoryStore(),
    clock,
    logger: silentLogger(),
  });
  return { engine, retry: () => clock.advance(500) };
});
