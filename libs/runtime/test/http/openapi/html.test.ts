import { html, prose } from '#runtime/http/openapi/html';

test('what is put into a page is escaped, unless it is HTML already', () => {
  const inner = html`<b>${'1 < 2 & "3"'}</b>`;
  expect(html`<p title="${'"><script>'}">${[inner, '<i>', 4]}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;"><b>1 &lt; 2 &amp; &quot;3&quot;</b>&lt;i&gt;4</p>',
  );
});

test('in prose, what is in backticks is code', () => {
  expect(prose('Send `{"a"}`, or <b>.').text).toBe('Send <code>{&quot;a&quot;}</code>, or &lt;b&gt;.');
});
