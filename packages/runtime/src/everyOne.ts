/** What all `started` give; the first failure of any is thrown once all have ended: nothing goes on behind it. */
export async function everyOne<T>(started: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(started);
  return Promise.all(started);
}
