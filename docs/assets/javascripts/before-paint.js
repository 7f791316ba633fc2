// What the theme's own script expects before it starts: where the site's root is, and the reader's stored choices.
// A file, so that no inline script is needed.
(() => {
  const root = new URL("../../", document.currentScript.src);
  const key = (name, scope) => `${scope.pathname}.${name}`;
  Object.assign(globalThis, {
    __md_scope: root,
    __md_hash: (text) => [...text].reduce((hash, letter) => ((hash << 5) - hash + letter.charCodeAt(0)) | 0, 0),
    __md_get: (name, storage = localStorage, scope = root) => JSON.parse(storage.getItem(key(name, scope))),
    __md_set: (name, value, storage = localStorage, scope = root) => {
      try {
        storage.setItem(key(name, scope), JSON.stringify(value));
      } catch {
        // Storage is full or forbidden: the choice lasts for this page only.
      }
    },
  });
})();
