import net from 'node:net';
import tls from 'node:tls';
import type { ISocketFactoryArgs } from 'kafkajs';
import { FrameAssembler } from './frame-assembler.js';

const keepAliveDelayMs = 60_000;

/** As the client has it; without TLS, `ssl` is false or not there, though its types say otherwise. */
type BrokerAddress = Omit<ISocketFactoryArgs, 'ssl'> & { readonly ssl?: ISocketFactoryArgs['ssl'] | false };

/**
 * A connection to a broker that hands over whole answers only, each in a buffer of its own, into which the system reads:
 * collecting an answer of megabytes from pieces costs more than looking through it.
 */
export function framedSocket({ host, port, ssl, onConnect }: BrokerAddress): net.Socket {
  const frames = new FrameAssembler((frame) => {
    socket.emit('data', frame);
  });
  const onread = {
    buffer: () => frames.space(),
    callback: (bytes: number) => {
      try {
        frames.filled(bytes);
        return true;
      } catch (failure) {
        socket.destroy(failure instanceof Error ? failure : new Error(String(failure)));
        return false;
      }
    },
  };
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  const socket: net.Socket = ssl
    ? // Its types do not know `onread`.
      tls.connect({ host, port, ...servername, ...ssl, ...{ onread } }, onConnect)
    : net.connect({ host, port, onread }, onConnect);
  socket.setKeepAlive(true, keepAliveDelayMs);
  return socket;
}
