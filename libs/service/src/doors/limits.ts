import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify';
import { problem, problemBody } from '../problem.js';
import type { DoorSettings } from './settings.js';

type Limits = Pick<
  DoorSettings,
  | 'REPRISE_TRUSTED_PROXIES'
  | 'REPRISE_MAX_CONNECTIONS'
  | 'REPRISE_MAX_BODY_BYTES'
  | 'REPRISE_HEADERS_TIMEOUT_MS'
  | 'REPRISE_BODY_TIMEOUT_MS'
  | 'REPRISE_BATCH_TIMEOUT_MS'
>;

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const maxUrlLength = 8_192;
const maxHeaderBytes = 16_384;
const maxHeaders = 100;
/** Nothing at all on a connection for so long: whoever was there is gone. */
const silenceMs = 180_000;
/** How often Node looks for connections that are too slow. */
const lookMs = 1_000;

/** What keeps slow, endless and malformed requests from holding the process up. */
export function limitOptions(limits: Limits) {
  return {
    // Who asks, as far as rates go, is whom these name.
    trustProxy: [...limits.REPRISE_TRUSTED_PROXIES],
    bodyLimit: limits.REPRISE_MAX_BODY_BYTES,
    connectionTimeout: silenceMs,
    // Of whole requests, so for the longest that there are; the others are watched one by one.
    requestTimeout: Math.max(limits.REPRISE_BATCH_TIMEOUT_MS, limits.REPRISE_BODY_TIMEOUT_MS),
    http: {
      maxHeaderSize: maxHeaderBytes,
      // We refuse it ourselves, and say why.
      requireHostHeader: false,
      headersTimeout: limits.REPRISE_HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: lookMs,
    },
    clientErrorHandler: answerMalformed,
    frameworkErrors: (failure, _request, reply) => {
      const status = failure.statusCode ?? 400;
      const code = status === 414 ? 'uri-too-long' : 'bad-request';
      const body = problemBody(status, code, 'The path of the request cannot be read.');
      const text = JSON.stringify(body);
      const headers = {
        'content-type': 'application/problem+json',
        'content-length': Buffer.byteLength(text),
      };
      reply.raw.writeHead(status, headers).end(text);
    },
  } satisfies FastifyServerOptions & { http: object };
}

/** Adds the limits that are not options of the server. */
export function limitRequests(fastify: FastifyInstance, limits: Limits): void {
  fastify.server.maxConnections = limits.REPRISE_MAX_CONNECTIONS;
  // What is more would be dropped unseen otherwise, and with it perhaps what matters.
  fastify.server.maxHeadersCount = 0;
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(unfit(request));
  });
  fastify.addHook('preParsing', async (request, reply, payload) => {
    if (request.routeOptions.config.streams !== true && hasBody(request))
      watch(payload, reply.raw, limits.REPRISE_BODY_TIMEOUT_MS);
    return payload;
  });
}

function unfit({ raw }: FastifyRequest): Error | undefined {
  if (!methods.includes(raw.method ?? ''))
    return problem(405, 'method-not-allowed', 'Nothing here answers this method.').with({
      headers: { allow: methods.join(', ') },
    });
  // HTTP/1.0 knows no Host: checks of health by small means go without.
  if (raw.headers.host === undefined && raw.httpVersion !== '1.0')
    return problem(400, 'host-missing', 'The request has no header Host.');
  if ((raw.url ?? '').length > maxUrlLength)
    return problem(414, 'uri-too-long', `The address has more than ${maxUrlLength} characters.`);
  if (raw.rawHeaders.length > 2 * maxHeaders)
    return problem(431, 'too-many-headers', `The request has more than ${maxHeaders} headers.`);
  return undefined;
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Fails the reading of a body that does not come to its end, nor to be answered. */
function watch(payload: NodeJS.EventEmitter, answer: NodeJS.EventEmitter, limitMs: number): void {
  const timer = setTimeout(() => {
    // Whoever reads it answers, and closes the connection; without a reader nobody is held up.
    if (payload.listenerCount('error') > 0)
      payload.emit('error', problem(408, 'request-timeout', 'The body of the request did not come in time.'));
  }, limitMs);
  const clear = (): void => {
    clearTimeout(timer);
  };
  payload.once('end', clear).once('close', clear).once('error', clear);
  answer.once('close', clear).once('finish', clear);
}

const malformed: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request-timeout', 'The request did not come in time.'],
  HPE_HEADER_OVERFLOW: [431, 'headers-too-large', `The headers have more than ${maxHeaderBytes} bytes.`],
};

/** What is no HTTP never becomes a request: it is answered on the connection itself. */
function answerMalformed(failure: Error & { readonly code?: string }, socket: Socket): void {
  if (failure.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, code, detail] = malformed[failure.code ?? ''] ?? [
    400,
    'bad-request',
    'This is no HTTP request.',
  ];
  const body = JSON.stringify(problemBody(status, code, detail));
  if (socket.writable) {
    socket.write(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
        'Content-Type: application/problem+json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroySoon();
}
