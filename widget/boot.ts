// First in the frame: hears the loader's hello, loads the program, hands over.
//
// The program's path and integrity are written in by the build, so what this file pins is what runs. Nothing is said
// to anybody here; whether the page may talk to the frame at all is decided in the program, by the origin that the
// browser put on the event.
import init, { heard, start } from "oriel-glue";

declare const WASM_PATH: string;
declare const WASM_INTEGRITY: string;

// Listening begins before anything else, for the loader speaks once, when the frame has loaded.
const hello = new Promise<MessageEvent | null>((resolve) => {
  if (parent == window) resolve(null);
  addEventListener("message", function hear(event) {
    // One hello, from the page around us, with a port. Everything else is somebody else's noise.
    if (event.source != parent || event.data?.oriel != 1 || event.data.type != "hello" || !event.ports[0]) return;
    removeEventListener("message", hear);
    resolve(event);
  });
});

init({ module_or_path: fetch(WASM_PATH, { integrity: WASM_INTEGRITY }) }).then(
  () => start(hello, heard),
  (error) => {
    // The only words outside the program: it is not there to say them.
    document.getElementById("oriel")!.textContent = "The chat cannot start in this browser.";
    throw error;
  },
);
