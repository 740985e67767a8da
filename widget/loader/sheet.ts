/** A style sheet that no policy of the page's stands against. */
export const sheet = (text: string) => {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
};
