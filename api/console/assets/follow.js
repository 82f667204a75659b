// Following what changes, over one socket (graphql-transport-ws) that is opened again whenever it
// breaks. While there is none, what is followed is asked for every few seconds.

import { troubleOf } from "./door.js";
import { Trouble } from "./trouble.js";

const TIMES = {
  // How long to wait before the next try; the last counts for all that follow.
  againMs: [500, 1_000, 2_000, 5_000, 10_000, 20_000],
  pollMs: 4_000,
  // A line that was cut without a word is only noticed by its silence.
  pingMs: 15_000,
  silenceMs: 10_000,
};
const NOT_ADMITTED = 4403;
// A fresh token that is not taken either is no reason to fetch tokens without end.
const READMISSIONS_MAX = 2;

export class Following {
  #open;
  #session;
  #document;
  #poll;
  #tell;
  #say;
  #times;
  #wanted = new Map();
  #socket = null;
  #isReady = false;
  #isClosed = false;
  #tries = 0;
  #readmissions = 0;
  #number = 0;
  #timers = new Map();

  // `open()` makes a socket, `poll(key)` asks for what an event of `key` would tell, `tell(key, data)`
  // is given either, and `say(state)` hears connecting, live, polling, signed_out or idle.
  constructor({ open, session, document, poll, tell, say, times = {} }) {
    this.#open = open;
    this.#session = session;
    this.#document = document;
    this.#poll = poll;
    this.#tell = tell;
    this.#say = say;
    this.#times = { ...TIMES, ...times };
  }

  // What is to be followed from now on, by key, each with the variables of its document.
  want(variablesByKey) {
    for (const [key, one] of this.#wanted) {
      if (!variablesByKey.has(key)) this.#forget(key, one);
    }
    for (const [key, variables] of variablesByKey) {
      if (this.#wanted.has(key)) continue;
      this.#wanted.set(key, { variables, name: null, isOver: false, isPolled: false });
      if (this.#isReady) this.#subscribe(key);
    }
    this.#begin();
  }

  // Try at once: the machine is on the network again, or the page is looked at again.
  wake() {
    if (this.#isClosed || this.#socket !== null || !this.#hasWork()) return;
    this.#stop("again");
    this.#tries = 0;
    void this.#connect();
  }

  close() {
    this.#isClosed = true;
    this.#wanted.clear();
    for (const name of [...this.#timers.keys()]) this.#stop(name);
    this.#drop();
  }

  #hasWork() {
    return [...this.#wanted.values()].some((one) => !one.isOver);
  }

  #begin() {
    if (this.#isClosed) return;
    if (!this.#hasWork()) {
      this.#stop("again");
      this.#stop("poll");
      this.#drop();
      this.#say("idle");
    } else if (this.#socket === null && !this.#timers.has("again")) {
      void this.#connect();
    }
  }

  async #connect() {
    const place = { socket: null };
    this.#socket = place;
    if (this.#tries === 0) this.#say("connecting");
    let token;
    try {
      token = await this.#session.token();
    } catch (error) {
      if (this.#socket === place) this.#broke(error.kind === "signed_out");
      return;
    }
    if (this.#socket !== place) return;
    const socket = this.#open();
    place.socket = socket;
    const ours = () => this.#socket === place;
    this.#start("silence", this.#times.silenceMs, () => this.#broke());
    socket.onopen = () => {
      this.#send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
    };
    socket.onmessage = (event) => ours() && this.#hear(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (!ours()) return;
      if (event.code === NOT_ADMITTED) void this.#readmit();
      else this.#broke();
    };
    socket.onerror = () => {};
  }

  #hear(message) {
    this.#stop("silence");
    this.#start("ping", this.#times.pingMs, () => {
      this.#send({ type: "ping" });
      this.#start("silence", this.#times.silenceMs, () => this.#broke());
    });
    if (message.type === "ping") this.#send({ type: "pong" });
    else if (message.type === "connection_ack") this.#ready();
    else if (message.type === "next") this.#next(message);
    else if (message.type === "error") this.#refused(message.id, message.payload);
    else if (message.type === "complete") this.#over(message.id);
  }

  #ready() {
    this.#isReady = true;
    this.#say("live");
    for (const [key, one] of this.#wanted) if (!one.isOver) this.#subscribe(key);
    this.#pollAgain();
  }

  #subscribe(key) {
    const one = this.#wanted.get(key);
    one.isPolled = false;
    this.#number += 1;
    one.name = String(this.#number);
    const payload = { query: this.#document, variables: one.variables };
    this.#send({ type: "subscribe", id: one.name, payload });
  }

  #next({ id, payload }) {
    const key = this.#keyOf(id);
    if (key === null) return;
    if (payload.errors?.length) {
      this.#refused(id, payload.errors);
      return;
    }
    this.#tries = 0;
    this.#readmissions = 0;
    this.#tell(key, payload.data);
  }

  #refused(id, errors) {
    const key = this.#keyOf(id);
    if (key === null) return;
    const one = this.#wanted.get(key);
    // What is told of this name from now on is of no concern: not even that it is complete.
    one.name = null;
    const { kind } = troubleOf(errors);
    if (kind === "signed_out") {
      void this.#readmit();
    } else if (kind === "too_many" || kind === "busy") {
      one.isPolled = true;
      this.#pollAgain();
    } else {
      one.isOver = true;
      this.#begin();
    }
  }

  #over(id) {
    const key = this.#keyOf(id);
    if (key === null) return;
    this.#wanted.get(key).isOver = true;
    this.#begin();
  }

  // The token ended before the socket: another one, and a socket that it opens.
  async #readmit() {
    this.#readmissions += 1;
    if (this.#readmissions > READMISSIONS_MAX) {
      this.#broke();
      return;
    }
    this.#drop();
    const place = { socket: null };
    this.#socket = place;
    try {
      await this.#session.renew();
    } catch (error) {
      if (this.#socket === place) this.#broke(error.kind === "signed_out");
      return;
    }
    if (this.#socket === place && !this.#isClosed) await this.#connect();
  }

  #broke(isSignedOut = false) {
    this.#drop();
    if (this.#isClosed) return;
    this.#stop("again");
    if (isSignedOut) {
      this.#stop("poll");
      this.#say("signed_out");
      return;
    }
    const { againMs } = this.#times;
    const wait = againMs[Math.min(this.#tries, againMs.length - 1)];
    this.#tries += 1;
    this.#say("polling");
    // Not all at the same instant, when a server comes back that many looked at.
    this.#start("again", wait * (0.75 + Math.random() / 2), () => void this.#connect());
    this.#pollAgain();
  }

  // Asks for whatever has no subscription, until everything has one.
  #pollAgain() {
    if (this.#timers.has("poll")) return;
    this.#start("poll", this.#times.pollMs, async () => {
      const keys = [...this.#wanted]
        .filter(([, one]) => !one.isOver && (!this.#isReady || one.isPolled))
        .map(([key]) => key);
      if (keys.length === 0) return;
      for (const key of keys) {
        try {
          const data = await this.#poll(key);
          if (this.#wanted.has(key) && !this.#isClosed) this.#tell(key, data);
        } catch (error) {
          if (error instanceof Trouble && error.kind === "signed_out") {
            this.#broke(true);
            return;
          }
        }
      }
      if (!this.#isClosed) this.#pollAgain();
    });
  }

  #keyOf(name) {
    for (const [key, one] of this.#wanted) if (one.name === name && name !== null) return key;
    return null;
  }

  #forget(key, one) {
    if (this.#isReady && one.name !== null && !one.isOver) {
      this.#send({ type: "complete", id: one.name });
    }
    this.#wanted.delete(key);
  }

  #send(message) {
    const socket = this.#socket?.socket;
    if (socket?.readyState === 1) socket.send(JSON.stringify(message));
  }

  #drop() {
    const socket = this.#socket?.socket;
    this.#socket = null;
    this.#isReady = false;
    for (const one of this.#wanted.values()) one.name = null;
    this.#stop("ping");
    this.#stop("silence");
    socket?.close();
  }

  #start(name, ms, work) {
    this.#stop(name);
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      work();
    }, ms);
    this.#timers.set(name, timer);
  }

  #stop(name) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
