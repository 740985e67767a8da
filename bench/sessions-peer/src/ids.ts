const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

export const encode = (bytes: Uint8Array): string => bytes.toBase64(BASE64URL);
export const decode = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.fromBase64(text, { alphabet: "base64url" });

/** A prefix and 128 random bits. */
export const newId = (prefix: string): string => prefix + encode(crypto.getRandomValues(new Uint8Array(16)));
