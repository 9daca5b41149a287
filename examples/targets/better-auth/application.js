/** The login and the consent page as a small application in the browser, over better-auth's JSON API (`--javascript`). */

const QUERY = location.search.slice(1); // the authorization request, signed by the library
const root = document.getElementById('application');
const { clientName } = root.dataset;

const PAGES = { '/login': login, '/consent': consent };

await PAGES[location.pathname]();

async function login() {
  const email = field('E-mail', { type: 'email', autocomplete: 'username' });
  const password = field('Password', { type: 'password', autocomplete: 'current-password' });
  const button = make('button', { type: 'button' }, 'Log in');
  const message = make('p', { role: 'alert' });
  button.addEventListener('click', async () => {
    const { status, body } = await post('/sign-in/email', {
      email: email.querySelector('input').value, password: password.querySelector('input').value,
    });
    if ([400, 401].includes(status) && !body.error) message.textContent = body.message;
    else goOn(body);
  });
  const to = make('p', {}, `Log in to continue to ${clientName}.`);
  show('Log in', to, message, email, password, button);
}

async function consent() {
  const session = await (await fetch('/api/auth/get-session')).json();
  const answer = (accept) => async () => goOn((await post('/oauth2/consent', { accept })).body);
  const buttons = [['Allow', true], ['Deny', false]].map(([label, accept]) => {
    const button = make('button', { type: 'button' }, label);
    button.addEventListener('click', answer(accept));
    return button;
  });
  const scopes = new URLSearchParams(QUERY).get('scope') ?? '';
  show(`Allow ${clientName}?`, make('p', {}, `${clientName} asks ${session?.user.email} for: ${scopes}`), ...buttons);
}

async function post(path, body) {
  const answer = await fetch(`/api/auth${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ ...body, oauth_query: QUERY }),
  });
  return { status: answer.status, body: (await answer.json()) ?? {} };
}

/** The library answers with the address where the browser goes next, or with an error. */
function goOn({ url, error_description: description, message, error }) {
  if (url) location.assign(url);
  else show('This cannot go on', make('p', { role: 'alert' }, description ?? message ?? error));
}

function show(title, ...content) {
  document.title = title;
  document.querySelector('h1').textContent = title;
  root.replaceChildren(...content);
}

function field(label, attributes) {
  const made = make('label', {}, label);
  made.append(make('input', attributes));
  return made;
}

function make(name, attributes = {}, text = '') {
  const made = Object.assign(document.createElement(name), { textContent: text });
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
