// The page of finance: cycles as they come on, what waits for somebody, disputes, and matching.

import {
  bar, code, el, empty, liveness, loading, money, own, section, showing, table, time, worker,
} from "./build.js";
import { cycleCard } from "./cycle.js";
import {
  ATTENTION, CYCLES, FOLLOW_CYCLE, MATCHING, ONE_CYCLE, WAITING_STATES,
} from "./documents.js";
import { Following } from "./follow.js";
import { payoutCells, PAYOUT_COLUMNS, sumsOf } from "./payouts.js";
import { periodChoice } from "./period.js";
import { matchedRow, OVER } from "./progress.js";
import { repeat } from "./turns.js";
import { count, languageOf, say } from "./words.js";

const CYCLES_SHOWN = 10;
// A caller may follow 20 at a time, in all the pages that are open.
const FOLLOWED_MAX = 8;
const LIST_MS = 20_000;
// What somebody has to see to, below the cycles; the top of the page says how much there is of each.
const CALLED = ["waiting", "disputes", "matching"];

export function openSettlement(place, { door, session, wrong }) {
  const live = liveness();
  const places = Object.fromEntries(
    ["halts", "totals", "cycles", "waiting", "disputes", "matching"].map((name) =>
      [name, el("div", {}, name === "halts" ? [] : loading())]),
  );
  const cards = el("div", { class: "cards" });
  const more = el("div", { class: "more" });
  const known = new Map();
  const show = Object.fromEntries(
    Object.entries(places).map(([name, one]) => [name, showing(one)]),
  );
  const called = Object.fromEntries(
    CALLED.map((name) => [name, section(say(`section.${name}`), places[name])]),
  );
  const calls = el("span", { class: "calls" });
  const showCalls = showing(calls);
  let round = 0;
  let isPaged = false;

  const period = periodChoice(() => {
    round += 1;
    isPaged = false;
    known.clear();
    cards.replaceChildren();
    for (const name of ["totals", "cycles", "matching"]) show[name].again();
    return turns.now();
  });

  const following = new Following({
    open: () => new WebSocket(door.socketAddress, "graphql-transport-ws"),
    session,
    document: FOLLOW_CYCLE,
    tell(id, data) {
      const progress = data.settlementProgress ?? data.settlementCycle?.progress;
      const card = known.get(id);
      if (!card || !progress) return;
      const before = card.state();
      card.update(progress);
      // Who approved it and when it was settled is not among what is followed.
      if (before !== progress.state) void refresh(id);
    },
    poll: (id) => door.ask(ONE_CYCLE, { id }),
    say: (state) => wrong(state) || live.say(state),
  });

  async function refresh(id) {
    try {
      const { settlementCycle } = await door.ask(ONE_CYCLE, { id });
      if (settlementCycle !== null) known.get(id)?.show(settlementCycle);
    } catch {
      // The next reading of the list tells it.
    }
  }

  function follow() {
    const open = [...known].filter(([, card]) => !OVER.has(card.state())).slice(0, FOLLOWED_MAX);
    const locale = languageOf().toUpperCase();
    following.want(new Map(open.map(([id]) => [id, { id, locale }])));
  }

  // The newest cycle stands first.
  function showCycle(node) {
    const shown = known.get(node.id);
    if (shown !== undefined) {
      shown.show(node);
      return;
    }
    const made = cycleCard(door, node);
    const older = [...known.values()].filter((one) => one.number < node.number);
    const next = older.reduce((next, one) => (next?.number > one.number ? next : one), null);
    known.set(node.id, made);
    cards.insertBefore(made.element, next?.element ?? null);
  }

  async function readCycles() {
    const began = round;
    const given = { since: period.since(), first: CYCLES_SHOWN };
    const { settlementCycles: found } = await door.ask(CYCLES, given);
    if (began !== round) return;
    period.learn(found.until);
    show.totals(found.totals, drawTotals);
    const nodes = found.edges.map((one) => one.node);
    nodes.forEach(showCycle);
    showList();
    if (!isPaged) offerMore(found.pageInfo);
  }

  // Cycles closed before the period that are not over yet: nobody should have to look for them.
  async function readOlder(edges) {
    const began = round;
    const open = edges.map((one) => one.node).filter((one) => !OVER.has(one.state));
    for (const { id } of open.filter((one) => !known.has(one.id)).slice(0, FOLLOWED_MAX)) {
      const { settlementCycle } = await door.ask(ONE_CYCLE, { id });
      if (began !== round) return;
      if (settlementCycle !== null) showCycle(settlementCycle);
    }
    showList();
  }

  // The cards draw themselves; only whether there are any is the list's.
  function showList() {
    show.cycles(known.size > 0, (some) => (some ? [cards, more] : empty(say("nothing.cycles"))));
    follow();
  }

  function offerMore({ hasNextPage, endCursor }) {
    more.replaceChildren();
    if (!hasNextPage) return;
    more.append(...worker(say("more"), async () => {
      const given = { since: period.since(), first: CYCLES_SHOWN, after: endCursor };
      const { settlementCycles: next } = await door.ask(CYCLES, given);
      isPaged = true;
      next.edges.forEach(({ node }) => showCycle(node));
      showList();
      offerMore(next.pageInfo);
    }));
  }

  async function readRest() {
    const began = round;
    const [attention, matched] = await Promise.all([
      door.ask(ATTENTION, { since: period.farBack(), states: WAITING_STATES }),
      door.ask(MATCHING, { since: period.since() }),
    ]);
    if (began !== round) return;
    await readOlder(attention.settlementCycles.edges);
    if (began !== round) return;
    show.halts(attention.halts, drawHalts);
    showCalls({
      waiting: attention.payouts.totals.reduce((sum, one) => sum + one.count, 0),
      disputes: attention.disputes.edges.length,
      matching: matched.reconciliationProgress.sides.reduce((sum, one) => sum + one.openCount, 0),
    }, (counts) => drawCalls(counts, called));
    show.waiting(attention.payouts, drawWaiting);
    show.disputes(attention.disputes, drawDisputes);
    show.matching(matched.reconciliationProgress.sides, drawMatching);
  }

  const turns = repeat(async () => {
    try {
      await readCycles();
      await readRest();
      live.stale(false);
    } catch (error) {
      if (wrong(error.kind)) return;
      live.stale(true);
      for (const name of ["totals", "cycles", "waiting", "disputes", "matching"]) {
        show[name].fail(error, () => turns.now());
      }
    }
  }, LIST_MS);

  const wake = () => {
    following.wake();
    void turns.now();
  };
  window.addEventListener("online", wake);

  place.append(
    el("div", { class: "bar-of-page" }, period.element, live.element, calls),
    places.halts,
    section(say("section.totals"), places.totals),
    section(say("section.cycles"), places.cycles),
    ...Object.values(called),
  );
  return {
    close() {
      window.removeEventListener("online", wake);
      turns.end();
      following.close();
    },
  };
}

// Nothing is said of what nobody has to see to.
function drawCalls(counts, called) {
  return CALLED.filter((name) => counts[name] > 0).map((name) =>
    el(
      "button",
      { type: "button", class: "call", onclick: () => goTo(called[name]) },
      say(`call.${name}`), " ", own(count(counts[name])),
    ),
  );
}

function goTo(place) {
  const heading = place.querySelector("h2");
  heading.setAttribute("tabindex", "-1");
  heading.focus();
  place.scrollIntoView({ block: "start" });
}

function drawTotals(totals) {
  if (totals.length === 0) return empty(say("nothing.totals"));
  const names = ["currency", "statementsCount", "receivable", "payable", "net"];
  return table(
    say("table.totals"),
    names.map((name) => say(`column.${name}`)),
    totals.map((one) => [
      own(one.net.currency), count(one.count), money(one.receivable), money(one.payable),
      money(one.net),
    ]),
  );
}

function drawHalts(halts) {
  return halts.map((one) =>
    el(
      "div",
      { class: "halt", role: "alert" },
      el("strong", {}, say(one.everyNetwork ? "halt.all" : "halt.own")),
      el("p", {}, code(one.invariant), " · ", say("halt.rows"), " ", own(count(one.breaches)),
        " · ", time(one.openedAt)),
      el("p", {}, say("halt.todo")),
    ),
  );
}

function drawWaiting({ edges, totals, pageInfo }) {
  if (edges.length === 0) return empty(say("nothing.waiting"));
  const names = PAYOUT_COLUMNS.map((name) => say(`column.${name}`));
  return [
    sumsOf(totals),
    table(say("section.waiting"), names, edges.map(({ node }) => payoutCells(node))),
    ...(pageInfo.hasNextPage ? [el("a", { href: "#payouts" }, say("all.payouts"))] : []),
  ];
}

function drawDisputes({ edges, pageInfo }) {
  if (edges.length === 0) return empty(say("nothing.disputes"));
  const names = ["statement", "partner", "contested", "why", "opened"];
  const rows = edges.map(({ node }) => [
    node.statement ? count(node.statement.number) : "–",
    own(node.statement?.partner?.name ?? "–"),
    money(node.amount),
    own(node.reason),
    time(node.openedAt),
  ]);
  return [
    el("p", { class: "small" }, say("disputes.todo")),
    table(say("section.disputes"), names.map((name) => say(`column.${name}`)), rows),
    ...(pageInfo.hasNextPage ? [el("p", { class: "small" }, say("disputes.more"))] : []),
  ];
}

function drawMatching(sides) {
  if (sides.length === 0) return empty(say("nothing.matching"));
  return el(
    "div",
    { class: "bars" },
    sides.map((one) => {
      const made = bar(`${say(`leg.${one.leg}`)} · ${one.openAmount.currency}`, matchedRow(one));
      const left = [];
      if (one.openCount) {
        left.push(say("matching.open"), " ", own(count(one.openCount)), " · ", money(one.openAmount));
      }
      if (one.proposedCount) {
        left.push(left.length ? " · " : "", say("matching.proposed"), " ", own(count(one.proposedCount)));
      }
      if (one.openSince) left.push(" · ", say("since"), " ", time(one.openSince));
      return el("div", {}, made.element, left.length ? el("p", { class: "small" }, left) : null);
    }),
  );
}
