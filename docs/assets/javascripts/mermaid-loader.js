// The live renderer, for a diagram that could not be drawn when the site was built, and for previews.
// It downloads Mermaid only when such a diagram comes near the screen.
// Colours come from handbook.css, as in diagrams drawn at build time: a change of palette needs no new drawing.
(() => {
  // Any other name than "mermaid": the theme's own script would fetch the library from a CDN.
  const blocks = [...document.querySelectorAll("pre.mermaid")];
  for (const block of blocks) block.className = "diagram-source";
  if (!blocks.length) return;

  const library = new URL("../vendor/diagram-renderer.js", document.currentScript.src).href;
  let loading;

  // The library's file ends with our settings: see `vendor` in handbook/markdown/diagrams.py.
  const load = () => (loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = library;
    script.onload = () => resolve(window.mermaid);
    script.onerror = () => reject(new Error(`${library} is missing`));
    document.head.append(script);
  }));

  // Mermaid's rules for text and dashes, in a layer, so that any rule of handbook.css outranks them.
  // A constructed style sheet is allowed where the page's policy forbids inline styles.
  const adopt = (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`@layer diagrams { ${css} }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  };

  const kept = /^(text-anchor|dominant-baseline|font-size|font-weight|font-style|stroke-dasharray)$/;

  const tidy = (svg, { title, description }) => {
    for (const style of svg.querySelectorAll("style")) {
      adopt(style.textContent);
      style.remove();
    }
    for (const element of [svg, ...svg.querySelectorAll("*")]) {
      const declared = (element.getAttribute("style") ?? "").split(";").map((each) => each.split(":").map((part) => part.trim()));
      element.removeAttribute("style");
      for (const [name, value = ""] of declared) if (kept.test(name)) element.setAttribute(name, value);
      const colours = [element.getAttribute("fill"), element.getAttribute("stroke"), ...declared.map(([, value]) => value)];
      const hue = colours.map((each) => /^(?:#00000|rgb\(0, ?0, ?)([1-5])\)?$/.exec(each ?? "")).find(Boolean);
      if (hue) element.classList.add(`hue-${hue[1]}`);
    }
    const { width, height } = svg.viewBox.baseVal;
    svg.setAttribute("width", Math.round(width));
    svg.setAttribute("height", Math.round(height));
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", title ?? "Diagram");
    if (description) svg.setAttribute("aria-description", description);
    return svg;
  };

  const draw = async (block, number) => {
    const figure = block.parentElement;
    try {
      const mermaid = await load();
      // Mermaid empties the figure and measures in it: there, text has the size and font that it will be shown in.
      const { svg } = await mermaid.render(`live-diagram-${number}`, block.textContent, figure);
      const parsed = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
      figure.replaceChildren(document.adoptNode(tidy(parsed, block.dataset)));
    } catch (error) {
      console.warn(`Diagram not drawn; its source is shown instead: ${error.message}`);
      figure.replaceChildren(block);
    }
  };

  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      draw(target, blocks.indexOf(target));
    }
  }, { rootMargin: "600px" });
  for (const block of blocks) near.observe(block);
})();
