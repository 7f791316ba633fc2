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

  // ── What is wider than the screen scrolls, with the keyboard too ───────
  const reach = () => {
    for (const each of all(".table, .diagram, pre, .maths")) {
      if (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1) each.tabIndex = 0;
      else each.removeAttribute("tabindex");
    }
  };
  new ResizeObserver(reach).observe(document.body);

  // ── A citation's name says who and when, which the page tells in its note alone ──
  for (const link of all(".cite a")) {
    const [who, , when] = one(link.hash).childNodes; // "J. Ho. ", the title, ", 2020, section 3. "
    link.setAttribute("aria-label", `${link.getAttribute("aria-label")}: ${who.data}${when.data.split(/[,.]/)[1].trim()}`);
  }

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
  // The rules in the head draw its page ahead.
  whenSeen(all(".turn [rel=next]"), (link) => link.classList.add("seen"));

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

  // ── The quiz and the comforts, when the page is first touched; the quiz sooner if its place is asked for ──
  const open = () => all(".question").forEach((each) => each.classList.add("live")); // the answers, if it can't be had
  const quiz = make("script", { src: new URL("questions.js", document.currentScript.src).href, onerror: open });
  const questions = () => one(".question") && !quiz.isConnected && document.head.append(quiz);
  if (location.hash) questions();
  whenSeen(all(".question"), questions, "100%");
  const file = new URL("comforts.js", document.currentScript.src).href;
  const touches = ["pointermove", "pointerdown", "keydown", "focusin", "scroll"];
  let coming;
  const comforts = () => {
    for (const each of touches) removeEventListener(each, comforts);
    questions();
    return (coming ??= import(file).then(({ comfort }) => comfort({ all, one, make, store })));
  };
  for (const each of touches) addEventListener(each, comforts, { passive: true });

  // ── Keys ───────────────────────────────────────────────────────────────
  const help = () => comforts().then((given) => given.help());
  const contents = () => {
    const list = one("#contents");
    if (getComputedStyle(list).display === "none") list.showPopover();
    one(".md-nav--primary a").focus();
  };
  const keys = { "/": null, n: () => one("a[rel=next]")?.click(), p: () => one("a[rel=prev]")?.click(), c: contents, d: () => palette.click(), "?": help };
  addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]") || event.target.closest("input:not([type=radio]), textarea, select")) return;
    if (store("keys") === "off") event.stopImmediatePropagation(); // the search's key too
    else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  }, true);
  one(".open-keys").addEventListener("click", help);
})();
