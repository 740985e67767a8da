// A short, soft tone for an answer that came while nobody looked. Made here, so that there is no file to fetch.
//
// Keeps true: there is none unless the site asked for it, none before the visitor has used the page, and one at a time
// in all tabs of a site.

/** Time for the other tabs to report that the visitor sees the message there. */
const WAIT_MS = 400;
/** After a tone, so long without another one. */
const QUIET_MS = 1500;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Two sines, one into the other, a third of a second, far below full volume. */
const play = async () => {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const volume = context.createGain();
  const at = context.currentTime;
  tone.frequency.setValueAtTime(660, at);
  tone.frequency.setValueAtTime(880, at + 0.09);
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.08, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.35);
  // One that the browser keeps silent all the same does not end by itself.
  await wait(QUIET_MS);
  await context.close();
};

/** Sounds once in all tabs of the page's origin, if it is still wanted when the others have reported. */
export const sound = (site: string, isWanted: () => boolean) => {
  const { locks, userActivation } = navigator;
  const once = async (lock: Lock | null) => {
    if (!lock) return;
    await wait(WAIT_MS);
    if (isWanted() && userActivation?.hasBeenActive !== false) await play();
  };
  locks?.request(`oriel.sound.${site}`, { ifAvailable: true }, once).catch(() => {});
};
