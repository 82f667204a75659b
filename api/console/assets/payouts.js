// Payouts with their states, what each means, and what is to be done about it.

import {
  badge, code, el, empty, liveness, loading, money, opening, own, section, showing, table, time,
  worker,
} from "./build.js";
import { ATTEMPTS, PAYOUTS, WAITING_STATES } from "./documents.js";
import { periodChoice } from "./period.js";
import { repeat } from "./turns.js";
import { count, say } from "./words.js";

const LIST_MS = 15_000;
const STATES = [
  "PENDING_APPROVAL", "HELD", "SCHEDULED", "WAITING_FUNDS", "SUBMITTING", "UNKNOWN", "TRANSFERRED",
  "IN_TRANSIT", "PAID", "RETURNING", "RETURNED", "FAILED", "CANCELLED",
];

export const PAYOUT_COLUMNS = ["amount", "payee", "state", "todo", "changed"];
let chosen = "";

export function payoutCells(node) {
  return [
    money(node.amount),
    el("span", {}, own(node.partner?.name ?? node.member?.externalId ?? "–"),
      el("div", { class: "small" }, say(`payoutKind.${node.kind}`))),
    badge("payout", node.state),
    el("span", {},
      node.reason && el("div", {}, say(`reason.${node.reason}`)),
      el("div", { class: "small" }, say(`todo.${node.state}`))),
    time(node.changedAt),
  ];
}

export function openPayouts(place, { door, wrong }) {
  const live = liveness();
  const list = el("div", {}, loading());
  const later = el("div", { class: "pages" });
  const opened = new Set();
  const show = showing(list);
  let round = 0;
  let isPaged = false;
  const restart = () => {
    round += 1;
    isPaged = false;
    later.replaceChildren();
    show.again();
    return turns.now();
  };
  const period = periodChoice(restart);
  const states = stateChoice(restart);

  const names = [...PAYOUT_COLUMNS, "attempts"].map((name) => say(`column.${name}`));
  const ask = (after) =>
    door.ask(PAYOUTS, { since: period.since(), states: states.chosen(), after });
  const rowsOf = (edges) =>
    table(
      say("page.payouts"),
      names,
      edges.map(({ node }) => [...payoutCells(node), attemptsOf(door, node, opened)]),
    );

  function offerMore({ hasNextPage, endCursor }) {
    if (!hasNextPage) return;
    const more = el("div", { class: "more" });
    more.append(...worker(say("more"), async () => {
      const { payouts: next } = await ask(endCursor);
      isPaged = true;
      more.replaceWith(rowsOf(next.edges));
      offerMore(next.pageInfo);
    }));
    later.append(more);
  }

  async function read() {
    const began = round;
    const { payouts: found } = await ask(null);
    if (began !== round) return;
    period.learn(found.until);
    show([found.totals, found.edges], () => {
      if (found.edges.length === 0) return empty(say("nothing.payouts"));
      return [sumsOf(found.totals), rowsOf(found.edges)];
    });
    if (isPaged) return;
    later.replaceChildren();
    offerMore(found.pageInfo);
  }

  const turns = repeat(async () => {
    try {
      await read();
      live.stale(false);
    } catch (error) {
      if (wrong(error.kind)) return;
      live.stale(true);
      show.fail(error, () => turns.now());
    }
  }, LIST_MS);

  place.append(
    el("div", { class: "bar-of-page" }, period.element, states.element, live.element),
    section(say("section.payouts"), list, later),
    unknownHelp(),
  );
  return { close: () => turns.end() };
}

// How many payouts there are in all, and how much they come to in each currency.
export function sumsOf(totals) {
  const sums = totals.map((one) => el("li", {}, own(count(one.count)), " · ", money(one.amount)));
  return el("ul", { class: "sums" }, sums);
}

function stateChoice(changed) {
  const option = (value, words) => el("option", { value, selected: value === chosen }, words);
  const choice = el(
    "select",
    { id: "states" },
    option("", say("states.all")),
    option("waiting", say("states.waiting")),
    STATES.map((state) => option(state, say(`payout.${state}`))),
  );
  choice.addEventListener("change", () => {
    chosen = choice.value;
    void changed();
  });
  const label = el("label", { for: "states" }, say("column.state"));
  return {
    element: el("span", { class: "choice" }, label, choice),
    chosen() {
      if (chosen === "") return null;
      return chosen === "waiting" ? WAITING_STATES : [chosen];
    },
  };
}

function attemptsOf(door, node, opened) {
  const made = opening(say("attempts"), async (place) => {
    const { payout } = await door.ask(ATTEMPTS, { id: node.id });
    const attempts = payout?.attempts ?? [];
    place.replaceChildren(
      attempts.length === 0
        ? empty(say("nothing.attempts"))
        : el("ol", { class: "attempts" }, attempts.map(attempt)),
    );
  });
  made.addEventListener("toggle", () => {
    if (made.open) opened.add(node.id);
    else opened.delete(node.id);
  });
  made.open = opened.has(node.id);
  return made;
}

function attempt(one) {
  return el(
    "li",
    {},
    say(`legOfPayout.${one.leg}`), " · ", say(`attempt.${one.state}`), " · ", money(one.amount),
    el("div", { class: "small" }, time(one.preparedAt),
      one.externalId && el("span", {}, " · ", code(one.externalId)),
      one.code && el("span", {}, " · ", code(one.code))),
  );
}

// The most asked question about payouts, answered where it is asked.
function unknownHelp() {
  return el(
    "details",
    { class: "card" },
    el("summary", {}, say("unknown.title")),
    el("p", {}, say("unknown.why")),
    el("ol", {}, ["one", "two", "three", "four"].map((step) => el("li", {}, say(`unknown.${step}`)))),
    el("p", {}, say("unknown.end")),
  );
}
