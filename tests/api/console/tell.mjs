// Tells what the console's modules hold: the documents that it asks, its words, and the rows of a
// progress that is given.

const assets = new URL("../../../api/console/assets/", import.meta.url);
const load = (name) => import(new URL(name, assets));

const [documents, words, progress] = await Promise.all(
  ["documents.js", "words.js", "progress.js"].map(load),
);
const given = JSON.parse(process.argv[2]);
const told = { documents: { ...documents }, words: words.WORDS };
if (given.progress) told.rows = given.progress.map(progress.rowsOf);
if (given.sides) told.sides = given.sides.map(progress.matchedRow);
if (given.says) {
  words.setZone(given.zone);
  told.says = given.says.map(({ language, what, of }) => {
    words.setLanguage(language);
    return words[what](...of);
  });
}
console.log(JSON.stringify(told));
