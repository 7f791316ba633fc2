// Opens the search: by its box, "/" or Ctrl-K. The search itself and its style are fetched when the box is touched.
(() => {
  const box = document.querySelector(".search-open");
  const dialog = document.querySelector("dialog.search");
  if (!box || !dialog) return;
  const scripts = new URL("./", document.currentScript.src);
  let search, style;

  function fetchStyle() {
    if (style) return;
    style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("../stylesheets/search.css", scripts);
    style.onload = style.onerror = () => dialog.classList.add("dressed"); // the window works without its style too
    document.head.append(style);
  }

  function fetchSearch() {
    fetchStyle();
    // All at once: in a chain, each would wait for the one before.
    const files = ["../kept/minisearch-7.2.0.js", "search-engine.js", "search.js"].map((file) => new URL(file, scripts).href);
    search ??= Promise.all(files.map((file) => import(file))).catch(() => (search = undefined));
  }

  function open() {
    fetchSearch();
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("input").select();
  }

  for (const nearing of ["pointerenter", "focus"]) box.addEventListener(nearing, fetchStyle);
  box.addEventListener("pointerdown", fetchSearch);
  box.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    const isSlash = event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    const isControlK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!isSlash && !isControlK) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // the theme has keys of its own
    open();
  }, true);
})();
