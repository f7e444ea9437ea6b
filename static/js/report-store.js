/* What was typed and not confirmed by the server yet, kept on this machine under the person, the report and the row. */

const key = (sheet, unit) => `portal:${sheet.user}:${sheet.report}:${unit}`;

export function remember(sheet, unit, record) {
  try {
    if (Object.keys(record.fields).length) localStorage.setItem(key(sheet, unit), JSON.stringify(record));
    else localStorage.removeItem(key(sheet, unit));
    return true;
  } catch {
    return false; // full or forbidden: the page still holds the text and still warns before leaving
  }
}

export function recall(sheet, unit) {
  try {
    return JSON.parse(localStorage.getItem(key(sheet, unit)));
  } catch {
    return null;
  }
}
