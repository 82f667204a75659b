// Over which days a page looks back. The server says what time it is: this machine may think otherwise.

import { el } from "./build.js";
import { count, say } from "./words.js";

const DAYS = [31, 90, 365];
// The longest period that the server takes.
const FAR_BACK_DAYS = 399;
const DAY_MS = 86_400_000;

let days = DAYS[0];
let until = null;

const before = (number) =>
  until === null ? null : new Date(Date.parse(until) - number * DAY_MS).toISOString();

// A choice of days for a page, which hears of another one by `changed()`.
export function periodChoice(changed) {
  const options = DAYS.map((one) =>
    el("option", { value: one, selected: one === days }, say("days", { count: count(one) })),
  );
  const choice = el("select", { id: "period" }, options);
  choice.addEventListener("change", () => {
    days = Number(choice.value);
    void changed();
  });
  return {
    element: el("span", { class: "choice" }, el("label", { for: "period" }, say("period")), choice),
    learn(end) {
      until = end;
    },
    // Null is what the server takes for 31 days.
    since: () => (days === DAYS[0] ? null : before(days)),
    farBack: () => before(FAR_BACK_DAYS),
  };
}
