import { test } from '@jest/globals';
import fc from 'fast-check';
import { crossSiteFault } from './cross-site.js';

test('no domain that a stranger can register is taken for this machine', () => {
  fc.assert(
    fc.property(fc.domain(), fc.option(fc.integer({ min: 1, max: 65_535 })), (domain, port) => {
      const host = port === null ? domain : `${domain}:${port}`;
      return crossSiteFault('GET', { host }) !== undefined;
    }),
  );
});

test('no page of another origin is taken for one of ours', () => {
  fc.assert(
    fc.property(fc.webUrl(), (url) => {
      const { origin } = new URL(url);
      return crossSiteFault('GET', { host: '127.0.0.1:7400', origin }) !== undefined;
    }),
  );
});

test('whatever the headers hold, there is an answer', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (host, origin, site) => {
      crossSiteFault('POST', { host, origin, 'sec-fetch-site': site });
    }),
  );
});
