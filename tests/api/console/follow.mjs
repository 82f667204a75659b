// Signs in and follows a settlement cycle as the page does, with the page's own modules; says each
// thing that the page would show as a line, until it is told to end.

const assets = new URL("../../../api/console/assets/", import.meta.url);
const load = (name) => import(new URL(name, assets));
const [{ Session }, { Door }, { Following }, documents] = await Promise.all(
  ["session.js", "door.js", "follow.js", "documents.js"].map(load),
);

const job = JSON.parse(process.argv[2]);
const addresses = [];
const kept = new Map();
const tell = (told) => console.log(JSON.stringify(told));
const storage = {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name),
};
const fetch = (address, request) => {
  addresses.push(String(address));
  return globalThis.fetch(address, request);
};
const open = () => {
  addresses.push(door.socketAddress);
  return new WebSocket(door.socketAddress, "graphql-transport-ws");
};

const session = new Session({ base: job.base, storage, fetch });
const door = new Door({ base: job.base, session, language: () => job.language, fetch });
try {
  await session.signIn(job.clientId, job.secret);
} catch (error) {
  tell({ refused: error.kind, kept: [...kept.keys()] });
  process.exit(0);
}
// A page that was loaded again has the token of the tab, and no secret.
const reading = job.isReloaded ? new Session({ base: job.base, storage, fetch }) : session;
const locale = job.language.toUpperCase();
const following = new Following({
  open,
  session: reading,
  document: documents.FOLLOW_CYCLE,
  poll: (id) => door.ask(documents.ONE_CYCLE, { id }),
  tell(id, data) {
    const how = data.settlementProgress ? "followed" : "asked";
    tell({ [how]: data.settlementProgress ?? data.settlementCycle.progress });
  },
  say: (state) => tell({ said: state }),
  times: { againMs: [60, 120, 240], pollMs: 100, pingMs: 150, silenceMs: job.silenceMs ?? 9_000 },
});
following.want(new Map([[job.cycleId, { id: job.cycleId, locale }]]));

async function end() {
  following.close();
  const told = { addresses, kept: Object.fromEntries(kept) };
  if (job.document) {
    const { content, name } = await door.download(job.document);
    told.downloaded = { name, text: await content.text() };
  }
  session.signOut();
  tell({ ...told, left: [...kept.keys()] });
  process.exit(0);
}

process.stdin.on("data", end);
