/** Our own pages: login, consent, error. Plain HTML forms, no JavaScript. Everything variable is escaped. */

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A template tag: html`<p>${text}</p>` escapes every value, except results of `html` itself and lists of them. */
function html(strings, ...values) {
  const markup = (one) => (one instanceof Markup ? one.text : escape(one));
  const parts = values.map((value) => [value].flat().map(markup).join(''));
  return new Markup(String.raw({ raw: strings }, ...parts));
}

class Markup {
  constructor(text) {
    this.text = text;
  }
}

const escape = (value) => String(value ?? '').replace(/[&<>"']/g, (character) => ENTITIES[character]);

const STYLE = html`
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem; color: #222 }
  h1 { font-size: 1.3rem } label { display: block; margin: .7rem 0 }
  input { display: block; width: 100%; font: inherit; padding: .3rem }
  button { font: inherit; padding: .3rem 1rem; margin-right: .5rem } [role=alert] { color: #a40000 }`;

function page(name, title, body) {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body data-page="${name}">
<h1>${title}</h1>
${body}
</body>
</html>
`.text;
}

/** The login page. `message` says what went wrong with the last attempt, `email` is what to put into its field. */
export function loginPage({ action, clientName, email, message }) {
  return page('login', 'Log in', html`
<p>Log in to continue to <strong>${clientName}</strong>.</p>
${message ? html`<p role="alert">${message}</p>` : ''}
<form method="post" action="${action}">
  <label>E-mail <input name="email" type="email" value="${email}" autocomplete="username" required autofocus></label>
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <button type="submit">Log in</button>
</form>`);
}

/** The consent page: who (`email`) is asked to let which application have which scopes. */
export function consentPage({ action, clientName, email, scopes }) {
  return page('consent', `Allow ${clientName}?`, html`
<p><strong>${clientName}</strong> asks <strong>${email}</strong> for:</p>
<ul>${scopes.map((scope) => html`<li>${scope}</li>`)}</ul>
<form method="post" action="${action}">
  <button type="submit" name="decision" value="allow">Allow</button>
  <button type="submit" name="decision" value="deny">Deny</button>
</form>`);
}

/** An empty page that a script makes the login or the consent page of. */
export function applicationPage({ clientName }) {
  return page('application', 'Loading', html`
<noscript>This page needs JavaScript.</noscript>
<div id="application" data-client-name="${clientName}"></div>
<script type="module" src="/application.js"></script>`);
}

/** A page for what cannot be answered with a redirect. */
export function errorPage({ message }) {
  return page('error', 'This cannot go on', html`
<p role="alert">${message}</p>
<p>Go back to the application and start again there.</p>`);
}
