const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;

/**
 * Offsets of time zones from UTC. Asking Intl is slow (microseconds), so a zone's answer is kept per UTC day; on the two
 * days a year on which a zone changes its offset it is asked for every instant.
 */
export class TimeZones {
  private readonly formats = new Map<string, Intl.DateTimeFormat>();
  private readonly days = new Map<string, number | 'changes'>();

  /** Minutes east of UTC at an instant. */
  offsetMinutes(zone: string, instantMs: number): number {
    const day = Math.floor(instantMs / dayMs);
    const id = `${zone}/${day}`;
    let offset = this.days.get(id);
    if (offset === undefined) {
      const atStart = this.ask(zone, day * dayMs);
      offset = atStart === this.ask(zone, (day + 1) * dayMs) ? atStart : 'changes';
      this.days.set(id, offset);
    }
    return offset === 'changes' ? this.ask(zone, instantMs) : offset;
  }

  /** The instant at which clocks of the zone show this local time (epoch milliseconds, as if it were UTC). */
  toInstant(zone: string, localMs: number): number {
    const guess = localMs - this.offsetMinutes(zone, localMs) * minuteMs;
    return localMs - this.offsetMinutes(zone, guess) * minuteMs;
  }

  /** Local time as epoch milliseconds, as if it were UTC. */
  toLocal(zone: string, instantMs: number): number {
    return instantMs + this.offsetMinutes(zone, instantMs) * minuteMs;
  }

  private ask(zone: string, instantMs: number): number {
    const parts = this.format(zone).formatToParts(instantMs);
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const match = /^GMT(?:([+-])(\d{2}):(\d{2}))?$/.exec(name);
    if (!match) throw new RangeError(`no offset known for ${zone}: ${name}`);
    const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
    return match[1] === '-' ? -minutes : minutes;
  }

  private format(zone: string): Intl.DateTimeFormat {
    let format = this.formats.get(zone);
    if (!format) {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
      this.formats.set(zone, format);
    }
    return format;
  }
}

/** As 2013-01-01T05:15:00-05:00. */
export function isoWithOffset(instantMs: number, offsetMinutes: number): string {
  const local = new Date(instantMs + offsetMinutes * minuteMs).toISOString().slice(0, 19);
  const minutes = Math.abs(offsetMinutes);
  const pad = (part: number): string => String(part).padStart(2, '0');
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
