/** A text, or, when it was there before, the how-manieth new one it was. */
export type Code = string | number;

/** Later ones are written out: a directory of all would take as much memory as what it is to save. */
const CODES_MAX = 65_536;

/** Writes texts that come again and again, as room ids do, once, and then their numbers. */
export class Coder {
  private readonly numbers = new Map<string, number>();

  code(text: string): Code {
    const number = this.numbers.get(text);
    if (number !== undefined) return number;
    if (this.numbers.size < CODES_MAX) this.numbers.set(text, this.numbers.size);
    return text;
  }
}

/** Reads what a `Coder` wrote, from its beginning on: gives for each text what `make` made of it when it came first. */
export class Decoder<Value> {
  private readonly values: Value[] = [];

  constructor(private readonly make: (text: string) => Value) {}

  /** Throws a `RangeError` for a number that was given to nothing. */
  value(code: Code): Value {
    if (typeof code === 'number') {
      const value = this.values[code];
      if (value === undefined) throw new RangeError(`There is no text with the number ${code}.`);
      return value;
    }
    const value = this.make(code);
    if (this.values.length < CODES_MAX) this.values.push(value);
    return value;
  }
}
