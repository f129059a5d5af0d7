/** Injection token of the key that seals resume tokens: 32 bytes. */
export const TOKEN_KEY = Symbol('TokenKey');
