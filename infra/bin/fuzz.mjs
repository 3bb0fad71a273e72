// Sends the services of a run (npm start) whatever schemathesis makes of their OpenAPI documents.
import { spawnSync } from 'node:child_process';

const portBase = Number(
  process.argv.find((argument) => argument.startsWith('--port-base='))?.split('=')[1] ?? 7_400,
);
const services = 6;
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
];

if (spawnSync('schemathesis', ['--version']).status !== 0) {
  console.error('schemathesis is not on the PATH: pip install schemathesis, in an environment of its own.');
  process.exit(1);
}
let failed = 0;
for (let offset = 0; offset < services; offset += 1) {
  const document = `http://127.0.0.1:${portBase + offset}/docs-json`;
  const options = [`--checks=${checks.join(',')}`, '--max-time=60', '--continue-on-failure'];
  if (spawnSync('schemathesis', ['run', document, ...options], { stdio: 'inherit' }).status !== 0)
    failed += 1;
}
process.exitCode = failed > 0 ? 1 : 0;
