import type { Assigner, GroupMember as KafkaMember, PartitionAssigner } from 'kafkajs';
import kafkajs from 'kafkajs';

const VERSION = 0;
const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

/** Gives the only member of a group the named partitions: so kafkajs reads them without sharing them with anybody. */
export function pinned(partitions: readonly number[]): PartitionAssigner {
  return () =>
    assigner(
      'presently-pinned',
      () => [],
      (members, topic) => members.map(({ memberId }) => assignment(memberId, topic, partitions)),
    );
}

/**
 * Shares partitions evenly, and leaves as many as possible where they are: who keeps a partition keeps its state. Members say
 * what they own when they join.
 */
export function sticky(partitionCount: number, owned: () => readonly number[]): PartitionAssigner {
  return () =>
    assigner('presently-sticky', owned, (members, topic) => {
      const shares = share(
        partitionCount,
        new Map(members.map(({ memberId, memberMetadata }) => [memberId, ownedBy(memberMetadata)])),
      );
      return [...shares].map(([memberId, partitions]) => assignment(memberId, topic, partitions));
    });
}

/** Who gets which partitions, given what each member owns now. */
export function share(partitionCount: number, owned: ReadonlyMap<string, readonly number[]>): Map<string, number[]> {
  const least = Math.floor(partitionCount / owned.size);
  let larger = partitionCount % owned.size;
  const free = new Set(Array.from({ length: partitionCount }, (_, partition) => partition));
  const shares = new Map<string, number[]>();
  // Those who own most first, so that the larger shares are theirs; by id, so that every leader decides the same.
  const members = [...owned].sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1));
  const room = new Map<string, number>();
  for (const [member, partitions] of members) {
    const size = least + (larger-- > 0 ? 1 : 0);
    const kept = partitions.filter((partition) => free.has(partition)).slice(0, size);
    for (const partition of kept) free.delete(partition);
    shares.set(member, kept);
    room.set(member, size - kept.length);
  }
  for (const partition of free) {
    const member = [...room].find(([, left]) => left > 0)?.[0];
    if (member === undefined) break;
    shares.get(member)?.push(partition);
    room.set(member, (room.get(member) ?? 0) - 1);
  }
  return shares;
}

function assigner(
  name: string,
  owned: () => readonly number[],
  assign: (members: KafkaMember[], topic: string) => ReturnType<typeof assignment>[],
): Assigner {
  return {
    name,
    version: VERSION,
    assign: ({ members, topics }) => Promise.resolve(assign(members, topics[0] ?? '')),
    protocol: ({ topics }) => {
      const userData = Buffer.from(JSON.stringify(owned()));
      return { name, metadata: MemberMetadata.encode({ version: VERSION, topics, userData }) };
    },
  };
}

function assignment(memberId: string, topic: string, partitions: readonly number[]) {
  const userData = Buffer.alloc(0);
  const encoded = MemberAssignment.encode({ version: VERSION, assignment: { [topic]: [...partitions] }, userData });
  return { memberId, memberAssignment: encoded };
}

function ownedBy(metadata: Buffer): number[] {
  const text = MemberMetadata.decode(metadata)?.userData.toString() ?? '';
  return text === '' ? [] : (JSON.parse(text) as number[]);
}
