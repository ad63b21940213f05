// The focus stays where the planner works: a control that is disabled by what it does (the last
// step is undone) or made again (in another language) would leave it to the whole page.

const SETTLED = 100; // ms without a change, after which what belongs to a press has all arrived

// Keeps the focus in `box`; returns the function that ends it.
function keepFocus(box) {
  let last = null, index = 0, row = null, waiting = null; // the control that had the focus
  const kindOf = (one) => [one.tagName, one.type, one.getAttribute("role")].join();
  const alike = () => [...box.querySelectorAll(CONTROLS)]
    .filter((one) => kindOf(one) === kindOf(last));
  const remember = ({ target }) => {
    last = box.contains(target) ? target.closest(CONTROLS) : null;
    if (!last) return;
    index = alike().indexOf(last);
    row = last.parentElement;
  };
  const restore = () => { // to the same control, or to the nearest of its kind, first in its row
    const active = document.activeElement;
    if (active !== last && active !== document.body) return;
    const far = (one, place) => Math.abs(place - index) + (one.parentElement === row ? 0 : 1000);
    const [nearest] = alike().map((one, place) => [far(one, place), one])
      .filter(([, one]) => !one.disabled && one.checkVisibility()).sort(([a], [b]) => a - b);
    nearest?.[1].focus({ preventScroll: true });
  };
  const watched = new MutationObserver(() => {
    clearTimeout(waiting);
    if (last && (last.disabled || !last.isConnected)) waiting = setTimeout(restore, SETTLED);
  });
  watched.observe(box, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  const moved = ["focusin", "pointerdown"]; // by the planner
  for (const name of moved) document.addEventListener(name, remember, true);
  return () => {
    clearTimeout(waiting);
    watched.disconnect();
    for (const name of moved) document.removeEventListener(name, remember, true);
  };
}
