/** Of the pages of the login: our only style sheet, for light and dark, and narrow windows. Contrasts are 4.5 to 1 and more. */
export const style = `:root { color-scheme: light dark; --ground: #f4f6f8; --card: #fff; --ink: #16202a; --soft: #51606f;
  --line: #7d8b99; --accent: #0b5cad; --on-accent: #fff; --bad: #a1171c; --bad-ground: #fdecec; --good: #1a6334; }
@media (prefers-color-scheme: dark) { :root { --ground: #10161c; --card: #19222b; --ink: #e8edf2; --soft: #a9b6c3;
  --line: #70808f; --accent: #7db8f5; --on-accent: #0c1a28; --bad: #ffb3b0; --bad-ground: #44191b; --good: #8fd6a5; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 25rem; padding: 2rem; background: var(--card); border-radius: .75rem;
  box-shadow: 0 1px 3px #0003, 0 8px 24px #0001; overflow-wrap: anywhere; }
.brand { margin: 0 0 1.25rem; color: var(--soft); font-weight: 600; letter-spacing: .02em; }
h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
label { display: block; margin: 0 0 .25rem; font-weight: 600; }
.hint { margin: -.5rem 0 1rem; color: var(--soft); font-size: .875rem; }
input, select, button, .way { display: block; width: 100%; min-height: 2.75rem; margin: 0 0 1rem; padding: .5rem .75rem;
  border: 1px solid var(--line); border-radius: .5rem; background: transparent; color: inherit; font: inherit; }
option { background: var(--card); color: var(--ink); }
button { border-color: var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
button.quiet { background: transparent; color: var(--accent); }
.way { text-align: center; text-decoration: none; color: var(--accent); font-weight: 600; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
.error { margin: 0 0 1.25rem; padding: .75rem 1rem; border-left: 4px solid var(--bad); border-radius: .25rem;
  background: var(--bad-ground); color: var(--bad); }
.error p { margin: 0; } .error p + p { margin-top: .5rem; }
code { font-size: .9em; }
.said { color: var(--good); font-weight: 600; }
.or { display: flex; align-items: center; gap: .75rem; margin: .25rem 0 1rem; color: var(--soft); font-size: .875rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
ul { margin: 0; padding: 0; list-style: none; }
main > :last-child, ul > :last-child > .way, form:last-child > :last-child { margin-bottom: 0; }
@media (max-width: 30rem) { body { place-items: start stretch; padding: 0; background: var(--card); }
  main { max-width: none; padding: 1.5rem 1.25rem; box-shadow: none; border-radius: 0; } }
@media (forced-colors: active) { .error, main { border: 1px solid; } }
`;
