import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { nodeImage, standInFor } from './stand-ins.js';

const root = join(import.meta.dirname, '../../..');

describe('stand-ins for official images', () => {
  test('are found by the last word of an image’s name, whatever its registry and version', () => {
    expect(standInFor('apache/kafka:4.3.0')).toBe('kafka');
    expect(standInFor('postgres:18.4')).toBe('postgres');
    expect(standInFor('registry.example:5000/team/redis:7')).toBe('redis');
    expect(standInFor('node@sha256:0123')).toBe('node');
    expect(standInFor('elasticsearch')).toBe('elasticsearch');
    expect(standInFor('grafana/grafana:12.2.0')).toBeUndefined();
    expect(standInFor('reprise/services:0.1.0')).toBeUndefined();
  });

  test('there is a folder for each image that the platform and its image are built from', () => {
    const folders = readdirSync(join(root, 'infra/images/stand-ins'));
    const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
    const images = [...compose.matchAll(/^ +image: (\S+)$/gm)].flatMap(
      ([, image = '']) => standInFor(image) ?? [],
    );
    expect(new Set(images)).toEqual(
      new Set(['kafka', 'registry', 'postgres', 'redis', 'elasticsearch', 'haproxy', 'prometheus']),
    );
    expect(folders).toEqual(expect.arrayContaining([...images, 'node']));
  });

  test('the base of the services’ image is read where it is pinned', () => {
    expect(nodeImage('# x\nARG NODE_IMAGE=node:24.0.0-bookworm-slim\nFROM ${NODE_IMAGE}\n')).toBe(
      'node:24.0.0-bookworm-slim',
    );
    expect(() => nodeImage('FROM node\n')).toThrow('names no NODE_IMAGE');
  });
});
