// The chat in the flow of the page: no launcher, no way to close it, and nothing that takes the focus from the page.
//
// Keeps true: the iframe is fetched when its place comes near the screen, and not before.
import type { Core } from "./core";
import { sheet } from "./sheet";

const SHEET =
  ":host{display:block!important;position:static!important;block-size:100%!important;min-block-size:320px!important}" +
  ".panel.panel{position:static;inline-size:100%;block-size:100%;min-block-size:320px;padding:0;border-radius:var(--radius);" +
  "visibility:visible;transform:none;box-shadow:0 0 0 1px #8883}";

/** How far below the screen a place is near. */
const NEAR = "400px";

export const inline = (core: Core) => {
  const { options, shadow, button } = core;
  const host = shadow.host as HTMLElement;
  const place = core.place || (options.target && document.querySelector(options.target));
  if (!place) return console.warn("Oriel: an inline chat needs data-target, a selector of the element that holds it");
  button.remove();
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet(SHEET)];
  // Before there is an iframe: an iframe that is moved begins anew.
  place.append(host);
  // The chat that `window.Oriel` was may have gone with the body that a router has swapped.
  if (![...document.querySelectorAll<HTMLElement>("oriel-root")].some(({ oriel }) => oriel && oriel == window.Oriel))
    window.Oriel = host.oriel;
  if (host.getRootNode() != document) {
    // In a shadow tree `document` does not find it: a hidden copy stands where the others do.
    const copy = host.cloneNode() as HTMLElement;
    copy.oriel = host.oriel;
    copy.hidden = true;
    document.documentElement.append(copy);
    core.end.signal.addEventListener("abort", () => copy.remove());
  }

  const setOpen = core.setOpen!;
  const observer = new IntersectionObserver(
    ([seen]) => {
      if (!seen.isIntersecting) return;
      observer.disconnect();
      core.isOpen = true;
      core.prefetch();
    },
    { rootMargin: NEAR },
  );
  observer.observe(host);
  core.end.signal.addEventListener("abort", () => observer.disconnect());
  core.setOpen = (isOpen) => {
    if (!isOpen) return;
    host.scrollIntoView({ block: "nearest" });
    setOpen(true);
  };
};
