type Element = string | number | boolean | null;

const special = /["\\]/;
const everySpecial = /["\\]/g;

/** A Postgres array literal. The driver makes the same of an array, at several times the cost. */
export function arrayText(elements: readonly Element[]): string {
  let text = '{';
  for (let place = 0; place < elements.length; place += 1) {
    const element = elements[place] ?? null;
    if (place > 0) text += ',';
    if (typeof element === 'string') text += `"${escaped(element)}"`;
    else text += element === null ? 'NULL' : String(element);
  }
  return `${text}}`;
}

function escaped(element: string): string {
  return special.test(element) ? element.replaceAll(everySpecial, String.raw`\$&`) : element;
}
