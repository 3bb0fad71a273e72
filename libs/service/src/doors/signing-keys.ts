import { messageOf } from '@reprise/kernel';
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

export interface SigningKeysOptions {
  /** As tokens name it; its discovery document tells where the keys are. */
  readonly issuer: string;
  /** Where the keys are, when it is not to be discovered. */
  readonly jwksUrl: string | undefined;
  readonly nowMs: () => number;
  /** Told when the keys cannot be fetched. */
  readonly onTrouble: (reason: string) => void;
}

/** No keys are known: whether a token is good cannot be told. */
export class KeysUnknown extends Error {
  override readonly name = 'KeysUnknown';
}

/** Keys are fetched again after this time, so that those that were withdrawn go. */
const refreshMs = 10 * 60_000;
/** A token that names an unknown key has them fetched, no more often than this. */
const cooldownMs = 30_000;
/** While none are known at all. */
const firstCooldownMs = 1_000;
const answerLimitMs = 5_000;
const mostBytes = 1 << 20;

const keySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })).max(1_000) });
const discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/**
 * The issuer's public keys. States: `unknown` → `known` → `known` (fetched again) → … Once known they are kept: while the issuer
 * is away, tokens of known keys go on being taken, and those of others are refused.
 */
export class SigningKeys {
  private keys: JWTVerifyGetKey | undefined;
  private fetchedAtMs = -Infinity;
  private triedAtMs = -Infinity;
  private fetching: Promise<void> | undefined;

  constructor(private readonly options: SigningKeysOptions) {}

  get areKnown(): boolean {
    return this.keys !== undefined;
  }

  /** Fetches them when that is due; resolves at once otherwise. Never rejects. */
  async refresh(): Promise<void> {
    const sinceMs = this.options.nowMs() - (this.keys ? this.fetchedAtMs : this.triedAtMs);
    if (sinceMs >= (this.keys ? refreshMs : firstCooldownMs)) await this.tryToFetch();
  }

  /**
   * The key that a token names, as jose asks for it.
   * @throws KeysUnknown while none are known; JOSEError when it is none of the issuer's.
   */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    await this.refreshAsideOf();
    if (!this.keys) throw new KeysUnknown('the keys of the issuer are not known');
    try {
      return await this.keys(header, token);
    } catch (failure) {
      if (!(failure instanceof errors.JWKSNoMatchingKey)) throw failure;
    }
    // It may be a new one.
    await this.tryToFetch();
    return this.keys(header, token);
  };

  /** Nobody waits for the issuer while keys are known. */
  private async refreshAsideOf(): Promise<void> {
    const refreshed = this.refresh();
    if (!this.keys) await refreshed;
  }

  private async tryToFetch(): Promise<void> {
    const sinceMs = this.options.nowMs() - this.triedAtMs;
    if (!this.fetching && sinceMs < (this.keys ? cooldownMs : firstCooldownMs)) return;
    this.fetching ??= this.fetch()
      .catch((failure: unknown) => {
        this.options.onTrouble(messageOf(failure));
      })
      .finally(() => {
        this.fetching = undefined;
      });
    await this.fetching;
  }

  private async fetch(): Promise<void> {
    this.triedAtMs = this.options.nowMs();
    const url = this.options.jwksUrl ?? (await this.discovered());
    this.keys = createLocalJWKSet(keySet.parse(await read(url)));
    this.fetchedAtMs = this.options.nowMs();
  }

  private async discovered(): Promise<string> {
    const { issuer } = this.options;
    const found = discovery.parse(
      await read(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
    );
    if (found.issuer !== issuer) throw new Error('the discovery document is of another issuer');
    if (new URL(issuer).protocol === 'https:' && new URL(found.jwks_uri).protocol !== 'https:')
      throw new Error('the discovery document names keys that are not behind https');
    return found.jwks_uri;
  }
}

/** Redirects are not followed: they could lead anywhere. */
async function read(url: string): Promise<unknown> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(answerLimitMs) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  if (text.length > mostBytes) throw new Error(`${url} answers too much`);
  return JSON.parse(text);
}
