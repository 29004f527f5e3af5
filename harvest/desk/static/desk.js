// Keys for what the page can do without them, too: whatever carries data-key answers to that key.
"use strict";

const typing = (target) => target.closest("textarea, input:not([type=radio])") !== null;
let sent = false;

function press(target) {
  if (target.matches("textarea")) target.focus();
  else if (target.matches("input")) target.checked = true;
  else target.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  press(target);
});

// One vote a page: a second press while the first is on its way would be a vote on the same report.
document.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});

// The browser's "back" may bring a page from its memory: it may be sent again.
window.addEventListener("pageshow", () => { sent = false; });
