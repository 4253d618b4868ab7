import { MetisError } from "@metis/protocol";

export class AnvilCallError extends MetisError<"anvil-refused", { readonly method: string }> {
  override readonly name = "AnvilCallError";
}

const timeoutMs = 60_000;

/** The text that the anvil at `url` answers. Throws `anvil-refused`, and fetch's errors when it does not answer. */
export async function askAnvil(url: string, method: string, params: readonly unknown[] = []): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: unknown };
  if (error === undefined && (typeof result === "string" || result === null)) return result ?? "";
  throw new AnvilCallError(
    "anvil-refused",
    "retry",
    `anvil answers ${method} with ${JSON.stringify(error ?? result)}`,
    {
      method,
    },
  );
}
