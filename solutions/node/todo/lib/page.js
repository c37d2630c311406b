/**
 * The page: one document, with its style and its script in it.
 *
 * Its policy names the two by their hashes and allows nothing else. A title that was meant to be a
 * script is shown as text by page.js, and would not run if it were not.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [document, style, script] = ['page.html', 'page.css', 'page.js'].map(read);

export const page = {
  body: document.replace('/* page.css */', () => style).replace('/* page.js */', () => script),
  policy: [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

function read(name) {
  return readFileSync(new URL(`../page/${name}`, import.meta.url), 'utf8');
}

function hash(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
