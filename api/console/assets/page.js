// The page itself: signing in and out, which part of it is shown, and in which language.

import { el, failed, loading, own, worker } from "./build.js";
import { VIEWER } from "./documents.js";
import { Door } from "./door.js";
import { openImports } from "./imports.js";
import { openPayouts } from "./payouts.js";
import { Session } from "./session.js";
import { openSettlement } from "./settlement.js";
import { kindOf } from "./trouble.js";
import { WORDS, languageOf, say, setLanguage, setZone, zoneOf } from "./words.js";

const PAGES = { settlement: openSettlement, payouts: openPayouts, imports: openImports };
const LANGUAGE_KEPT = "mizan.language";

const session = new Session({ base: document.baseURI, storage: window.sessionStorage });
const door = new Door({ base: document.baseURI, session, language: languageOf });
const header = document.getElementById("top");
const main = document.getElementById("main");
let shown = null;
let viewer = null;

const pageName = () => {
  const name = window.location.hash.slice(1);
  return Object.hasOwn(PAGES, name) ? name : "settlement";
};

function start() {
  const kept = window.localStorage.getItem(LANGUAGE_KEPT);
  const wanted = navigator.languages.map((one) => one.slice(0, 2));
  speak([kept, ...wanted].find((one) => one !== null && Object.hasOwn(WORDS, one)) ?? "en");
  window.addEventListener("hashchange", () => {
    if (viewer === null) return;
    openPage();
    main.querySelector("h1")?.focus();
  });
  document.getElementById("skip").addEventListener("click", () => main.focus());
  if (session.isOpen) void enter();
  else askWho();
}

function speak(language) {
  setLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  document.getElementById("skip").textContent = say("skip");
}

function close() {
  shown?.close();
  shown = null;
}

// Who is asking decides what there is to see.
async function enter() {
  close();
  drawTop();
  main.replaceChildren(loading());
  try {
    ({ viewer } = await door.ask(VIEWER));
  } catch (error) {
    if (error.kind === "signed_out") leave("ended");
    else main.replaceChildren(failed(error, enter));
    return;
  }
  if (viewer.network) setZone(viewer.network.zone);
  drawTop();
  if (viewer.kind !== "STAFF") deny("denied.kind");
  else if (viewer.network === null) deny("denied.platform");
  else openPage();
}

function deny(words) {
  main.replaceChildren(
    el("div", { class: "state", role: "alert" }, el("h1", {}, say("denied.title")),
      el("p", {}, say(words))),
  );
}

function openPage() {
  if (viewer.kind !== "STAFF" || viewer.network === null) return;
  close();
  drawTop();
  const name = pageName();
  const heading = el("h1", { tabindex: "-1" }, say(`page.${name}`));
  const zone = el("p", { class: "small" }, say("zone"), " ", own(zoneOf()));
  const place = el("div");
  main.replaceChildren(el("div", { class: "title" }, heading, zone), place);
  document.title = `${say(`page.${name}`)} · Mizan`;
  shown = PAGES[name](place, { door, session, viewer, wrong });
}

// True when a trouble is the page's own to show: nobody is signed in any more.
function wrong(kind) {
  if (kind !== "signed_out") return false;
  if (viewer !== null) leave("ended");
  return true;
}

function leave(why) {
  close();
  viewer = null;
  if (why === "ended") session.end();
  else session.signOut();
  askWho(why);
}

function askWho(why = null, typed = session.clientId) {
  drawTop();
  document.title = "Mizan";
  const id = el("input", {
    id: "client", name: "client", required: true, autocomplete: "username", spellcheck: "false",
    autocapitalize: "none", dir: "ltr", value: typed,
  });
  const secret = el("input", {
    id: "secret", name: "secret", type: "password", required: true, dir: "ltr",
    autocomplete: "current-password",
  });
  const told = el("p", { class: "wrong", role: "alert", id: "told" });
  const send = el("button", { class: "main" }, say("signIn.send"));
  const form = el(
    "form",
    { method: "post", class: "card sign-in", "aria-describedby": "told" },
    el("h1", {}, say("signIn.title")),
    why && el("p", { role: "status" }, say(`signIn.${why}`)),
    el("p", { class: "small" }, say("signIn.how")),
    el("label", { for: "client" }, say("signIn.client")),
    id,
    el("label", { for: "secret" }, say("signIn.secret")),
    secret,
    told,
    send,
    el("p", { class: "small" }, say("signIn.kept")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    told.textContent = "";
    send.disabled = true;
    try {
      await session.signIn(id.value.trim(), secret.value.trim());
      secret.value = "";
      await enter();
    } catch (error) {
      told.textContent = say(`trouble.${kindOf(error)}`);
      send.disabled = false;
      secret.focus();
      secret.select();
    }
  });
  main.replaceChildren(form);
  (typed ? secret : id).focus();
}

function drawTop() {
  const other = languageOf() === "en" ? "ar" : "en";
  const change = el(
    "button",
    {
      type: "button",
      lang: other,
      onclick: () => {
        window.localStorage.setItem(LANGUAGE_KEPT, other);
        speak(other);
        // Names come in a language too: who is asking is asked again.
        if (viewer === null && !session.isOpen) askWho(null, document.getElementById("client")?.value);
        else void enter();
      },
    },
    WORDS[other].language,
  );
  const links = Object.keys(PAGES).map((name) =>
    el("a", { href: `#${name}`, "aria-current": name === pageName() && "page" }, say(`page.${name}`)),
  );
  const isIn = viewer?.kind === "STAFF" && viewer.network !== null;
  header.replaceChildren(
    el("span", { class: "brand" }, say("mizan"), viewer?.network && el("span", { class: "network" },
      own(viewer.network.name))),
    ...(isIn ? [el("nav", { "aria-label": say("pages") }, links)] : []),
    el(
      "span",
      { class: "who" },
      viewer && el("span", { class: "small" }, own(viewer.subject),
        viewer.roles.map((role) => ` · ${say(`role.${role}`)}`)),
      change,
      ...(session.isOpen ? worker(say("signOut"), async () => leave("left")) : []),
    ),
  );
}

start();
