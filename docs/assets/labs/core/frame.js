// The frame of a lab: prediction, start, controls, state in the address, outcome, table, errors.
// What a lab's module has, and what `lab` gives it, is told in docs/contributing.md.
import { LabError } from "./container.js";
import { html, makeControl, taken } from "./controls.js";
import { Client } from "./worker.js";

const LABS = new URL("../", import.meta.url);
const styled = new Promise((done) => document.head.append(html("link", { rel: "stylesheet", href: new URL("core/frame.css", LABS), onload: done, onerror: done })));
const AGAIN = "Check the connection and start again.";
const still = matchMedia("(prefers-reduced-motion: reduce)");
const button = (name, onclick, className = "") => html("button", { type: "button", onclick, className }, name);

export async function mount(root) {
  await styled;
  const prefix = `${root.id.slice(4)}.`; // in the address
  const sizes = JSON.parse(root.dataset.weights);
  const size = Object.values(sizes).reduce((a, b) => a + b, 0);
  const weigh = `${Math.ceil(size / 1000)} KB`;
  const figure = root.querySelector(".lab-static");
  const answer = root.querySelector(".lab-answer");
  const files = {};
  const parts = {};
  const start = {}; // the values that Reset brings back
  const values = {};
  const timers = {};
  let module, client, table, playing, live;
  let awaited = root.dataset.shown && JSON.parse(root.dataset.shown); // states that the question asks about, until they are shown
  let turn = 0;
  let touched = false;
  let down = true; // until it is set up, and after a fault that is no LabError

  const gate = root.querySelector(".lab-gate");
  const predictions = [...root.querySelectorAll(".lab-predict li")].map((item) => {
    const input = html("input", { type: "radio", name: root.id });
    const label = html("label", {}, input, html("span", {}, ...item.childNodes));
    item.append(label);
    return { input, label };
  });
  const verdict = html("div", { className: "lab-verdict", role: "status" });
  const starter = button(`Start the lab${size ? ` (${weigh})` : ""}`, begin, "lab-start");
  const progress = html("progress");
  const task = html("span");
  const working = html("p", { className: "lab-busy", hidden: true }, progress, task);
  const alert = html("p", { className: "lab-fault", role: "alert", hidden: true });
  const grid = html("div", { className: "lab-controls" });
  const view = html("div", { className: "lab-view" });
  const outcome = html("p", { className: "lab-outcome" });
  const voice = html("span", { className: "visually-hidden", role: "status" });
  const data = html("details", { className: "lab-data", ontoggle: fill }, html("summary", {}, "Table of this data"));
  const note = html("span", { role: "status" });
  const actions = html("div", { className: "lab-actions" }, button("Reset", reset), button("Copy as Python", copy), note);
  gate.append(starter);
  gate.before(verdict);
  gate.after(working, alert);

  // What a lab is given; `state` comes with its start.
  const lab = (root.lab = {
    view,
    control: (key) => parts[key],
    ask: (...request) => client.ask(...request),
    set: (changes) => put(changes),
    say(text) {
      outcome.textContent = text;
      later("voice", 600, () => (voice.textContent = text));
    },
    busy(text, share) {
      working.hidden = !text;
      task.textContent = text ?? "";
      if (share === undefined) progress.removeAttribute("value");
      else progress.value = share;
    },
  });

  async function begin() {
    starter.disabled = true;
    warn();
    try {
      let got = 0;
      const more = (bytes) => starter.disabled && lab.busy(`Fetching ${weigh}`, (got += bytes) / size);
      const code = import(new URL(`${root.dataset.lab}.js`, LABS)).catch((error) => {
        throw new LabError(`The lab could not be fetched (${error.message}). ${AGAIN}`);
      });
      const fetches = Object.keys(sizes).map(async (name) => (files[name] ??= await fetchFile(name, sizes[name], more)));
      [{ default: module }] = await Promise.all([code, ...fetches]);
      lab.busy("Starting");
      build();
      await setUp();
    } catch (error) {
      fail(error);
      starter.disabled = false;
    }
  }

  function build() {
    const { controls } = module;
    const refused = [];
    const overlay = (over, given, from) => {
      for (const [key, value] of given) {
        const fit = controls[key]?.value === undefined ? undefined : taken(controls[key], value);
        if (fit === undefined) refused.push(`${from} asks for ${key} = ${value}, which this lab does not take.`);
        else Object.assign(over, { [key]: fit }, controls[key].sets?.[fit]);
      }
    };
    for (const key in controls) {
      const { type, value: usual, sets, unsets } = controls[key];
      if (usual !== undefined) start[key] = usual;
      const changed = (value) => {
        touch();
        put({ ...sets?.[value], ...unsets, [key]: value }, key);
      };
      parts[key] = makeControl(`${root.id}-${key}`, controls[key], { button: () => press(key), play: () => play(key) }[type] ?? changed, warn);
      if (type === "play" && still.matches) parts[key].update({ textContent: "Step" });
      if (type !== "hidden") grid.append(parts[key].root);
    }
    overlay(start, Object.entries(JSON.parse(root.dataset.options)), "This page");
    Object.assign(values, start);
    const asked = [...new URLSearchParams(location.search)].filter(([key]) => key.startsWith(prefix));
    overlay(values, asked.map(([key, value]) => [key.slice(prefix.length), value]), "The address");
    for (const key in values) parts[key].value = values[key];
    lab.state = Object.freeze({ ...values });
    live = html("div", { className: "lab-live", tabIndex: -1, role: "group", ariaLabel: "The lab" }, grid, working, alert, view, outcome, voice, data, actions);
    figure.before(live);
    figure.hidden = true;
    gate.remove();
    warn(refused.join(" "));
    live.focus({ preventScroll: true });
  }

  async function setUp() {
    live.ariaBusy = "true";
    client?.end();
    if (module.worker) {
      client = new Client(new URL(module.worker, LABS));
      await client.ask("load", { weights: files });
    }
    await module.setup?.(lab);
    down = false;
    await show();
  }

  function later(name, ms, work) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(work, ms);
  }

  function touch() {
    playing = undefined;
    touched = true;
  }

  function put(changes, own) {
    for (const key in changes) if (key !== own) parts[key].value = changes[key];
    Object.assign(values, changes);
    lab.state = Object.freeze({ ...values });
    later("address", 250, address);
    if (down || module.controls[own]?.type !== "text") return show();
    wait();
    later("show", 120, show); // while the reader types, nothing is computed or drawn
  }

  /** What is under way is out of date. */
  function wait() {
    live.ariaBusy = "true";
    return ++turn;
  }

  function address() {
    const url = new URL(location);
    for (const key in values) {
      if (values[key] === start[key]) url.searchParams.delete(prefix + key);
      else url.searchParams.set(prefix + key, values[key]);
    }
    url.hash = root.id;
    history.replaceState(history.state, "", url);
  }

  async function show() {
    if (down) return;
    const mine = wait();
    await new Promise(requestAnimationFrame);
    if (mine !== turn) return;
    try {
      const shown = (await module.show(lab)) ?? {};
      if (mine !== turn) return;
      lab.busy();
      if (touched) warn();
      lab.say(shown.say ?? "");
      table = shown.table;
      data.hidden = !table;
      fill();
      awaited = awaited?.filter((state) => Object.keys(state).some((key) => state[key] !== values[key]));
      if (awaited ? !awaited[0] : shown.answer ?? touched) judge();
      live.ariaBusy = "false";
    } catch (error) {
      if (mine === turn) fail(error);
    }
  }

  async function press(key) {
    touch();
    try {
      if (!down) await module.controls[key].press(lab);
    } catch (error) {
      fail(error);
    }
  }

  /** A second press pauses. With reduced motion a press is one step. */
  async function play(key) {
    const { of, every, label } = module.controls[key];
    const { values: list, min } = module.controls[of];
    const { next } = parts[of];
    const name = (textContent) => still.matches || parts[key].update({ textContent });
    const was = playing;
    touch();
    if (was !== key) playing = key;
    for (let value = next(values[of]) ?? list?.[0] ?? min; value !== undefined && playing === key; value = next(value)) {
      name("Pause");
      await lab.set({ [of]: value });
      if (still.matches) break;
      await new Promise((done) => setTimeout(done, every));
    }
    if (playing === key) playing = undefined;
    name(label);
  }

  function judge() {
    if (answer.hidden) return;
    answer.hidden = true;
    const right = predictions[root.dataset.right];
    const chosen = predictions.find(({ input }) => input.checked);
    const told = chosen === right ? "Your prediction was right." : `${chosen ? "Not as you predicted" : "The answer"}: ${right.label.textContent}.`;
    for (const { input } of predictions) input.disabled = true;
    right.label.className = "right";
    verdict.append(html("strong", {}, told), " ", ...answer.querySelector(".why").cloneNode(true).childNodes);
  }

  function fill() {
    if (!data.open || !table) return;
    const { caption, header, rows } = table.call ? table() : table;
    const row = (cells, scope) => html("tr", {}, ...cells.map((text, i) => (i && scope === "row" ? html("td", {}, `${text}`) : html("th", { scope }, `${text}`))));
    const body = html("tbody", {}, ...rows.map((cells) => row(cells, "row")));
    const made = html("table", {}, html("caption", {}, caption), html("thead", {}, row(header, "col")), body);
    data.replaceChildren(data.firstChild, html("div", { className: "table" }, made));
  }

  async function copy() {
    const script = module.python(lab);
    try {
      await navigator.clipboard.writeText(script);
      note.textContent = "Copied. Run it with Python from the root of the repository.";
    } catch {
      note.replaceChildren("The browser does not allow copying:", html("pre", { tabIndex: 0 }, script));
    }
  }

  function reset() {
    playing = undefined;
    warn();
    put(start);
    if (!down) return;
    view.replaceChildren();
    setUp().catch(fail);
  }

  function warn(text = "") {
    alert.textContent = text;
    alert.hidden = !text;
  }

  function fail(error) {
    if (error.name === "AbortError") return; // a newer request came
    lab.busy();
    if (live) live.ariaBusy = "false";
    if (error instanceof LabError) return warn(error.message);
    console.error(error);
    down = true;
    warn(`This lab stopped (${error.message}). ${live ? "Reset starts it again." : "Reload the page to try again."}`);
  }
}

async function fetchFile(name, size, more) {
  try {
    const response = await fetch(new URL(`weights/${name}.bin`, LABS));
    if (!response.ok) throw new Error(response.status);
    const parts = [];
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      more(part.value.length);
    }
    const file = await new Blob(parts).arrayBuffer();
    if (file.byteLength !== size) throw new Error(`${file.byteLength} bytes, not ${size}`);
    return file;
  } catch ({ message }) {
    throw new LabError(`The weights could not be fetched (${message}). ${AGAIN}`);
  }
}
