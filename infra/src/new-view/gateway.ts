import type { ViewService } from '../view-services.js';

/** First port of the Compose file, and of the gateway in it. */
const portBase = 7_400;

/** The gateway's file of a view, from the root of the checkout. */
export function gatewayPath({ name }: Pick<ViewService, 'name'>): string {
  return `infra/gateway/${name}.cfg`;
}

/** What the gateway does for a view: reads go to whichever of its two query services reads what is live. */
export function gatewayFile({ name, portOffset }: Pick<ViewService, 'name' | 'portOffset'>): string {
  return `frontend ${name}
  bind :${portBase + portOffset}
  # Services hear of a flip one after another: while none reads what is live, any that can answer does.
  use_backend ${name}-any if { nbsrv(${name}-live) eq 0 }
  default_backend ${name}-live

backend ${name}-live
  option httpchk GET /health/live-version
  # A wait for a position is not begun again.
  http-request disable-l7-retry if !METH_GET or { req.hdr(reprise-min-position) -m found }
  server ${name} ${name}:8080 inter 250ms fall 1
  server ${name}-next ${name}-next:8080 inter 250ms fall 1

backend ${name}-any
  option httpchk GET /health/ready
  http-request disable-l7-retry if !METH_GET or { req.hdr(reprise-min-position) -m found }
  server ${name} ${name}:8080 inter 1s fall 2
  server ${name}-next ${name}-next:8080 inter 1s fall 2
`;
}
