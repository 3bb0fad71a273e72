export { Session, SessionTimeout, type SessionOptions } from './session.js';
export { typedClient } from './typed-client.js';
