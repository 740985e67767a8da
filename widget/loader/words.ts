// Our own words on the host page. The iframe has them in the visitor's language, and may not have been fetched.
declare const PAGE_WORDS: Record<string, { dismiss: string }>;

const primary = (tag: string) => tag.split("-")[0];

/** In the language that the embed code asks for, or else the page's, or else one of the browser's. */
export const words = (locale = "") => {
  const tags = Object.keys(PAGE_WORDS);
  for (const wanted of [locale, document.documentElement.lang, ...navigator.languages]) {
    const tag =
      tags.find((tag) => tag.toLowerCase() == wanted.toLowerCase()) ||
      tags.find((tag) => primary(tag) == primary(wanted.toLowerCase()));
    if (tag) return PAGE_WORDS[tag];
  }
  return PAGE_WORDS.en;
};
