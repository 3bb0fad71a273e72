import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

interface Signing {
  readonly subject?: string;
  readonly scope?: string;
  readonly audience?: string;
  readonly issuer?: string;
  /** From now, in seconds. Default 60. */
  readonly expiresInS?: number;
  readonly notBeforeInS?: number;
  readonly claims?: JWTPayload;
  /** Default: the newest key. */
  readonly kid?: string;
}

const audience = 'reprise';

/** An issuer of tokens as an OIDC provider is one: a discovery document, its keys, and tokens signed with them. */
export class Issuer {
  readonly audience = audience;
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  readonly keys = new Map<string, KeyPair>();
  private published: JWK[] = [];
  private server: Server | undefined;
  private port = 0;

  static async open(): Promise<Issuer> {
    const issuer = new Issuer();
    await issuer.rotate('first');
    await issuer.start();
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** As it is known to services. */
  get settings() {
    return {
      REPRISE_AUTH: 'jwt',
      REPRISE_AUTH_ISSUER: this.url,
      REPRISE_AUTH_AUDIENCE: audience,
    } as const;
  }

  /** Another key takes the place of all before. */
  async rotate(kid: string): Promise<void> {
    const pair = await generateKeyPair('RS256', { extractable: true });
    this.keys.set(kid, pair);
    this.published = [{ ...(await exportJWK(pair.publicKey)), kid, alg: 'RS256', use: 'sig' }];
  }

  /** On the port of before, if there was one. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const path = request.url ?? '';
      this.asked.push(path);
      const documents: Record<string, object> = {
        '/.well-known/openid-configuration': { issuer: this.url, jwks_uri: `${this.url}/keys` },
        '/keys': { keys: this.published },
      };
      const document = documents[path];
      response
        .writeHead(document ? 200 : 404, { 'content-type': 'application/json', connection: 'close' })
        .end(JSON.stringify(document ?? {}));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address) this.port = address.port;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  async token({ kid = [...this.keys.keys()].at(-1) ?? '', ...signing }: Signing = {}): Promise<string> {
    const pair = this.keys.get(kid);
    if (!pair) throw new RangeError(`no key ${kid}`);
    return this.unsigned(signing).setProtectedHeader({ alg: 'RS256', kid }).sign(pair.privateKey);
  }

  /** What a token says, to be signed otherwise. */
  unsigned({ subject = 'ann', scope = '', expiresInS = 60, ...signing }: Signing = {}): SignJWT {
    const nowS = Math.floor(Date.now() / 1_000);
    const token = new SignJWT({ scope, ...signing.claims })
      .setIssuer(signing.issuer ?? this.url)
      .setAudience(signing.audience ?? audience)
      .setSubject(subject)
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + expiresInS);
    return signing.notBeforeInS === undefined ? token : token.setNotBefore(nowS + signing.notBeforeInS);
  }
}
