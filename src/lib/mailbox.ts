// What is said before anybody can hear it waits: whoever tells may be made before whoever listens.

export type Mailbox<Letter> = {
  readonly put: (letter: Letter) => void;
  /** Hears what waits, in its order, and from now on everything at once. */
  readonly open: (listener: (letter: Letter) => void) => void;
};

export function openMailbox<Letter>(): Mailbox<Letter> {
  const waiting: Letter[] = [];
  let hear = (letter: Letter): void => void waiting.push(letter);
  return {
    put: (letter) => hear(letter),
    open(listener) {
      hear = listener;
      for (const letter of waiting.splice(0)) listener(letter);
    },
  };
}
