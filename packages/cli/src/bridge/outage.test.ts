import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createClient, http, type Client } from "viem";
import { getBlockNumber } from "viem/actions";
import type { Io } from "../io.ts";
import type { Network } from "../network.ts";
import { isOutage, patiently, throughOutages } from "./outage.ts";

const answering = async (): Promise<Server> => {
  const server = createServer((_request, response) => response.end('{"jsonrpc":"2.0","id":1,"result":"0x1"}'));
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  return server;
};
const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const clientOf = (url: string): Client => createClient({ transport: http(url, { retryCount: 0 }) });

test("an endpoint that does not answer is an outage; a job's own error is not, and passes", async (context) => {
  await assert.rejects(getBlockNumber(clientOf("http://127.0.0.1:1")), isOutage);
  const server = await answering();
  context.after(() => server.close());
  const network = networkOf(urlOf(server), urlOf(server));
  const refused = throughOutages(network, quiet([]), () => Promise.reject(new Error("no")));
  await assert.rejects(refused, /no/);
});

test("a job that met an outage begins again once both endpoints answer, and both is said", async (context) => {
  const server = await answering();
  context.after(() => server.close());
  const said: string[] = [];
  let tries = 0;
  const result = await throughOutages(networkOf(urlOf(server), urlOf(server)), quiet(said), async () => {
    tries += 1;
    if (tries === 1) await getBlockNumber(clientOf("http://127.0.0.1:1"));
    return "done";
  });
  assert.deepEqual([result, tries], ["done", 2]);
  assert.match(said.join("\n"), /both endpoints answer/);
});

test("who waits waits through an outage of L1, who does not is told of it", async () => {
  const said: string[] = [];
  let tries = 0;
  const job = async (): Promise<string> => {
    tries += 1;
    if (tries === 1) await getBlockNumber(clientOf("http://127.0.0.1:1"));
    return "done";
  };
  const network = { l1Url: "http://127.0.0.1:1" };
  await assert.rejects(patiently(network, undefined, quiet(said), job), isOutage);
  tries = 0;
  assert.equal(await patiently(network, true, quiet(said), job), "done");
  assert.deepEqual(said, ["L1 at http://127.0.0.1:1 does not answer; nothing is lost, waiting for it"]);
  await assert.rejects(
    patiently(network, true, quiet(said), () => Promise.reject(new Error("no"))),
    /no/,
  );
});

const quiet = (said: string[]): Io => ({
  json: false,
  terminal: false,
  colour: false,
  out: () => undefined,
  note: (line) => said.push(line),
});

const networkOf = (l1Url: string, l2Url: string): Network => ({
  l1: clientOf(l1Url),
  l2: clientOf(l2Url),
  l1Url,
  l2Url,
  contracts: {} as Network["contracts"],
  account: () => {
    throw new Error("nobody signs here");
  },
});
