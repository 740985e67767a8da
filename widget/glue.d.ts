// What wasm-bindgen makes of src/lib.rs; the build puts the real module behind this name.
declare module "oriel-glue" {
  export default function init(options: { module_or_path: Promise<Response> }): Promise<unknown>;
  export function heard(id: number, what: unknown): void;
  export function start(hello: Promise<MessageEvent | null>, heard: (id: number, what: unknown) => void): void;
}
