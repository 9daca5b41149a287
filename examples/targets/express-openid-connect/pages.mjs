/** The one page that there is, with and without a user. Plain HTML, no JavaScript. */

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escape = (value) => value.replace(/[&<>"']/g, (character) => ENTITIES[character]);

/** `user` is shown in the element with id="user", which is absent where nobody is logged in. */
export function page(title, user) {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
</head>
<body>
<h1>${escape(title)}</h1>
${user ? `<p id="user">${escape(user)}</p>` : '<p>Nobody is logged in.</p>'}
<ul>
${LINKS.map(([path, text]) => `<li><a href="${path}">${text}</a></li>`).join('\n')}
</ul>
</body>
</html>
`;
}

const LINKS = [
  ['/', 'Shop'],
  ['/account', 'My account'],
  ['/login', 'Log in'],
  ['/switch', 'Log in as somebody else'],
  ['/silent', 'Look whether I am logged in'],
  ['/local-logout', 'Log out here'],
  ['/logout', 'Log out everywhere'],
];
