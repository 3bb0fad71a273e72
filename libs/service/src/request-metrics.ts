import type { Metrics } from '@reprise/kernel';
import type { FastifyInstance } from 'fastify';

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Times every request, by the route’s template: an address as it was called may hold keys, and anybody can make one up. */
export function measureRequests(server: Pick<FastifyInstance, 'addHook'>, metrics: Metrics): void {
  const durations = metrics.histogram({
    name: 'reprise_http_request_duration_seconds',
    help: 'From the arrival of a request to the end of its answer',
    labels: ['method', 'route', 'status'],
    buckets,
  });
  server.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    const labels = { method, route: routeOptions.url ?? 'unknown', status: String(reply.statusCode) };
    durations.observe(labels, reply.elapsedTime / 1_000);
    done();
  });
}
