import type { ViewService } from '../view-services.js';

const password = '${POSTGRES_PASSWORD}';
const settings = {
  postgres: ({ name }: ViewService) => {
    const database = name.replaceAll('-', '_');
    return `REPRISE_POSTGRES_URL: 'postgres://${database}:${password}@postgres:5432/${database}'`;
  },
  redis: () => `REPRISE_REDIS_URL: 'redis://redis:6379'`,
  elasticsearch: () => `REPRISE_ELASTICSEARCH_URL: 'http://elasticsearch:9200'`,
};

/** What stands behind the last view. */
const end = '\nsecrets:\n';
const published = /(?:^ {6}- 127\.0\.0\.1:.*:74\d\d\n)+/m;

/**
 * The Compose file with a view's processes after the other services, both as they are and as another version of its code has
 * them, and its port at the gateway. It cannot discover them by itself.
 */
export function withViewServices(compose: string, view: ViewService): string {
  const place = compose.lastIndexOf(end);
  const port = String(view.portOffset).padStart(2, '0');
  const line = `      - 127.0.0.1:\${REPRISE_PORTS:-74}${port}:74${port}\n`;
  return `${compose.slice(0, place)}${viewServices(view)}${compose.slice(place)}`.replace(
    published,
    (lines) => lines + line,
  );
}

/** The four services of a view. */
export function viewServices(view: ViewService): string {
  const { name, store } = view;
  const setting = settings[store](view);
  return `
  ${name}-builder:
    <<: *service
    command: ['services/${name}/dist/builder.main.js']
    scale: \${REPRISE_BUILDERS:-1}
    mem_limit: 384m
    environment:
      <<: *builder
      ${setting}

  ${name}:
    <<: *service
    command: ['services/${name}/dist/query.main.js']
    environment:
      <<: *environment
      ${setting}

  ${name}-next-builder:
    <<: *next
    extends: ${name}-builder

  ${name}-next:
    <<: *next
    extends: ${name}
`;
}
