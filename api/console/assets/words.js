// The page's own words in its language, and numbers and times as people of it write them. Amounts of
// money come written from the server.

import ar from "./words-ar.js";
import en from "./words-en.js";

export const WORDS = { en, ar };
// The calendar of the books, and the digits that the server writes amounts with.
const PLACES = { en: "en-GB", ar: "ar-u-ca-gregory-nu-latn" };

let language = "en";
let zone = "UTC";

export const languageOf = () => language;
export const zoneOf = () => zone;

export function setLanguage(chosen) {
  language = chosen in WORDS ? chosen : "en";
}

export function setZone(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    zone = name;
  } catch {
    zone = "UTC"; // the machine does not know this zone
  }
}

export const hasWords = (path) => find(path) !== undefined;

// The words at a path such as payout.PAID; of what has none, the last name of the path.
export function say(path, values = {}) {
  const found = find(path) ?? path.slice(path.lastIndexOf(".") + 1);
  return found.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

function find(path) {
  const found = path.split(".").reduce((words, name) => words?.[name], WORDS[language]);
  return typeof found === "string" ? found : undefined;
}

export const count = (number) => new Intl.NumberFormat(PLACES[language]).format(number);

const DATE = { day: "numeric", month: "short", year: "numeric" };
const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

export function moment(at) {
  const style = { ...DATE, ...TIME, timeZone: zone };
  return new Intl.DateTimeFormat(PLACES[language], style).format(new Date(at));
}

// A day without a time is the same day everywhere.
export function day(on) {
  const style = { ...DATE, timeZone: "UTC" };
  return new Intl.DateTimeFormat(PLACES[language], style).format(new Date(`${on}T00:00:00Z`));
}
