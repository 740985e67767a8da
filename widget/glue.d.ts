// What the build makes of src/lib.rs (xtask/src/build/glue.rs); it puts the real module behind this name.
declare module "oriel-glue" {
  /** What the program takes over. */
  interface Early {
    /** Those of the visitor's language, in the order of their names. */
    words: string[];
    /** What the visitor has sent already. */
    sent: string[];
    /** The messages from the loader; grows until the program listens itself. */
    received: unknown[];
  }

  export default function init(program: Promise<Response>): Promise<void>;
  export function dispatch(id: number, value: unknown): void;
  export function start(
    hello: Promise<MessageEvent | null>,
    dispatch: (id: number, value: unknown) => void,
    early: Early,
  ): void;
}
