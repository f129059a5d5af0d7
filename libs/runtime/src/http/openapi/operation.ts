import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/** The groups of operations, in the order in which they are shown. */
export const TAGS = {
  Events: 'What upstream services tell.',
  Presence: 'What a user is seen as, and what others are.',
  Streams: 'Hearing of changes as they happen. `/asyncapi.json` describes the frames.',
  Lists: 'Presence lists: following somebody who agrees.',
  Visibility: 'Whom a user lets see them.',
  Rooms: 'Members of rooms, for upstream services.',
  Matrix: 'What Matrix clients ask before they start. There is nothing here but presence, and so the answers say.',
  Service: 'Health, metrics, and descriptions of the interface. For everybody.',
} as const;

/** Whose token it takes. */
export type CallerKind = 'anyone' | 'user' | 'upstream' | 'user or upstream' | 'user, or in a frame';

/** One answer, by its status. */
export interface AnswerDescription {
  /** A sentence. */
  readonly says: string;
  /** Of errors it is that of all errors. */
  readonly schema?: z.ZodType;
  /** `application/json` by default. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is published of a route. The schemas are those that check what comes. */
export interface OperationDescription {
  /** Unique; names the operation in clients that are made from the document. */
  readonly id: string;
  readonly tag: keyof typeof TAGS;
  /** A line. */
  readonly summary: string;
  readonly description?: string;
  readonly caller: CallerKind;
  /** Parameters in the path, by name. That of a wildcard is the one that the route does not name. */
  readonly path?: Readonly<Record<string, z.ZodType>>;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: BodyDescription;
  /** What it answers when all is well, and errors that are its own; `refusals` adds those that all routes have. */
  readonly answers: Readonly<Record<number, AnswerDescription>>;
}

export interface BodyDescription {
  readonly schema: z.ZodType;
  readonly example: unknown;
  /** Of each line, where it can also be NDJSON. */
  readonly line?: z.ZodType;
}

const OPERATION = Symbol('Operation');

/** Describes a route for `/openapi.json`. Every route needs it; a test says which lacks it. */
export const Operation = (description: OperationDescription): MethodDecorator => SetMetadata(OPERATION, description);

/** The description of a controller's method, if it has one. */
export function operationOf(method: object): OperationDescription | undefined {
  return Reflect.getMetadata(OPERATION, method) as OperationDescription | undefined;
}
