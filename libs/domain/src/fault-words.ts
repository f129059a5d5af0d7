import { z } from 'zod';

/**
 * Says what is wrong with a value so that it reads on after the name of its field: "blocked is missing". Wherever a schema has
 * no words of its own.
 */
z.config({ customError: inWords });

function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${withArticle(issue.expected)}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : `must be ${issue.values.map(quoted).join(' or ')}`;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
        : undefined;
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int' ? `must be at most ${issue.maximum}` : undefined;
    default:
      return undefined;
  }
}

const quoted = (value: z.core.util.Primitive): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value);

function withArticle(type: string): string {
  if (type === 'int' || type === 'number') return 'a whole number'; // there are no others
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
