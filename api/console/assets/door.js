// The one way to the data: documents of GraphQL, and the files of statements.

import { Trouble, reach } from "./trouble.js";

const ANSWER_MS_MAX = 30_000;
const KINDS = {
  FORBIDDEN: "forbidden",
  UNAUTHENTICATED: "signed_out",
  TOO_MANY_SUBSCRIPTIONS: "too_many",
  DEADLINE_EXCEEDED: "busy",
};

// The trouble that the first error of an answer tells.
export function troubleOf(errors) {
  const [first] = errors;
  return new Trouble(KINDS[first?.extensions?.code] ?? "failed", first?.message ?? "");
}

export class Door {
  #base;
  #session;
  #language;
  #fetch;

  constructor({ base, session, language, fetch = (...given) => globalThis.fetch(...given) }) {
    this.#base = base;
    this.#session = session;
    this.#language = language;
    this.#fetch = fetch;
  }

  get socketAddress() {
    const address = new URL("graphql", this.#base);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return address.href;
  }

  // The `data` of one document; money in it is written in the language of the page. Throws Trouble.
  ask(document, variables = {}) {
    const locale = this.#language().toUpperCase();
    const body = JSON.stringify({ query: document, variables: { locale, ...variables } });
    return this.#admitted(async (token) => {
      const answer = await this.#send("graphql", token, {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      });
      const told = await reach(() => answer.json());
      if (told.errors?.length) throw troubleOf(told.errors);
      return told.data;
    });
  }

  // The bytes of a document of a statement, and what it is called. Throws Trouble.
  download(path) {
    const address = new URL(path, this.#base);
    if (address.origin !== new URL(this.#base).origin) throw new Trouble("failed");
    address.searchParams.set("locale", this.#language());
    return this.#admitted(async (token) => {
      const answer = await this.#send(address, token, {});
      if (!answer.ok) {
        const told = await reach(() => answer.json());
        throw troubleOf(told.errors ?? []);
      }
      const disposition = answer.headers.get("content-disposition") ?? "";
      const name = /filename="([^"]+)"/.exec(disposition)?.[1] ?? "statement";
      return { content: await reach(() => answer.blob()), name };
    });
  }

  // Once more with another token, when the server no longer takes the one at hand.
  async #admitted(work) {
    try {
      return await work(await this.#session.token());
    } catch (error) {
      if (error.kind !== "signed_out") throw error;
      return work(await this.#session.renew());
    }
  }

  async #send(place, token, request) {
    const answer = await reach(() =>
      this.#fetch(new URL(place, this.#base), {
        ...request,
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        headers: {
          ...request.headers,
          "accept-language": this.#language(),
          authorization: `Bearer ${token}`,
        },
      }),
    );
    if (answer.status === 401) throw new Trouble("signed_out");
    if (answer.status === 429 || answer.status === 503) throw new Trouble("busy");
    return answer;
  }
}
