// Imported before the worker, to take the place of the constructor that makes the instance of its wasm: counts the
// objects that it makes and frees.
const { Instance } = WebAssembly;

/** Objects of Rust that are alive, by class. JavaScript has a handle to each; Rust frees it once the handle is collected. */
export const alive = {};

/** What the instance exports. */
export let wasm;

WebAssembly.Instance = class {
  constructor(module, imports) {
    wasm = new Instance(module, imports).exports;
    this.exports = { ...wasm };
    for (const free of Object.keys(wasm)) {
      const [, kind] = /^__wbg_(.+)_free$/.exec(free) ?? [];
      const make = `${kind}_new`;
      if (!wasm[make]) continue;
      alive[kind] = 0;
      for (const [name, change] of [[make, 1], [free, -1]]) {
        this.exports[name] = (...args) => {
          alive[kind] += change;
          return wasm[name](...args);
        };
      }
    }
  }
};
