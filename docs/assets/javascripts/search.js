// The search window: a combobox with a list of results, as the ARIA practices describe it.
import { open } from "./search-engine.js";

const dialog = document.querySelector("dialog.search");
const input = dialog.querySelector("input");
const list = dialog.querySelector(".search-results");
const status = dialog.querySelector(".search-status");
const KINDS = { term: "Definition", question: "Question", figure: "Figure", table: "Table", source: "Reference" };
const SNIPPET = 170; // letters

let asked = 0; // number of the last query: an answer to an older one is dropped
let engine = open();

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** A text with the matched words marked. */
function marked(text, matched, words) {
  const parts = [];
  let last = 0;
  for (const { index, 0: word } of text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    if (!words.matches(word, matched)) continue;
    parts.push(text.slice(last, index), element("mark", "", word));
    last = index + word.length;
  }
  return [...parts, text.slice(last)];
}

/** The stretch of a text in which most of the matched words stand. */
function snippet(text, matched, words) {
  const hits = [...text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)].map(({ index, 0: word }) => ({ index, stem: words.matches(word, matched) })).filter(({ stem }) => stem);
  let best = { index: 0, count: 0 };
  for (const { index } of hits) {
    const count = new Set(hits.filter((hit) => hit.index >= index && hit.index < index + SNIPPET - 30).map(({ stem }) => stem)).size;
    if (count > best.count) best = { index, count };
  }
  const isNear = best.index < SNIPPET / 2;
  const from = isNear ? 0 : text.indexOf(" ", best.index - 50) + 1;
  const to = text.length - from <= SNIPPET ? text.length : text.lastIndexOf(" ", from + SNIPPET);
  return `${from ? "… " : ""}${text.slice(from, to)}${to < text.length ? " …" : ""}`;
}

function option(result, index, engineOfIt) {
  const { kind, title, page, above = [], matched, text } = result;
  const path = [page.part, kind === "chapter" ? "" : page.title, ...above].filter(Boolean);
  const link = element("a", `search-result search-${kind}`);
  link.id = `search-result-${index}`;
  link.href = engineOfIt.address(result);
  link.tabIndex = -1;
  link.setAttribute("role", "option");
  link.setAttribute("aria-selected", "false");
  link.append(element("span", "search-title", ...marked(title, matched, engineOfIt)));
  if (KINDS[kind]) link.append(" ", element("span", "search-kind", KINDS[kind]));
  link.append(element("span", "search-path", path.join(" › ")));
  const shown = kind === "term" ? text : text && snippet(text, matched, engineOfIt);
  link.append(element("span", "search-snippet", ...marked(shown ?? "", matched, engineOfIt)));
  return link;
}

function show(results, found) {
  const before = selected()?.href;
  list.replaceChildren(...results.map((result, index) => option(result, index, found)));
  input.setAttribute("aria-expanded", String(results.length > 0));
  select([...list.children].find(({ href }) => href === before), false);
}

function offer(terms, query) {
  status.replaceChildren(`Nothing found for “${query}”.`);
  if (!terms.length) return;
  status.append(" Nearest terms: ");
  for (const term of terms) {
    const button = element("button", "search-offer", term);
    button.type = "button";
    button.addEventListener("click", () => {
      input.value = term;
      input.focus();
      ask();
    });
    status.append(button, " ");
  }
}

async function ask() {
  const query = input.value;
  const number = (asked += 1);
  list.setAttribute("aria-busy", "true");
  if (!query.trim()) {
    show([]);
    status.textContent = "";
    list.removeAttribute("aria-busy");
    return;
  }
  try {
    const found = await engine;
    let shown = [];
    await found.find(query, {
      isWanted: () => number === asked,
      show(results) {
        shown = results;
        show(results, found);
      },
    });
    if (number !== asked) return;
    if (shown.length) status.textContent = shown.length === 1 ? "1 result" : `${shown.length} results`;
    else offer(found.nearest(query), query.trim());
  } catch {
    engine = open();
    if (number === asked) status.textContent = "The search could not be fetched. The next key tries again.";
  }
  if (number === asked) list.removeAttribute("aria-busy");
}

const selected = () => list.querySelector("[aria-selected=true]");

function select(chosen, scroll = true) {
  selected()?.setAttribute("aria-selected", "false");
  if (chosen) {
    chosen.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", chosen.id);
    if (scroll) chosen.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

function move(step) {
  const options = [...list.children];
  const at = options.indexOf(selected());
  select(options[at < 0 && step < 0 ? options.length - 1 : (at + step + options.length) % options.length]);
}

input.addEventListener("input", ask);
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => (selected() ?? list.firstElementChild)?.click(),
    Escape: () => dialog.close(),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
list.addEventListener("click", (event) => {
  // A result on this page changes only the fragment: the window must go by itself.
  if (event.target.closest("a") && !event.ctrlKey && !event.metaKey) dialog.close();
});
dialog.querySelector(".search-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
if (input.value) ask();
