// What stands in the document now, as HTML that can be read without scripts. Nothing of the page is changed: a copy in
// an inert document is. In it a field without a name gets one, controls without a form get a form, and whatever a person
// would press is a button that submits, since only the scripts know what it does. `data-sessionproof` is the position in
// `elements`, where the real ones are.
() => {
  const ORPHANS = 'sessionproof-page';
  const elements = [...document.querySelectorAll('*')];
  const inert = document.implementation.createHTMLDocument('');
  const root = inert.importNode(document.documentElement, true);
  const copies = [root, ...root.querySelectorAll('*')];
  elements.forEach((element, position) => {
    const copy = copies[position];
    if (!element.matches('a[href], input, select, textarea, button, [role=button]')) return;
    copy.setAttribute('data-sessionproof', position);
    if (!element.checkVisibility({ visibilityProperty: true })) copy.setAttribute('hidden', '');
    if (element.matches('a[href]')) {
      if (/^\s*javascript:/i.test(element.getAttribute('href'))) copy.setAttribute('href', '#');
      return;
    }
    const pressed = element.matches('button, input, select, textarea') ? copy : asButton(copy);
    if (!element.form) pressed.setAttribute('form', ORPHANS);
    if (pressed !== copy || ['button', 'submit'].includes(element.type)) pressed.setAttribute('type', 'submit');
    else withState(element, copy, position);
  });
  for (const unread of root.querySelectorAll('script, noscript, template, style')) unread.remove();
  const form = inert.createElement('form');
  form.id = ORPHANS;
  if (root.querySelector(`[form=${ORPHANS}]`)) root.querySelector('body')?.append(form);
  return { html: `<!DOCTYPE html>${root.outerHTML}`, url: location.href, elements };

  function withState(element, copy, position) {
    if (!element.name) copy.setAttribute('name', element.id || `control-${position}`);
    if (element.type === 'checkbox' || element.type === 'radio') copy.toggleAttribute('checked', element.checked);
    else if (element.tagName === 'INPUT' && !['password', 'file'].includes(element.type)) {
      copy.setAttribute('value', element.value);
    } else if (element.tagName === 'TEXTAREA') copy.textContent = element.value;
    else if (element.tagName === 'SELECT') {
      [...element.options].forEach((option, i) => {
        copy.querySelectorAll('option')[i].toggleAttribute('selected', option.selected);
      });
    }
  }

  function asButton(copy) {
    const button = inert.createElement('button');
    for (const { name, value } of copy.attributes) button.setAttribute(name, value);
    button.append(...copy.childNodes);
    copy.replaceWith(button);
    return button;
  }
}
