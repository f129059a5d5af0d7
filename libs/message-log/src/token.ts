/** Injection token of the `MessageLog`. */
export const MESSAGE_LOG = Symbol('MessageLog');
