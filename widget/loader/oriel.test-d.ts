// What a page may write and what it may not; compiled and never run.
/// <reference path="./oriel.d.ts" />

Oriel.open();
Oriel.ask("When do you open?");
Oriel.identify("a token");
Oriel.identify(async () => (await fetch("/token")).text());
Oriel.setContext({ page: location.href, title: document.title, cart: 3, member: true });
Oriel.on("unread", ({ count }) => count.toFixed());
Oriel.once("message", ({ role, text }) => role == "agent" && text?.trim(), { text: true });
Oriel.off("status");
Oriel.proactive([{ name: "pricing", url: "/pricing*", delay: 20, text: "Questions?", every: 24 }]);
Oriel.push(["open"], ["prefill", "Hello"], ["on", "ready", () => {}]);
Oriel.for("pk_x")?.toggle();
window.Oriel.destroy();

// @ts-expect-error: no such event
Oriel.on("opened", () => {});
// @ts-expect-error: the detail of another event
Oriel.on("unread", ({ state }) => state);
// @ts-expect-error: no words
Oriel.ask();
// @ts-expect-error: a rule without words
Oriel.proactive([{ delay: 3 }]);
// @ts-expect-error: no such call
Oriel.push(["shout"]);
// @ts-expect-error: a number is nobody
Oriel.identify(7);
// @ts-expect-error: there may be no such chat
Oriel.for("pk_x").open();
