/**
 * Resolves at the first signal that asks for the end; from the call on none ends the process by itself. Signals come more than
 * once: a terminal sends them to npm, the launcher and this process, and each passes on what it gets.
 */
export const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(signal));
    // A process that ends because nothing is left to do gives up its handlers first: one that came then would still kill it.
    process.once("beforeExit", () => process.exit());
  });
