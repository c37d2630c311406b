/** HTTP dates. RFC 9110 §5.6.7: one format is sent, three are understood. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const TIME = '(\\d\\d):(\\d\\d):(\\d\\d)';
const IMF = new RegExp(`^[A-Z][a-z]{2}, (\\d\\d) ([A-Z][a-z]{2}) (\\d{4}) ${TIME} GMT$`);
const RFC850 = new RegExp(`^[A-Z][a-z]{5,8}, (\\d\\d)-([A-Z][a-z]{2})-(\\d\\d) ${TIME} GMT$`);
const ASCTIME = new RegExp(`^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \\d]\\d) ${TIME} (\\d{4})$`);

/** @param {number} seconds  since 1970 */
export function formatDate(seconds) {
  return new Date(seconds * 1000).toUTCString();
}

/**
 * @param {string} text
 * @returns {number | null}  seconds since 1970; null when it is no date
 */
export function parseDate(text, now = new Date()) {
  let match;
  if ((match = IMF.exec(text))) {
    const [, day, month, year, ...time] = match;
    return seconds(Number(year), month, day, time);
  }
  if ((match = RFC850.exec(text))) {
    const [, day, month, year, ...time] = match;
    return seconds(fullYear(Number(year), now.getUTCFullYear()), month, day, time);
  }
  if ((match = ASCTIME.exec(text))) {
    const [, month, day, ...time] = match;
    return seconds(Number(time.pop()), month, day, time);
  }
  return null;
}

/** Two digits that seem to lie more than 50 years ahead are of the last century. */
function fullYear(year, thisYear) {
  const guess = thisYear - (thisYear % 100) + year;
  return guess > thisYear + 50 ? guess - 100 : guess;
}

function seconds(year, monthName, day, [hours, minutes, secs]) {
  const month = MONTHS.indexOf(monthName);
  const ms = Date.UTC(year, month, Number(day), Number(hours), Number(minutes), Number(secs));
  return month === -1 || Number.isNaN(ms) ? null : ms / 1000;
}
