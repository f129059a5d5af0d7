/** Adds the item to the set of the key. */
export function addTo<Key, Item>(sets: Map<Key, Set<Item>>, key: Key, item: Item): void {
  const items = sets.get(key);
  if (items === undefined) sets.set(key, new Set([item]));
  else items.add(item);
}

/** Takes the item out of the set of the key; a set that is empty then is dropped. */
export function removeFrom<Key, Item>(sets: Map<Key, Set<Item>>, key: Key, item: Item): void {
  const items = sets.get(key);
  items?.delete(item);
  if (items?.size === 0) sets.delete(key);
}
