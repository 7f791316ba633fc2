// In the preview alone: shows the page anew when it was saved. The engines' own scripts are inline, and the policy stops them.
(() => {
  let shown;
  const look = async () => {
    if (document.hidden || document.prerendering) return;
    try {
      const text = await (await fetch(location.href, { cache: "reload" })).text();
      const now = new DOMParser().parseFromString(text, "text/html").body.textContent;
      if (shown !== undefined && now !== shown) location.reload();
      shown = now;
    } catch {
      // The engine is starting anew.
    }
  };
  look();
  setInterval(look, 500);
})();
