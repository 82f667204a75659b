// Making what is seen. Text is only ever set as text: nothing that the server tells becomes markup.

import { Trouble, kindOf } from "./trouble.js";
import { PARTS } from "./progress.js";
import { count, moment, say } from "./words.js";

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined));
  return made;
}

// A name or an amount keeps its own direction inside a sentence of the other one.
export const own = (text) => el("bdi", {}, text ?? "");

// Ids, codes and names of files are read from left to right everywhere.
export const code = (text) => el("code", { dir: "ltr" }, text ?? "");

export const money = (amount) => el("span", { class: "amount" }, own(amount.formatted));

export const time = (at) => el("time", { datetime: at }, own(moment(at)));

const TONES = {
  good: ["SETTLED", "PAID", "FINISHED", "SUCCEEDED", "FINAL", "NETTED"],
  busy: ["EXECUTING", "SCHEDULED", "SUBMITTING", "TRANSFERRED", "IN_TRANSIT", "RUNNING", "PROCESSING"],
  wait: [
    "IN_REVIEW", "PENDING_APPROVAL", "HELD", "WAITING_FUNDS", "UNKNOWN", "RETURNING",
    "AWAITING_APPROVAL", "ISSUED",
  ],
  bad: ["PARTIALLY_SETTLED", "FAILED", "RETURNED", "STOPPED"],
};

const toneOf = (state) => Object.keys(TONES).find((tone) => TONES[tone].includes(state)) ?? "quiet";

// `kind` says whose state it is, as in the words.
export function badge(kind, state) {
  return el("span", { class: `badge ${toneOf(state)}` }, say(`${kind}.${state}`));
}

// What a list, a page or a card shows while it has nothing else to show.
export function loading() {
  return el("p", { class: "state", role: "status" }, el("span", { class: "spinner" }), say("loading"));
}

export function empty(words) {
  return el("p", { class: "state" }, words);
}

export function failed(error, again) {
  const kind = kindOf(error);
  if (!(error instanceof Trouble)) console.error(error);
  const told = kind === "failed" && error.told ? own(error.told) : null;
  return el(
    "div",
    { class: "state failed", role: "alert" },
    el("p", {}, say(`trouble.${kind}`)),
    told && el("p", { class: "small" }, told),
    again && el("button", { type: "button", onclick: again }, say("again")),
  );
}

// A row of a bar: what it is of, how far it is, and both in words.
export function bar(label, row) {
  const name = el("span", { class: "bar-name" }, label);
  const told = el("span", { class: "bar-told" });
  const line = el("progress", { max: PARTS, "aria-label": label });
  const update = (one) => {
    const done = one.doneText ?? count(one.done);
    const total = one.totalText ?? (one.total === null ? "" : count(one.total));
    const [start, middle, end] = total === "" ? [done, "", ""] : [done, ` ${say("of")} `, total];
    told.replaceChildren(own(start), middle, own(end));
    if (one.part === null) line.removeAttribute("value");
    else line.value = one.part;
    line.setAttribute("aria-valuetext", `${start}${middle}${end}`);
    line.classList.toggle("full", one.part === PARTS);
  };
  update(row);
  return { element: el("div", { class: "bar" }, name, told, line), update };
}

// `rows` of cells under their names; on a narrow screen each row is a card and each cell says its name.
export function table(caption, names, rows) {
  // A table that is laid out as cards is still read as a table.
  const head = el(
    "tr",
    { role: "row" },
    names.map((name) => el("th", { scope: "col", role: "columnheader" }, name)),
  );
  const body = rows.map((cells) =>
    el("tr", { role: "row" }, cells.map((cell, index) =>
      el("td", { role: "cell", "data-name": names[index] }, el("div", {}, cell)))),
  );
  return el(
    "div",
    { class: "table", role: "region", tabindex: "0", "aria-label": caption },
    el(
      "table",
      { role: "table" },
      el("caption", { class: "unseen" }, caption),
      el("thead", { role: "rowgroup" }, head),
      el("tbody", { role: "rowgroup" }, body),
    ),
  );
}

// Names and values; a value that is not there leaves its name out.
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined);
  return el("dl", { class: "facts" }, shown.map(([name, value]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value)),
  ));
}

export function section(heading, ...children) {
  return el("section", {}, el("h2", {}, heading), children);
}

// What is only asked for once it is opened, and is then shown by `fill(place)`.
export function opening(summary, fill) {
  const place = el("div", { class: "opened" });
  const made = el("details", {}, el("summary", {}, summary), place);
  let isFilled = false;
  async function open() {
    if (!made.open || isFilled) return;
    isFilled = true;
    place.replaceChildren(loading());
    try {
      await fill(place);
    } catch (error) {
      isFilled = false;
      place.replaceChildren(failed(error, open));
    }
  }
  made.addEventListener("toggle", open);
  return made;
}

// A button that is out of use while its work is done; what goes wrong is said beside it.
export function worker(label, work, attributes = {}) {
  const wrong = el("span", { class: "wrong", role: "alert" });
  const button = el("button", { type: "button", ...attributes }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    wrong.textContent = "";
    try {
      await work();
    } catch (error) {
      wrong.textContent = say(`trouble.${kindOf(error)}`);
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  });
  return [button, wrong];
}

// Shows what has changed, and leaves what is the same as it is: who reads it keeps their place.
export function showing(place) {
  let shown = null;
  const show = (data, draw) => {
    const told = JSON.stringify(data);
    if (told === shown) return;
    shown = told;
    place.replaceChildren(...[draw(data)].flat());
  };
  // Something else is to be shown: until it is there, that it is being read.
  show.again = () => {
    shown = null;
    place.replaceChildren(loading());
  };
  // It could not be read; what was read before stays.
  show.fail = (error, again) => {
    if (shown === null) place.replaceChildren(failed(error, again));
  };
  return show;
}

// How live a page is, in a word.
export function liveness() {
  const element = el("span", { class: "liveness", role: "status" });
  let live = null;
  let isStale = false;
  const draw = () => {
    const shown = isStale ? "stale" : live;
    element.replaceChildren(
      ...(shown === null ? [] : [el("span", { class: `dot ${shown}` }), say(`live.${shown}`)]),
    );
  };
  return {
    element,
    say(state) {
      live = state;
      draw();
    },
    stale(given) {
      if (given === isStale) return;
      isStale = given;
      draw();
    },
  };
}
