import type { ViewService } from '../view-services.js';

const settings = {
  postgres: ({ name }: ViewService) =>
    `REPRISE_POSTGRES_URL: 'postgres://postgres:\${POSTGRES_PASSWORD}@postgres:5432/${name.replaceAll('-', '_')}'`,
  redis: () => `REPRISE_REDIS_URL: 'redis://redis:6379'`,
  elasticsearch: () => `REPRISE_ELASTICSEARCH_URL: 'http://elasticsearch:9200'`,
};

/** First port of the Compose file. */
const portBase = 7_400;

/** The Compose file with the two processes of a view after the other services. It cannot discover them by itself. */
export function withViewServices(compose: string, view: ViewService): string {
  const { name, store, portOffset } = view;
  const environment = `    environment:
      <<: *environment
      ${settings[store](view)}
`;
  const services = `
  ${name}-builder:
    <<: *service
    command: ['services/${name}/dist/builder.main.js']
${environment}
  ${name}:
    <<: *service
    command: ['services/${name}/dist/query.main.js']
    ports: ['127.0.0.1:${portBase + portOffset}:8080']
${environment}`;
  const end = compose.lastIndexOf('\nvolumes:\n');
  return `${compose.slice(0, end)}${services}${compose.slice(end)}`;
}
