/**
 * The algorithms (`alg`, RFC 7518 and 9864) that tokens may be signed with, by the kind of key. A token does not choose the
 * kind: `none` is in neither list, and a public key never serves as the secret of an HS one.
 */
export const PUBLIC_KEY_ALGORITHMS: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
export const SECRET_ALGORITHMS: readonly string[] = ['HS256', 'HS384', 'HS512'];
