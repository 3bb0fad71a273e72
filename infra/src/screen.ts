import { servicePorts, views } from './topology.js';

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Where everything is, and calls that work. */
export function firstScreen(portBase: number): string {
  const url = (offset: number): string => `http://127.0.0.1:${portBase + offset}`;
  const { controlPlane, flightCommands, departureBoard, flightSearch, routePunctuality, flightTimeline } =
    servicePorts;
  const viewLines = views.map(
    ({ name, portOffset }) => `  ${name.replaceAll('-', ' ').padEnd(18)}  ${url(portOffset)}/docs`,
  );
  return `
  control plane       ${url(controlPlane)}/docs
  flight commands     ${url(flightCommands)}/docs
${viewLines.join('\n')}

  curl '${url(departureBoard)}/airports/JFK/departures?from=2013-01-01T00:00:00Z&limit=5'
  curl '${url(flightSearch)}/flights?q=UA&origin=EWR&minDelay=60&limit=3'
  curl '${url(routePunctuality)}/routes/JFK/LAX/punctuality'
  curl '${url(routePunctuality)}/routes?origin=LGA&sort=-onTimeShare&limit=5'
  curl '${url(flightTimeline)}/flights/2013-01-01-UA1545-EWR/timeline'
  curl '${url(controlPlane)}/views'

  npx reprise status${controlFlag(portBase)}
  npx reprise rebuild flight-search --auto-flip${controlFlag(portBase)}
  npx reprise rollback flight-search${controlFlag(portBase)}
`;
}

/** The CLI finds the default port by itself. */
function controlFlag(portBase: number): string {
  return portBase === 7_400 ? '' : ` --control=http://127.0.0.1:${portBase}`;
}
