// Doing something again and again, but only while somebody looks at the page.

// `work` is done at once and then `everyMs` after it ended; `everyMs` may be a function, asked each
// time. Gives what ends it, and what does it now: once more, when it is under way already.
export function repeat(work, everyMs) {
  let timer = null;
  let isBusy = false;
  let isWanted = false;
  let hasEnded = false;

  const wait = () => (typeof everyMs === "function" ? everyMs() : everyMs);

  async function turn() {
    isWanted = true;
    if (isBusy || hasEnded) return;
    clearTimeout(timer);
    isBusy = true;
    try {
      while (isWanted && !hasEnded) {
        isWanted = false;
        await work();
      }
    } finally {
      isBusy = false;
      if (!hasEnded && !document.hidden) timer = setTimeout(turn, wait());
    }
  }

  function seen() {
    if (document.hidden) clearTimeout(timer);
    else void turn();
  }

  document.addEventListener("visibilitychange", seen);
  void turn();
  return {
    now: turn,
    end() {
      hasEnded = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
