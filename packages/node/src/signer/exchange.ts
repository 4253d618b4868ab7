import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** Where a remote signer is, and how to speak to it; can be passed to another thread. */
export interface SignerEndpoint {
  readonly url: string;
  /** Bearer token, if it asks for one. */
  readonly token: string | undefined;
  /** PEM of the authority that signed its certificate; the system's authorities when absent. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Bytes of an answer: a signature has 132, a list of keys 130 for each. */
const maxAnswerBytes = 65_536;

/** One connection at a time is kept open, so that requests of one thread arrive in the order in which they are made. */
export class SignerExchange {
  readonly #endpoint: SignerEndpoint;
  readonly #agent: HttpAgent;
  readonly #isSecure: boolean;

  constructor(endpoint: SignerEndpoint) {
    this.#endpoint = endpoint;
    this.#isSecure = endpoint.url.startsWith("https:");
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = this.#isSecure
      ? new HttpsAgent({ ...options, ...(endpoint.ca !== undefined && { ca: endpoint.ca }) })
      : new HttpAgent(options);
  }

  /** POST when there is a body, else GET. Rejects with what Node says when there is no whole answer within the time. */
  ask(path: string, body?: string): Promise<Answer> {
    const { url, token, timeoutMs } = this.#endpoint;
    const request = (this.#isSecure ? httpsRequest : httpRequest)(new URL(path, url), {
      agent: this.#agent,
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      request.on("close", () => clearTimeout(timer));
      request.on("error", reject);
      request.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > maxAnswerBytes) request.destroy(new Error("the answer is too long"));
        });
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
