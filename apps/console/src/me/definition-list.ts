import { el } from '../page/dom.ts';

const DEPTH_MAX = 8;

/** Shows any JSON: objects as definition lists, arrays as lists. A time in milliseconds since the epoch is told as one of here. */
export function definitionList(value: unknown, name = '', depth = 0): Node {
  if (typeof value !== 'object' || value === null || depth === DEPTH_MAX)
    return document.createTextNode(textOf(value, name));
  if (Array.isArray(value)) {
    if (value.length === 0) return document.createTextNode('none');
    return el('ul', {}, ...value.map((item: unknown) => el('li', {}, definitionList(item, name, depth + 1))));
  }
  const terms = Object.entries(value).flatMap(([key, item]) => [
    el('dt', {}, key.replaceAll('_', ' ')),
    el('dd', {}, definitionList(item, key, depth + 1)),
  ]);
  return el('dl', {}, ...terms);
}

function textOf(value: unknown, name: string): string {
  if (value === null) return '–';
  const isTime = typeof value === 'number' && /(^|_)(at|ts|until|time)$/.test(name) && value > 1e12;
  if (isTime) return new Date(value).toLocaleString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
