// Apply the palette that the reader chose, or the system's, before the first paint.
(() => {
  const stored = __md_get("__palette")?.color?.media ?? "(prefers-color-scheme)";
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const wanted = stored === "(prefers-color-scheme)" ? `(prefers-color-scheme: ${system})` : stored;
  const option = document.querySelector(`[data-md-color-media="${wanted}"]`);
  if (!option) return;
  for (const name of ["scheme", "primary", "accent"]) {
    document.body.setAttribute(`data-md-color-${name}`, option.getAttribute(`data-md-color-${name}`));
  }
})();
