// On the page for addresses that lead nowhere: the pages whose names are most like the address that was asked for.
(() => {
  const list = document.querySelector(".nearest");
  const pairs = (text) => {
    const letters = text.toLowerCase().replace(/\.html?$|\.md$/, "").replace(/[^a-z0-9]/g, "");
    return new Set([...letters].slice(1).map((letter, at) => letters[at] + letter));
  };
  const last = (path) => decodeURIComponent(path).split("/").filter((each) => each && !/^index\b/.test(each)).at(-1) ?? "";
  const asked = pairs(last(location.pathname));
  const alike = (text) => {
    const own = pairs(text);
    const shared = [...own].filter((pair) => asked.has(pair)).length;
    return (2 * shared) / (own.size + asked.size || 1);
  };
  const scored = [...list.children].map((item) => {
    const link = item.firstElementChild;
    return { item, score: Math.max(alike(last(link.pathname)), alike(link.textContent)) };
  });
  const near = scored.filter(({ score }) => score > 0.35).sort((one, other) => other.score - one.score).slice(0, 5);
  if (!near.length) return;
  list.previousElementSibling.textContent = "Did you mean";
  list.replaceChildren(...near.map(({ item }) => item));
})();
