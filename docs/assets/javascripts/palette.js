// Before the first paint: the palette that the reader chose, or else the system's.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("palette");
  } catch {
    // Storage is forbidden: the system decides.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "slate" : "default";
  document.body.dataset.mdColorScheme = chosen ?? system;
  document.documentElement.classList.remove("no-js");
  // A page that comes before its style has no transition, of which the browser would make an error.
  addEventListener("unhandledrejection", (event) => {
    if (event.reason?.message?.includes("ViewTransition")) event.preventDefault();
  });
})();
