// Numbers and times as the visitor's language and place write them, for when.rs. Here and not there: `Intl` speaks
// JavaScript, and each of its objects would be bound, argument by argument, at several times these bytes.
//
// Times are as the wire has them, RFC 3339. What is dear to make is made once, when it is first needed.

const { lang } = document.documentElement;
const DAY_MS = 864e5;

const once = (make) => {
  let made;
  return () => (made ??= make());
};
const date = (options) => once(() => new Intl.DateTimeFormat(lang, options));
const rules = once(() => new Intl.PluralRules(lang));
const relative = once(() => new Intl.RelativeTimeFormat(lang, { numeric: "auto" }));
const clock = date({ timeStyle: "short" });
const full = date({ dateStyle: "long", timeStyle: "short" });
const dayOfYear = date({ weekday: "long", day: "numeric", month: "long" });
const longDay = date({ dateStyle: "long" });

/** The plural category of a number: `one`, `few`, … */
export const category = (number) => rules().select(number);

/** A number in digits. */
export const digits = (number) => number.toLocaleString(lang);

/** `14:05`. */
export const timeOfDay = (at) => clock().format(new Date(at));

/** Day and time, in full. */
export const inFull = (at) => full().format(new Date(at));

/** Days since 1970 where the visitor is, as if every day had 24 hours; of now, without a time. */
export const day = (at) => {
  const date = at ? new Date(at) : new Date();
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS;
};

/** A line of its own for a day: `Today`, `Yesterday`, `Monday, March 3`, and with the year when that is another one. */
export const dayLine = (at) => {
  const then = at ? new Date(at) : new Date();
  const now = new Date();
  const days = day(at) - day("");
  if (days < -1 || days > 0) return (then.getFullYear() == now.getFullYear() ? dayOfYear : longDay)().format(then);
  const words = relative().format(days, "day");
  return words.charAt(0).toLocaleUpperCase(lang) + words.slice(1);
};
