// Small helps for readers. The page is whole without them: nothing here draws what the page needs.
(() => {
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const one = (query) => document.querySelector(query);
  const make = (name, properties, ...content) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...content);
    return made;
  };
  const store = (key, value) => {
    try {
      if (value === undefined) return localStorage.getItem(key);
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // Storage is full or forbidden: it lasts for this page.
    }
    return value;
  };

  // ── Palette: the system's, light, dark ─────────────────────────────────
  const palette = one(".palette");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const order = ["system", "default", "slate"];
  const names = { system: "Palette: system", default: "Palette: light", slate: "Palette: dark" };
  let chosen = store("palette") ?? "system";
  const paint = () => {
    document.body.dataset.mdColorScheme = chosen === "system" ? (dark.matches ? "slate" : "default") : chosen;
    palette.lastChild.textContent = names[chosen];
  };
  palette.addEventListener("click", () => {
    chosen = order[(order.indexOf(chosen) + 1) % order.length];
    store("palette", chosen === "system" ? null : chosen);
    paint();
  });
  dark.addEventListener("change", paint);
  paint();

  // ── Copy: code, and the address of a section ───────────────────────────
  const voice = make("div", { className: "voice" });
  voice.setAttribute("role", "status");
  document.body.append(voice);
  let silence;
  const say = (text) => {
    voice.textContent = text;
    clearTimeout(silence);
    silence = setTimeout(() => voice.replaceChildren(), 2000);
  };
  const copy = (text, done) => navigator.clipboard?.writeText(text).then(() => say(done), () => say("The browser does not allow copying"));
  for (const block of all(".highlight")) {
    const button = make("button", { type: "button", className: "copy" }, "Copy");
    button.addEventListener("click", () => copy(block.querySelector("code").textContent, "Code copied"));
    block.append(button);
  }
  for (const link of all(".headerlink")) link.addEventListener("click", () => copy(link.href, "Link to this section copied"));

  // ── What is wider than the screen scrolls, with the keyboard too ───────
  const reach = () => {
    for (const each of all(".table, .diagram, pre, .maths")) {
      if (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1) each.tabIndex = 0;
      else each.removeAttribute("tabindex");
    }
  };
  new ResizeObserver(reach).observe(document.body);

  // ── What waits until it is seen ────────────────────────────────────────
  const whenSeen = (elements, work, rootMargin) => {
    const watch = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        work(target);
      }
    }, { rootMargin });
    for (const each of elements) watch.observe(each);
  };
  // A lab's frame; a page opened as a file may load no module, and keeps the figure.
  if (location.protocol !== "file:") whenSeen(all(".lab"), (lab) => import("../labs/core/frame.js").then(({ mount }) => mount(lab)), "300px");
  // The maths font, 29 KB, when a formula is seen or may be soon.
  const setMaths = () => document.documentElement.classList.remove("maths-later");
  whenSeen(all(".maths"), setMaths);
  for (const event of ["scroll", "beforeprint"]) addEventListener(event, setMaths, { once: true, passive: true });

  // ── Where the reader is on the page ────────────────────────────────────
  const sections = new Map(all(".md-nav--secondary a").map((link) => [document.getElementById(decodeURIComponent(link.hash.slice(1))), link]));
  const follow = () => {
    const passed = [...sections.keys()].filter((heading) => heading?.getBoundingClientRect().top < innerHeight / 3);
    for (const [heading, link] of sections) {
      if (heading === passed.at(-1)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  let waiting;
  addEventListener("scroll", () => (waiting ??= requestAnimationFrame(() => {
    waiting = undefined;
    follow();
  })), { passive: true });

  // ── What was read, kept on this device ─────────────────────────────────
  const read = new Set((store("read") ?? "").split("\n").filter(Boolean));
  const mark = () => {
    for (const part of all(".md-nav--primary .md-nav__item--nested")) {
      const links = all(":scope > ul a", part);
      const done = links.filter((link) => read.has(link.pathname));
      for (const link of done) link.classList.add("was-read");
      if (done.length) part.dataset.progress = `${done.length} of ${links.length} read`;
    }
    for (const link of all("dt > a")) link.classList.toggle("was-read", read.has(link.pathname));
  };
  if (one(".chapter-facts")) whenSeen(all("#summary"), () => {
    store("read", [...read.add(location.pathname)].join("\n"));
    mark();
  });
  mark();

  // ── Notes, readable where they are cited ───────────────────────────────
  const note = make("div", { className: "note", popover: "manual" });
  let closing;
  const close = () => note.matches(":popover-open") && note.hidePopover();
  const later = () => (closing = setTimeout(close, 250));
  const show = ({ currentTarget: link }) => {
    clearTimeout(closing);
    const source = document.getElementById(link.hash.slice(1)).cloneNode(true);
    for (const back of all(".back", source)) back.remove();
    note.replaceChildren(...source.childNodes);
    if (!note.isConnected) one("main").append(note);
    close();
    note.showPopover();
    const { left, bottom, top } = link.getBoundingClientRect();
    note.style.left = `${Math.max(8, Math.min(left - 20, document.documentElement.clientWidth - note.offsetWidth - 8))}px`;
    note.style.top = `${scrollY + (bottom + note.offsetHeight + 8 > innerHeight ? top - note.offsetHeight - 4 : bottom + 4)}px`;
  };
  for (const link of all(".cite a")) {
    link.addEventListener("mouseenter", show);
    link.addEventListener("focus", show);
    link.addEventListener("mouseleave", later);
    link.addEventListener("blur", later);
  }
  note.addEventListener("mouseenter", () => clearTimeout(closing));
  note.addEventListener("mouseleave", later);
  addEventListener("keydown", ({ key }) => key === "Escape" && close());

  // ── Keys ───────────────────────────────────────────────────────────────
  const keys = { "/": "Search", n: "Next page", p: "Previous page", c: "Contents of the handbook", d: "Change the palette", "?": "These shortcuts" };
  const keysOn = make("input", { type: "checkbox", checked: store("keys") !== "off" });
  keysOn.addEventListener("change", () => store("keys", keysOn.checked ? null : "off"));
  const list = make("dl", {}, ...Object.entries(keys).flatMap(([key, what]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)]));
  const shortcuts = make("dialog", { className: "keys" }, make("h2", { id: "keys" }, "Keyboard shortcuts"), list, make("p", {}, make("label", {}, keysOn, " Single keys on")), make("button", { type: "button", onclick: () => shortcuts.close() }, "Close"));
  shortcuts.setAttribute("aria-labelledby", "keys");
  document.body.append(shortcuts);
  const help = () => shortcuts.open || shortcuts.showModal();
  const actions = { n: () => one("a[rel=next]")?.click(), p: () => one("a[rel=prev]")?.click(), c: () => {
      const contents = one("#contents");
      if (getComputedStyle(contents).display === "none") contents.showPopover();
      one(".md-nav--primary a").focus();
    }, d: () => palette.click(), "?": help };
  addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]") || event.target.closest("input:not([type=radio]), textarea, select")) return;
    if (!keysOn.checked) event.stopImmediatePropagation(); // the search's key too
    else if (actions[event.key]) {
      event.preventDefault();
      actions[event.key]();
    }
  }, true);
  one(".open-keys").addEventListener("click", help);
})();
