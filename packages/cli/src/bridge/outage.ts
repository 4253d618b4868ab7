import { systemClock } from "@metis/runtime";
import { BaseError, HttpRequestError, SocketClosedError, TimeoutError, WebSocketRequestError, type Client } from "viem";
import { getBlockNumber } from "viem/actions";
import type { Io } from "../io.ts";
import type { L1Network, Network } from "../network.ts";

const pauseMs = 2_000;

/** Whether an endpoint did not answer, as opposed to having said no. */
export const isOutage = (error: unknown): boolean =>
  error instanceof BaseError &&
  error.walk(
    (cause) =>
      cause instanceof HttpRequestError ||
      cause instanceof TimeoutError ||
      cause instanceof WebSocketRequestError ||
      cause instanceof SocketClosedError,
  ) !== null;

/** Nothing when the endpoint that is asked does not answer. */
export async function unlessAway<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isOutage(error)) return undefined;
    throw error;
  }
}

/** Runs `job`; who waits is not sent away because L1 does not answer for a while: that is said once, and L1 asked again. */
export async function patiently<T>(
  { l1Url }: Pick<L1Network, "l1Url">,
  wait: boolean | undefined,
  io: Io,
  job: () => Promise<T>,
): Promise<T> {
  const clock = systemClock();
  for (let isTold = false; ; isTold = true) {
    try {
      return await job();
    } catch (error) {
      if (wait !== true || !isOutage(error)) throw error;
    }
    if (!isTold) io.note(`L1 at ${l1Url} does not answer; nothing is lost, waiting for it`);
    await clock.sleep(pauseMs);
  }
}

/** Runs `job`, which can be begun again at any point; while an endpoint is away, says so once and waits. */
export async function throughOutages<T>(network: Network, io: Io, job: () => Promise<T>): Promise<T> {
  const clock = systemClock();
  for (;;) {
    try {
      return await job();
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
    let [away, told] = [await silent(network), ""];
    while (away.length > 0) {
      const names = away.join(" and ");
      if (names !== told) io.note(`${names} does not answer; nothing is lost, waiting for it`);
      told = names;
      await clock.sleep(pauseMs);
      away = await silent(network);
    }
    io.note("both endpoints answer; going on");
  }
}

/** The endpoints that do not answer right now. */
async function silent({ l1, l2, l1Url, l2Url }: Network): Promise<string[]> {
  const probe = async (client: Client, name: string): Promise<string[]> => {
    try {
      await getBlockNumber(client, { cacheTime: 0 });
      return [];
    } catch (error) {
      if (isOutage(error)) return [name];
      throw error;
    }
  };
  const answers = await Promise.all([probe(l1, `L1 at ${l1Url}`), probe(l2, `L2 at ${l2Url}`)]);
  return answers.flat();
}
