// Behavior of the pages: no dependencies but htmx, no eval, no inline handlers.
// Everything listens on the document, so fragments that htmx puts in need no setup.
(() => {
  const doc = document, root = doc.documentElement;
  const $ = (s, r = doc) => r.querySelector(s), $$ = (s, r = doc) => [...r.querySelectorAll(s)];
  const on = (type, fn, opt) => doc.addEventListener(type, fn, opt);
  const fmt = n => n.toLocaleString('en-US');
  const typing = e => e.target.closest('input:not([type=checkbox]):not([type=radio]),textarea,select,dialog,[contenteditable]');
  const go = url => { location.href = url; };

  // theme: the server keeps it in a cookie; here it changes at once
  on('submit', e => {
    const f = e.target;
    if (!f.matches('[data-theme-form]')) return;
    e.preventDefault();
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = f.elements.theme.value = dark ? 'light' : 'dark';
    fetch(f.action, { method: 'POST', body: new URLSearchParams(new FormData(f)), headers: { 'X-Requested-With': 'fetch' } });
  });

  // palette
  const pal = $('#palette');
  const options = () => $$('[role=option]', pal);
  const pick = o => {
    options().forEach((x, i) => { x.id = 'pal-' + i; x.setAttribute('aria-selected', x === o); });
    const input = $('input', pal);
    if (o) { input.setAttribute('aria-activedescendant', o.id); o.scrollIntoView({ block: 'nearest' }); } else input.removeAttribute('aria-activedescendant');
  };
  const openPalette = text => {
    if (!pal || pal.open) return;
    const input = $('input', pal);
    input.value = text || '';
    pal.showModal();
    input.focus();
    htmx.trigger(input, 'palette');
  };
  if (pal) {
    pal.addEventListener('keydown', e => {
      const all = options(), i = all.findIndex(o => o.getAttribute('aria-selected') === 'true');
      if (e.key === 'ArrowDown' && all.length) { e.preventDefault(); pick(all[(i + 1) % all.length]); }
      if (e.key === 'ArrowUp' && all.length) { e.preventDefault(); pick(all[(i - 1 + all.length) % all.length]); }
      if (e.key === 'Enter') {
        e.preventDefault();
        const url = all[i] ? all[i].dataset.url : '/search?q=' + encodeURIComponent($('input', pal).value);
        if (e.ctrlKey || e.metaKey) open(url); else go(url);
      }
    });
    pal.addEventListener('click', e => { const o = e.target.closest('[role=option]'); if (o) go(o.dataset.url); else if (e.target === pal) pal.close(); });
  }

  // new content from the server
  on('htmx:after:process', e => {
    const t = e.target;
    if (!t.closest || t.closest('.bulk')) return;
    if (t.closest('#pal-list')) pick(options()[0]);
    const dlg = $('#dialog dialog');
    if (dlg && !dlg.open) { dlg.showModal(); phrases(); }
    if (t.closest('#list') || $('#list', t)) { if (chosen) say('Selection cleared because the filter changed'); clear(); }
    if (t.closest('#preview') || $('#preview', t)) matrix();
  });
  const say = text => { const s = $('#say'); if (s) s.textContent = text; };

  // selection: ids of this page, or the query and the count that was seen
  const list = () => $('[data-list]');
  const boxes = () => $$('[data-list] tbody .cb');
  const scope = () => { const s = $('#sel-scope'); return s ? s.value : ''; };
  let cur = -1, anchor = -1, star = 0, g = 0, chosen = 0;
  const paint = () => {
    const l = list();
    if (!l) return;
    const bs = boxes(), sel = bs.filter(b => b.checked).length, page = bs.length > 0 && sel === bs.length, all = scope() === 'all';
    const total = +l.dataset.total, count = all ? total : sel;
    chosen = count;
    bs.forEach((b, i) => { const r = b.closest('tr'); r.classList.toggle('is-sel', b.checked); r.classList.toggle('is-cur', i === cur); });
    $$('[data-all]').forEach(a => { a.checked = page; a.indeterminate = sel > 0 && !page; });
    const offer = $('#offer'), taken = $('#taken');
    if (offer) { offer.hidden = !page || all; taken.hidden = !all; }
    const bar = $('.bulk');
    if (bar) {
      bar.classList.toggle('is-on', count > 0);
      $('[data-bulk-n]').textContent = fmt(count) + ' selected';
      $('[data-bulk-s]').textContent = all ? 'everything that matches' : page ? 'this page only' : '';
      const left = $('#bulk-left');
      if (left && count) htmx.trigger(left, 'chosen'); else if (left) left.textContent = '';
    }
  };
  const setScope = v => { const s = $('#sel-scope'); if (s) s.value = v; };
  const clear = () => { boxes().forEach(b => { b.checked = false; }); setScope('ids'); paint(); };
  const takePage = v => { boxes().forEach(b => { b.checked = v; }); setScope('ids'); paint(); };
  on('change', e => {
    const t = e.target;
    if (t.matches('[data-all]')) takePage(t.checked);
    else if (t.matches('[data-list] tbody .cb')) { setScope('ids'); cur = anchor = boxes().indexOf(t); paint(); }
  });

  // sync settings: header boxes, marks on changed boxes
  const matrix = () => {
    const mx = $('[data-mx]');
    if (!mx) return;
    const cells = $$('td[data-on]', mx), box = td => $('.cb', td);
    cells.forEach(td => {
      const now = box(td).checked, was = td.dataset.on === '1', n = +td.dataset.n;
      td.classList.toggle('chg-add', now && !was); td.classList.toggle('chg-rem', !now && was);
      $('.d', td).textContent = now === was || !n ? '' : (now ? '+' : '−') + fmt(n);
    });
    $$('[data-row],[data-col]', mx).forEach(h => {
      const set = cells.filter(td => h.dataset.row ? td.dataset.r === h.dataset.row : td.dataset.c === h.dataset.col), n = set.filter(td => box(td).checked).length;
      h.checked = n === set.length; h.indeterminate = n > 0 && n < set.length;
    });
  };
  on('change', e => {
    const h = e.target;
    if (h.matches('[data-row],[data-col]')) $$('td[data-on]').filter(td => h.dataset.row ? td.dataset.r === h.dataset.row : td.dataset.c === h.dataset.col).forEach(td => { $('.cb', td).checked = h.checked; });
    if (h.closest('[data-mx]')) matrix();
  });
  on('reset', e => { if ($('[data-mx]', e.target)) setTimeout(() => { matrix(); htmx.trigger(e.target, 'change'); }); });

  // typed phrase: case, spaces and commas do not matter, the number does
  const norm = s => s.trim().toLowerCase().replace(/,/g, '').replace(/\s+/g, ' ');
  const phrase = inp => {
    const btn = doc.getElementById(inp.dataset.for), want = norm(inp.dataset.phrase), got = norm(inp.value), ok = got === want;
    btn.setAttribute('aria-disabled', !ok);
    const help = doc.getElementById(inp.getAttribute('aria-describedby'));
    if (help) help.textContent = ok ? 'Matches.' : got && !want.startsWith(got) ? 'That doesn’t match yet. Check the number.' : 'The comma is optional.';
  };
  const phrases = () => $$('[data-phrase]').forEach(phrase);
  on('input', e => { if (e.target.matches('[data-phrase]')) phrase(e.target); });

  // list fields of a form: rows without a round trip
  const renumber = box => {
    const rows = $$('.rows__r', box);
    rows.forEach((r, i) => $$('[name]', r).forEach(f => {
      f.name = f.name.replace(/\.\d+(?=\.[^.]*$)|\.\d+$/, '.' + i);
      if (f.value && f.type === 'submit') f.value = f.value.replace(/\.\d+$/, '.' + i);
      if (f.id) { const l = $(`label[for="${f.id}"]`, r); f.id = f.id.replace(/-\d+-/, `-${i}-`); if (l) l.htmlFor = f.id; }
    }));
    $('[data-sent]', box).value = rows.length;
  };

  on('click', e => {
    const t = e.target, hit = s => t.closest(s);
    let b;
    if (hit('[aria-disabled="true"]')) { e.preventDefault(); return; }
    if (hit('[data-palette]')) { e.preventDefault(); openPalette(); }
    if (hit('[data-matching]')) { setScope('all'); paint(); }
    if (hit('[data-clear]')) clear();
    if (hit('[data-scope]')) setScope(hit('[data-scope]').dataset.scope === 'keep' ? scope() : hit('[data-scope]').dataset.scope);
    if (hit('[data-over]') && $('#over')) { e.preventDefault(); $('#over').showModal(); return; }
    if ((b = hit('[data-insert]'))) {
      e.preventDefault();
      const i = $('.query input');
      i.value = (i.value.trim() + ' ' + b.dataset.insert).trim() + ' ';
      i.focus();
      i.dispatchEvent(new Event('input', { bubbles: true }));
    }
    if ((b = hit('[data-close]')) && hit('dialog')) { e.preventDefault(); hit('dialog').close(); }
    if ((b = hit('[data-add]'))) {
      e.preventDefault();
      const box = b.closest('[data-rows]'), last = $$('.rows__r', box).pop(), row = last.cloneNode(true);
      $$('input,select', row).forEach(f => { if (f.type === 'checkbox') f.checked = false; else f.value = ''; });
      last.after(row);
      renumber(box);
      $('input', row).focus();
    }
    if ((b = hit('[data-remove]'))) {
      e.preventDefault();
      const box = b.closest('[data-rows]'), row = b.closest('.rows__r');
      if ($$('.rows__r', box).length > 1) row.remove(); else $$('input', row).forEach(f => { f.value = ''; f.checked = false; });
      renumber(box);
      $('[data-add]', box).focus();
    }
    if ((b = hit('.toast [data-hide]'))) b.closest('.toast').remove();
    $$('details.menuwrap[open]').forEach(d => { if (!d.contains(t)) d.open = false; });
  });

  // live pages: counters over SSE, every 2 s by hand when that fails
  let poll = 0, told = -1;
  const startPoll = e => {
    const el = e.target;
    if (poll || !el.dataset || !el.dataset.poll) return;
    poll = setInterval(() => { if (!doc.hidden) htmx.ajax('GET', el.dataset.poll, { source: el, target: el, swap: 'innerMorph' }); }, 2000);
  };
  on('htmx:sse:error', startPoll);
  // a fragment that failed: open its page, which says why
  on('htmx:response:error', e => {
    const { request, target } = e.detail.ctx;
    if (e.target.dataset && e.target.dataset.poll) startPoll(e);
    else if (target && (target.id === 'list' || target.id === 'dialog') && request.method === 'GET') go(request.action);
    else if (target && target.id === 'dialog') toast('The selection changed. Load the page again.');
    else if (target && target.id === 'preview') toast('The numbers could not be counted. Your changes are still here.');
  });
  on('htmx:error', e => { const t = e.target; if (!t.closest || !t.closest('#jobpill,[data-poll],[list],#palette')) toast('Can’t reach the server. Your work on this page is still here.'); });
  on('htmx:sse:after:message', () => {
    clearInterval(poll); poll = 0;
    const bar = $('#live [role=progressbar]');
    if (!bar) return;
    const n = Math.floor(bar.getAttribute('aria-valuenow') / 10) * 10;
    if (n !== told) { told = n; say(n + ' percent'); }
  });
  on('finished', () => location.reload());
  // the pill may load the page anew: not under a person's hands
  on('htmx:before:request', e => { if (e.target.id === 'jobpill' && $('dialog[open],details.menuwrap[open]')) e.preventDefault(); });

  // times that count down
  setInterval(() => $$('[data-left]').forEach(el => { el.textContent = el.dataset.left = Math.max(0, el.dataset.left - 1); }), 1000);

  const toast = text => {
    const box = $('.toasts'), d = doc.createElement('div');
    if (!box || box.textContent.includes(text)) return;
    d.className = 'toast toast--err';
    d.textContent = text;
    box.append(d);
    setTimeout(() => d.remove(), 10000);
  };

  // toasts leave after 10 s unless a person is at them; errors stay
  $$('.toast:not(.toast--err)').forEach(t => {
    const leave = () => { if (t.matches(':hover,:focus-within')) setTimeout(leave, 2000); else t.remove(); };
    setTimeout(leave, 10000);
  });

  // keys
  const goto = { d: '/', o: '/organizations', i: '/account/integrations', j: '/jobs', t: '/trash', u: '/organizations?q=sync+status%3A+orphaned', c: '/contacts', a: '/activity', b: '/account/backups' };
  on('keydown', e => {
    const k = e.key;
    if ((e.ctrlKey || e.metaKey) && k.toLowerCase() === 'k') { e.preventDefault(); openPalette(); return; }
    if ((e.ctrlKey || e.metaKey) && k === 'Enter') { const f = e.target.closest('form[data-save]'); if (f) { e.preventDefault(); f.requestSubmit($('[data-primary]', f)); } return; }
    if ((e.ctrlKey || e.metaKey) && k === 'z' && !typing(e)) { const u = $('.toast [data-undo]'); if (u) { e.preventDefault(); u.click(); } return; }
    if (k === 'Escape') {
      const d = $('details.menuwrap[open]');
      if (d) { d.open = false; $('summary', d).focus(); } else if (!typing(e)) clear();
      return;
    }
    const menu = e.target.closest('.menuwrap[open]');
    if (menu && (k === 'ArrowDown' || k === 'ArrowUp')) {
      e.preventDefault();
      const it = $$('a,button,.cb', menu), i = it.indexOf(doc.activeElement);
      if (it.length) it[(i + (k === 'ArrowDown' ? 1 : it.length - (i < 0 ? 0 : 1))) % it.length].focus();
      return;
    }
    if (typing(e) || e.ctrlKey || e.metaKey || e.altKey || root.dataset.keys === 'off' || $('[data-phrase]')) return; // letters of a phrase are no shortcuts
    if (Date.now() - g < 1000) {
      g = 0;
      if (k === 'r') { openPalette(); return; }
      if (k === 'm') { const m = $('[data-key-m]'); go(m ? m.href : '/account/integrations'); return; }
      if (goto[k]) { go(goto[k]); return; }
    }
    const bs = boxes(), rows = bs.length ? bs.map(b => b.closest('tr')) : $$('[data-list] tbody tr,[data-card]');
    const move = d => { e.preventDefault(); if (!rows.length) return; cur = Math.max(0, Math.min(rows.length - 1, cur + d)); rows[cur].scrollIntoView({ block: 'nearest' }); $('a,input', rows[cur]).focus({ preventScroll: true }); rows.forEach((r, i) => r.classList.toggle('is-cur', i === cur)); };
    const click = s => { const b = $(s); if (b) { e.preventDefault(); b.click(); } };
    if (k === 'g') g = Date.now();
    else if (k === '/') { const i = $('.query input'); e.preventDefault(); if (i) { i.focus(); i.setSelectionRange(i.value.length, i.value.length); } else openPalette(); }
    else if (k === '?') click('[data-help]');
    else if (rows.length && (k === 'j' || (k === 'ArrowDown' && cur >= 0))) move(1);
    else if (rows.length && (k === 'k' || (k === 'ArrowUp' && cur >= 0))) move(-1);
    else if (k === 'x' && bs[cur]) { bs[cur].checked = !bs[cur].checked; setScope('ids'); anchor = cur; paint(); }
    else if (k === 'X' && bs[cur]) { for (let i = Math.max(0, Math.min(anchor, cur)); i <= Math.max(anchor, cur); i++) bs[i].checked = true; setScope('ids'); paint(); }
    else if (k === '*') star = Date.now();
    else if (k === 'a' && Date.now() - star < 1200 && bs.length) { star = Date.now(); if (bs.every(b => b.checked)) { setScope('all'); paint(); } else takePage(true); }
    else if (k === 'o' && rows[cur]) { const a = $('a.nm', rows[cur]); if (a) go(a.href); }
    else if (k === 'n') click('[data-new]');
    else if (k === 'e') click('[data-edit]');
    else if (k === '#') click('.bulk.is-on [data-plan]');
    else if (k === 'p') click('.bulk.is-on [data-protect]');
  });

  // a page about one row leads back to the row, and to where the list was scrolled
  on('click', e => { const a = e.target.closest('tr[id] a[data-leave]'); if (a) sessionStorage.setItem('at#' + a.closest('tr').id, scrollY); });
  const was = sessionStorage.getItem('at' + location.hash);
  if (was) addEventListener('load', () => setTimeout(() => scrollTo(0, +was)));

  // the phrase of a plan takes the focus where it is in sight anyway
  const ask = $('main [data-phrase]'), seen = ask && ask.getBoundingClientRect();
  if (ask && seen.top >= 0 && seen.bottom <= innerHeight) ask.focus({ preventScroll: true });

  paint(); matrix(); phrases();
})();
