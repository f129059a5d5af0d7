import type { SeededRandom } from '#runtime/clock/seeded-random';

/** Whoever watches the demo; the greeting of `presently standalone --demo` says so. */
export const VIEWER = '@you:demo';

/**
 * So many people share a set of rooms. Well below the thousand members with which a room stops conveying presence, and a
 * person's rooms depend on nobody else: a crowd of another size on the same data does not fill them over that.
 */
export const NEIGHBOURS_MAX = 500;

const ROOMS: readonly (readonly [weight: number, name: string])[] = [
  [40, 'lobby'],
  [20, 'garden'],
  [14, 'workshop'],
  [12, 'library'],
  [9, 'kitchen'],
  [5, 'observatory'],
];

/** Most people are in one room, and a few in nearly all. */
const ROOM_COUNTS: readonly (readonly [weight: number, count: number])[] = [
  [62, 1],
  [21, 2],
  [10, 3],
  [5, 4],
  [2, 5],
];

const NAMES =
  `ada akira alma amara anders anouk aria ayumi basil beatriz bela björn bruno camille carlo chiara cleo dagny
  dario deniz dilip edda efe elif elio emil enzo esma farid fatou felix fiona frida gaia gustav hana hanno hiroshi ida ilse
  imani ines iris ivo jamal jana joao juno kaja kamal karin kofi lale lars leila levi linh lucia luka maja malik marta mateo
  mei milo mina mira nadia nils noor olga omar ottilie paolo petra pia quentin ravi renata rosa ruben saga samir selma silas
  sofia sven tala tariq thea tomas uma vera wanda xenia yara yusuf zoe`.split(/\s+/);

/** The user id of the crowd's person number `index`, from 0. */
export function userIdOf(index: number): string {
  const round = Math.floor(index / NAMES.length);
  return `@${NAMES[index % NAMES.length]}${round === 0 ? '' : round + 1}:demo`;
}

/** All rooms of the neighbourhood in which person number `index` lives. */
export function roomsAround(index: number): string[] {
  return ROOMS.map(([, name]) => roomIdOf(name, index));
}

/** The rooms that person number `index` is in: at least one. */
export function drawRooms(random: SeededRandom, index: number): string[] {
  const rooms = new Set<string>();
  for (const count = random.weighted(ROOM_COUNTS); rooms.size < count;) rooms.add(random.weighted(ROOMS));
  return [...rooms].map((name) => roomIdOf(name, index));
}

function roomIdOf(name: string, index: number): string {
  const neighbourhood = Math.floor(index / NEIGHBOURS_MAX);
  return `!${name}${neighbourhood === 0 ? '' : `-${neighbourhood + 1}`}:demo`;
}
