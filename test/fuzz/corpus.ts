/** Inputs that have broken other programs, or ours. New findings belong here. */

const user = '"user_id":"@a:example"';
const ofUser = (rest: string): string => `{"type":"device.active",${user},${rest}}`;

const TEXTS: readonly string[] = [
  ...['', ' ', 'null', 'true', '0', '-0', 'NaN', 'Infinity', '1e999', '"', '""', '[]', '{}', '[', '{', '{"":""}'],
  ...[
    '\uFEFF{"type":"tick"}',
    '{"type":"tick"}\0',
    '\0{"type":"tick"}',
    '{"type":"tick"}{"type":"tick"}',
    "{'type':'tick'}",
  ],
  ...[
    '{"type":"toString"}',
    '{"type":"__proto__"}',
    '{"type":["tick"]}',
    '{"type":null}',
    '{"TYPE":"tick"}',
    '{"type":"tick\\u0000"}',
  ],
  '{"type":"tick","__proto__":{"type":"user.removed","user_id":"@a:example"}}',
  '{"__proto__":{"type":"tick"}}',
  '{"type":"tick","constructor":{"prototype":{"polluted":true}}}',
  '{"type":"tick","toString":null,"valueOf":1,"hasOwnProperty":0}',
  ofUser('"user_id":"@b:example"'), // the last of two counts
  '{"type":"tick","type":"user.removed","user_id":"@a:example"}',
  ofUser('"ts":-0'),
  ofUser('"ts":1e999'),
  ofUser('"ts":-1e999'),
  ofUser('"ts":NaN'),
  ofUser('"ts":"NaN"'),
  ofUser('"ts":9007199254740991'),
  ofUser('"ts":9007199254740993'),
  ofUser('"ts":1e-7'),
  ofUser('"ttl_ms":9007199254740991'),
  ofUser('"ttl_ms":-0'),
  ofUser('"device_id":""'),
  ofUser('"device_id":"\\ud800"'),
  ofUser('"device_id":"\\udc00\\ud800"'),
  ofUser('"device_id":"\\u0000"'),
  ofUser(`"device_id":"${'\u{1F600}'.repeat(64)}"`), // 256 bytes
  ofUser(`"device_id":"${'x'.repeat(255)}"`),
  ofUser('"device_id":{"toString":"x"}'),
  `{"type":"status.set",${user},"status_msg":"${'\u00e9'.repeat(513)}"}`,
  `{"type":"status.set",${user},"status_msg":"${'x'.repeat(1_000_000)}"}`,
  `{"type":"status.set",${user},"status_msg":"\\ud83d"}`,
  `{"type":"room.joined",${user},"room_id":"!a|b%7C:example"}`,
  `{"type":"list.invited",${user},"observed":"@a:example","invitation":"__proto__"}`,
  `{"type":"visibility.set",${user},"show_to":"nobody","blocked":[${'"",'.repeat(2_000)}""]}`,
  `{"type":"visibility.set",${user},"show_to":"nobody","blocked":{"length":1}}`,
  '{"type":"policy.set","activeForMs":9007199254740990,"idleAfterMs":9007199254740991}',
  '{"type":"policy.set","offlineAfterMs":9007199254740991}',
  '{"type":"source.alive","source_id":"s","ttl_ms":9007199254740991}',
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `{"type":"tick","note":${'{"a":'.repeat(10_000)}0${'}'.repeat(10_000)}}`,
];

/** No UTF-8: alone, cut off, overlong, a surrogate, beyond Unicode; and what looks like UTF-16. */
const BYTES: readonly Buffer[] = [
  'ff',
  'c3',
  'c080',
  'e0',
  'eda080',
  'f4908080',
  'fffe7b007d00',
  '7b2274797065223a22ff227d',
].map((hex) => Buffer.from(hex, 'hex'));

/** Values of records of `events`. */
export const RECORDS: readonly Buffer[] = [...TEXTS.map((text) => Buffer.from(text)), ...BYTES];

/** What is no token, or none any more. */
export const TOKENS: readonly string[] = [
  ...['', 'A', '=', '==', 'null', '__proto__', '../../etc/passwd', '\0', '\ud800', '%00', 'e30', 'e30=', 'ey'],
  ...['A'.repeat(44), '_'.repeat(44), 'A'.repeat(65_536), 'A'.repeat(65_537), '\u{1F600}'.repeat(20)],
  ...['{', '{}', '{"presence":1e999}', '{"presence":{"limit":-0}}', '{"__proto__":{"presence":{"limit":1}}}'],
  ...[
    '{"presence":{"types":null,"types":["*"]}}',
    '{"presence":{"senders":["\\ud800"]}}',
    `{"a":${'['.repeat(1_500)}${']'.repeat(1_500)}}`,
  ],
  `{"presence":{"types":["${'*'.repeat(3_000)}"]}}`,
];
