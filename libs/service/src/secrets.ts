/** Shorter ones would blot out innocent text. */
const shortest = 6;
const secretName = /SECRET|PASSWORD|TOKEN/;

const known = new Set<string>();

/** From now on {@link withoutSecrets} finds the secrets of these settings: whatever is named one, and passwords in addresses. */
export function rememberSecrets(settings: object): void {
  for (const [name, value] of Object.entries(settings))
    for (const text of [value].flat())
      if (typeof text === 'string')
        for (const secret of secretName.test(name) ? [text] : passwordsIn(text)) remember(secret);
}

/** The text without any secret of this process's settings, in whichever form it stands there. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, '***');
  return clean;
}

function remember(secret: string): void {
  const escaped = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret).toString('base64');
  for (const form of [secret, escaped, encodeURIComponent(secret), base64])
    if (secret.length >= shortest) known.add(form);
}

/** As written, and as meant. Basic authentication sends name and password together. */
function passwordsIn(address: string): string[] {
  const url = URL.parse(address);
  if (!url || url.password === '') return [];
  const password = decoded(url.password);
  return [url.password, password, Buffer.from(`${decoded(url.username)}:${password}`).toString('base64')];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
