// Comforts of reading: reading.js fetches them when the page is first touched. The page is whole without them.
export function comfort({ all, one, make, store }) {
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

  // ── The maths font, 29 KB. A paragraph in sight keeps the system's until it is out of sight: nothing moves ──
  const formulas = new Set(all(".maths").map((each) => each.closest(".table, p, li, dd") ?? each));
  const set = (block) => block.classList.add("set");
  const hidden = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (isIntersecting) continue;
      hidden.unobserve(target);
      set(target);
    }
  });
  if (formulas.size) document.fonts.load('1em "Handbook Math"').then(() => formulas.forEach((each) => hidden.observe(each)));
  addEventListener("beforeprint", () => formulas.forEach(set));

  // ── Where the reader is on the page ────────────────────────────────────
  const sections = new Map(all(".md-nav--secondary a").map((link) => [document.getElementById(decodeURIComponent(link.hash.slice(1))), link]));
  const here = () => [...sections.keys()].filter((heading) => heading?.getBoundingClientRect().top < innerHeight / 3).at(-1);
  const follow = () => {
    const now = here();
    for (const [heading, link] of sections) {
      if (heading === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  let waiting;
  addEventListener("scroll", () => (waiting ??= requestAnimationFrame(() => {
    waiting = undefined;
    follow();
  })), { passive: true });

  // ── Back to where one was: after a jump on this page, and after days; kept on this device alone ──
  const chip = make("div", { className: "return" });
  const offer = (text, go) => {
    const close = make("button", { type: "button" }, "×");
    close.setAttribute("aria-label", "Dismiss");
    chip.replaceChildren(make("button", { type: "button", onclick: go }, text), close);
    for (const each of chip.children) each.addEventListener("click", () => chip.remove());
    one("main").append(chip);
  };
  for (const link of all("article a[href^='#']:not(.headerlink)")) {
    link.addEventListener("click", () => {
      const { scrollY: from } = window;
      offer("Back to where you were", () => {
        scrollTo({ top: from });
        link.focus({ preventScroll: true });
      });
    });
  }
  const places = new Map(JSON.parse(store("places") ?? "[]"));
  const was = document.getElementById(places.get(location.pathname));
  if (was && !location.hash && scrollY < innerHeight) {
    offer(`Continue at “${was.firstChild.textContent.trim()}”`, () => was.scrollIntoView());
  }
  addEventListener("pagehide", () => {
    places.delete(location.pathname); // a map keeps its order: the newest last
    const now = here()?.id;
    if (now && scrollY > innerHeight && innerHeight + scrollY < document.body.scrollHeight - innerHeight) places.set(location.pathname, now);
    store("places", JSON.stringify([...places].slice(-50)));
  });

  // ── Notes, readable where they are cited ───────────────────────────────
  const note = make("div", { className: "note", popover: "manual" });
  let closing;
  const close = () => note.matches(":popover-open") && note.hidePopover();
  const later = () => (closing = setTimeout(close, 250));
  const show = (link) => {
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
    for (const event of ["mouseenter", "focus"]) link.addEventListener(event, () => show(link));
    for (const event of ["mouseleave", "blur"]) link.addEventListener(event, later);
    if (link.matches(":hover, :focus")) show(link); // touched before this came
  }
  note.addEventListener("mouseenter", () => clearTimeout(closing));
  note.addEventListener("mouseleave", later);
  addEventListener("keydown", ({ key }) => key === "Escape" && close());

  // ── The list of keys ───────────────────────────────────────────────────
  const keys = { "/": "Search", n: "Next page", p: "Previous page", c: "Contents of the handbook", d: "Change the palette", "?": "These shortcuts" };
  const keysOn = make("input", { type: "checkbox", checked: store("keys") !== "off" });
  keysOn.addEventListener("change", () => store("keys", keysOn.checked ? null : "off"));
  const list = make("dl", {}, ...Object.entries(keys).flatMap(([key, what]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)]));
  const shortcuts = make("dialog", { className: "keys" }, make("h2", { id: "keys" }, "Keyboard shortcuts"), list, make("p", {}, make("label", {}, keysOn, " Single keys on")), make("button", { type: "button", onclick: () => shortcuts.close() }, "Close"));
  shortcuts.setAttribute("aria-labelledby", "keys");
  document.body.append(shortcuts);
  return { help: () => shortcuts.open || shortcuts.showModal() };
}
