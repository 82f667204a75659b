// Who is signed in. The secret stays in the memory of this page and is gone with it; the token, good
// for minutes, also outlives a reload of this tab. Neither is ever a part of an address.

import { Trouble, reach } from "./trouble.js";

const KEPT = "mizan.session";
const RENEW_BEFORE_MS = 60_000;
const ANSWER_MS_MAX = 15_000;

export class Session {
  #address;
  #storage;
  #fetch;
  #now;
  #token = null;
  #endsAt = 0;
  #clientId = "";
  #secret = null;
  #renewing = null;

  constructor({ base, storage, fetch = (...given) => globalThis.fetch(...given), now = Date.now }) {
    this.#address = new URL("oauth/token", base);
    this.#storage = storage;
    this.#fetch = fetch;
    this.#now = now;
    this.#restore();
  }

  get clientId() {
    return this.#clientId;
  }

  get isOpen() {
    return this.#token !== null && this.#now() < this.#endsAt;
  }

  // Fetches a token; refused credentials change nothing. Throws Trouble.
  async signIn(clientId, secret) {
    const answer = await this.#request(clientId, secret);
    this.#clientId = clientId;
    this.#secret = secret;
    this.#keep(answer);
  }

  // A token that is good for a while yet. Throws Trouble: signed_out, when it cannot be had.
  async token() {
    const left = this.#token === null ? 0 : this.#endsAt - this.#now();
    if (left > RENEW_BEFORE_MS) return this.#token;
    if (this.#secret === null) {
      if (left > 0) return this.#token;
      throw new Trouble("signed_out");
    }
    try {
      return await this.renew();
    } catch (error) {
      // One that is still good serves while no other can be fetched.
      if (left > 0 && error.kind !== "signed_out" && this.#token !== null) return this.#token;
      throw error;
    }
  }

  // Another token instead of one that the server no longer takes; whoever asks meanwhile shares it.
  renew() {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  // The id stays, to be signed in with again.
  end() {
    this.#token = null;
    this.#secret = null;
    this.#endsAt = 0;
    this.#storage.removeItem(KEPT);
  }

  signOut() {
    this.end();
    this.#clientId = "";
  }

  async #renew() {
    const secret = this.#secret;
    if (secret === null) {
      this.end();
      throw new Trouble("signed_out");
    }
    let answer;
    try {
      answer = await this.#request(this.#clientId, secret);
    } catch (error) {
      if (error.kind !== "wrong_secret" && error.kind !== "refused") throw error;
      // The client was rotated or withdrawn since.
      if (this.#secret === secret) this.end();
      throw new Trouble("signed_out");
    }
    // Signed out, or in as somebody else, while this was under way.
    if (this.#secret !== secret) throw new Trouble("signed_out");
    this.#keep(answer);
    return this.#token;
  }

  async #request(clientId, secret) {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: secret,
    });
    const answer = await reach(() =>
      this.#fetch(this.#address, {
        method: "POST",
        body,
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      }),
    );
    if (answer.status === 401) throw new Trouble("wrong_secret");
    if (answer.status === 429 || answer.status >= 500) throw new Trouble("busy");
    if (!answer.ok) throw new Trouble("refused");
    return reach(() => answer.json());
  }

  #keep(answer) {
    this.#token = answer.access_token;
    this.#endsAt = this.#now() + answer.expires_in * 1000;
    const kept = { token: this.#token, endsAt: this.#endsAt, clientId: this.#clientId };
    this.#storage.setItem(KEPT, JSON.stringify(kept));
  }

  #restore() {
    try {
      const kept = JSON.parse(this.#storage.getItem(KEPT) ?? "null");
      if (kept === null) return;
      this.#clientId = String(kept.clientId);
      if (this.#now() < kept.endsAt) {
        this.#token = String(kept.token);
        this.#endsAt = Number(kept.endsAt);
      } else {
        this.#storage.removeItem(KEPT);
      }
    } catch {
      this.#storage.removeItem(KEPT);
    }
  }
}
