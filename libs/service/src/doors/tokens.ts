import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { problem, type ProblemException } from '../problem.js';
import type { Caller } from './caller.js';
import { KeysUnknown } from './signing-keys.js';

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly clockToleranceMs: number;
  readonly keyOf: JWTVerifyGetKey;
}

/** Of these the public key proves nothing to whoever only has it; `none` and HS256 are not among them. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** It is written into records and headers. */
const subjectForm = /^[\x20-\x7e]{1,200}$/;

/**
 * Who the bearer of a token is.
 * @throws ProblemException 401 with the reason; 503 while nobody can tell.
 */
export async function callerBy(authorization: string | undefined, rules: TokenRules): Promise<Caller> {
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) {
    throw authorization === undefined
      ? unauthorized('token-missing', 'This needs an access token: Authorization: Bearer …')
      : refused('token-invalid', 'The header Authorization is not Bearer and a signed token.');
  }
  const payload = await verified(token, rules);
  const { sub: subject } = payload;
  if (subject === undefined || !subjectForm.test(subject))
    throw refused('token-invalid', 'The token names no subject of 1 to 200 printable ASCII characters.');
  const scopes = scopesOf(payload);
  return { subject, may: (scope) => scopes.has(scope) };
}

async function verified(token: string, rules: TokenRules): Promise<JWTPayload> {
  const { issuer, audience, clockToleranceMs, keyOf } = rules;
  try {
    const { payload } = await jwtVerify(token, keyOf, {
      ...{ issuer, audience, algorithms },
      clockTolerance: clockToleranceMs / 1_000,
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  } catch (failure) {
    throw refusalOf(failure);
  }
}

function refusalOf(failure: unknown): unknown {
  if (failure instanceof KeysUnknown) {
    const detail = 'The keys of the issuer of tokens are not known yet. Try again.';
    return problem(503, 'keys-unknown', detail).with({ headers: { 'retry-after': '1' } });
  }
  if (failure instanceof errors.JWTExpired) return refused('token-expired', 'The token has expired.');
  if (failure instanceof errors.JWTClaimValidationFailed)
    return failure.claim === 'nbf'
      ? refused('token-not-yet-valid', 'The token is not valid yet.')
      : refused('token-invalid', `The token is not for this service: its ${failure.claim} is not accepted.`);
  if (failure instanceof errors.JOSEError)
    return refused('token-invalid', 'The token is not one that the issuer signed for this service.');
  return failure;
}

/** `scope` of RFC 9068 and `scp` of those who write it so. */
function scopesOf({ scope, scp }: JWTPayload): ReadonlySet<string> {
  const written = [scope, scp].flatMap((claim): unknown[] => (Array.isArray(claim) ? claim : [claim]));
  return new Set(written.flatMap((text) => (typeof text === 'string' ? text.split(' ') : [])));
}

function refused(code: string, detail: string): ProblemException {
  return unauthorized(code, detail, `, error="invalid_token", error_description="${detail}"`);
}

function unauthorized(code: string, detail: string, why = ''): ProblemException {
  return problem(401, code, detail).with({ headers: { 'www-authenticate': `Bearer realm="reprise"${why}` } });
}
