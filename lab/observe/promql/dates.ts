/** A moment's UTC date, for any number of seconds since the epoch. */
export interface CalendarDate {
  readonly year: number;
  /** The same date in one of four hundred years, which is as far as calendars differ: all but the year is right. */
  readonly date: Date;
}

const CYCLE_SECONDS = 146_097n * 86_400n;
const CYCLE_BEGIN_MS = Date.UTC(2001, 0, 1);
/** The year with which Go's time begins, so many cycles before 2001. */
const CYCLES_BEFORE_2001 = 730_692_561n;
const GO_BEGIN = BigInt(CYCLE_BEGIN_MS / 1000) - CYCLES_BEFORE_2001 * CYCLE_SECONDS;
/** What Go's int64 makes of a number that does not fit, on the usual processors. */
const NO_INTEGER = -(1n << 63n);

/** As Go, whose Prometheus takes NaN for a moment at the end of time. */
export function calendarDate(seconds: number): CalendarDate {
  const whole = Math.abs(seconds) < 9_223_372_036_854_775_808 ? BigInt(Math.trunc(seconds)) : NO_INTEGER;
  const since = BigInt.asUintN(64, whole - GO_BEGIN);
  const date = new Date(CYCLE_BEGIN_MS + Number(since % CYCLE_SECONDS) * 1000);
  const cycles = Number(since / CYCLE_SECONDS - CYCLES_BEFORE_2001);
  return { date, year: date.getUTCFullYear() + cycles * 400 };
}

const DAY_MS = 86_400_000;

/** 1 to 366. */
export const dayOfYear = (date: Date): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;

/** 28 to 31. */
export const daysInMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
