/** A client whose stream or WebSocket ends comes back after one to four times as long, so that a node is not stormed. */
export const COME_BACK_MS = 1_000;
